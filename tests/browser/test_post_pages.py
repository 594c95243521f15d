"""Posts from elsewhere in a real browser: the rules for them, the desk, and what the room shows."""

from playwright.sync_api import expect
from visitors import NewVisitor

LINK = "https://example.social/@cat/109"
POST = {"source": "mastodon", "author": "@cat@example.social", "url": LINK, "post_id": "109"}


def test_a_post_waits_at_the_desk_and_leads_from_the_room_to_where_it_was_written(
    new_visitor: NewVisitor,
) -> None:
    host, bob = new_visitor("Harriet"), new_visitor("Bob")
    talk = host.hold()
    desk, room = host.visit(f"/talks/{talk}/desk"), bob.visit(f"/talks/{talk}")

    host.command(talk, "catch_post", text="Hello <b>from</b> outside", **POST)

    queue = desk.get_by_role("region", name="Waiting")
    waiting = queue.get_by_role("listitem").filter(has_text="Hello <b>from</b> outside")
    expect(waiting.get_by_role("link", name="mastodon")).to_have_attribute("href", LINK)
    assert not [message for message in bob.received if "outside" in message]
    waiting.get_by_role("button", name="Approve").click()
    row = room.get_by_role("log").get_by_role("listitem").filter(has_text="outside")
    expect(row).to_contain_text("@cat@example.social")
    link = row.get_by_role("link", name="mastodon")
    expect(link).to_have_attribute("rel", "noopener nofollow ugc")
    expect(link).to_have_attribute("href", LINK)

    desk.get_by_role("log").get_by_role("button", name="More…").click()
    desk.get_by_role("button", name="Pin", exact=True).click()
    expect(row.get_by_text("Pinned", exact=True)).to_be_visible()


def test_a_host_sets_hashtags_and_lets_posts_appear_at_once(new_visitor: NewVisitor) -> None:
    host, bob = new_visitor("Harriet"), new_visitor("Bob")
    talk = host.hold()
    desk, room = host.visit(f"/talks/{talk}/desk"), bob.visit(f"/talks/{talk}")
    desk.get_by_role("button", name="Rules").click()
    posts = desk.get_by_role("group", name="Posts from elsewhere")
    expect(posts.get_by_label("wait for a moderator")).to_be_checked()

    posts.get_by_label("appear at once").check()
    desk.get_by_label("Posts elsewhere are caught by these hashtags").fill("#pricing, costs")
    desk.get_by_role("button", name="Save the rules").click()
    expect(desk.get_by_text("The new rules hold from now on.")).to_be_visible()
    host.command(talk, "catch_post", text="Hello there", **POST)

    row = room.get_by_role("log").get_by_role("listitem").filter(has_text="Hello there")
    expect(row).to_be_visible()
    hashtags = desk.get_by_label("Posts elsewhere are caught by these hashtags")
    expect(hashtags).to_have_value("#pricing #costs")

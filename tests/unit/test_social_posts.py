"""Social posts: caught once, held first, shown with author and link, and gone when deleted."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from auditorium import Auditorium, Stepping
from builders import ANN, HAL, MIA
from deciding_room import Watched

from domain import commands as c
from domain.errors import Invalid, NotAllowed, NotFound, NotOpen, Refused, TextEmpty, TextTooLong
from domain.social import SocialPost, id_of_post, person_of
from domain.speaker import Speaker
from domain.store import ERASED_MARK, Store, open_store
from projections.talk_views import DESK

CAT = "@cat@example.social"
LINK = "https://example.social/@cat/109"


@pytest.fixture
def room() -> Watched:
    return Watched()


def caught(text: str = "Listening to #pricing", **changes: str) -> c.CatchPost:
    told = {"source": "mastodon", "author": CAT, "text": text, "url": LINK, "post_id": "109"}
    return c.converted({**told, **changes}, c.CatchPost)


def shown(room: Watched, **changes: str) -> str:
    """Catch a post where nothing is held."""
    room(HAL, c.SetPolicy(hold_posts="off"))
    return room(MIA, caught(**changes))["post"]


def test_a_post_waits_for_a_moderator_by_default_and_is_told_to_the_desk_alone(
    room: Watched,
) -> None:
    post = room(MIA, caught())["post"]

    assert "Listening" not in str(room.document())
    assert "example.social" not in str(room.document())
    held = room.document(DESK)["items"][post]
    assert (held["kind"], held["state"], held["because"]) == ("post", "held", "policy")
    assert (held["by"]["name"], held["source"], held["url"]) == (CAT, "mastodon", LINK)


def test_an_approved_post_is_shown_with_its_author_source_and_link(room: Watched) -> None:
    post = room(MIA, caught())["post"]

    room(MIA, c.Approve(item=post))

    told = room.document()["feed"][post]
    assert told == {
        "kind": "post",
        "by": {"id": CAT, "name": CAT},
        "text": "Listening to #pricing",
        "at": "2026-03-14T12:00:00.000Z",
        "position": told["position"],
        "about": "",
        "source": "mastodon",
        "url": LINK,
        "edited": False,
        "pinned": False,
    }


def test_the_same_post_is_caught_once(room: Watched) -> None:
    post = shown(room)
    before = room.position

    again = room(MIA, caught("Another text"))["post"]
    elsewhere = room(MIA, caught(source="x"))["post"]

    assert again == post
    assert elsewhere != post
    assert room.feed()[post] == "Listening to #pricing"
    assert [type(fact) for fact in room.work.facts[before:]].count(SocialPost.Caught) == 1


def test_a_post_that_nobody_decided_about_is_released_in_time(room: Watched) -> None:
    room(HAL, c.SetPolicy(hold_posts="release", release_after_s=10))
    post = room(MIA, caught())["post"]
    assert room.document(DESK)["items"][post]["release_at"] == "2026-03-14T12:00:10.000Z"

    room(HAL, c.ReleaseItem(item=post), at=10)

    assert post in room.feed()


def test_a_rejected_post_is_never_released(room: Watched) -> None:
    room(HAL, c.SetPolicy(hold_posts="release", release_after_s=10))
    post = room(MIA, caught())["post"]

    room(MIA, c.Reject(item=post, why="advertising"))
    room(HAL, c.ReleaseItem(item=post), at=10)

    assert post not in room.feed()


def test_a_term_holds_a_post_where_posts_are_not_held(room: Watched) -> None:
    room(HAL, c.SetPolicy(hold_posts="off", terms=["darn"]))

    post = room(MIA, caught("Darn #pricing"))["post"]

    assert room.document(DESK)["items"][post]["because"] == "term"


def test_posts_are_held_apart_from_lines(room: Watched) -> None:
    room(HAL, c.SetPolicy(hold="hold", hold_posts="off"))

    post = room(MIA, caught())["post"]
    line = room(ANN, c.PostLine(text="Hello"))["line"]

    assert post in room.feed()
    assert line not in room.feed()


def test_a_post_deleted_at_its_source_is_gone_for_good(room: Watched) -> None:
    post = shown(room)

    room(MIA, c.WithdrawPost(source="mastodon", post_id="109"))
    after = room.position
    room(MIA, c.WithdrawPost(source="mastodon", post_id="109"))
    room(MIA, caught())
    room(MIA, c.Restore(item=post))
    room(MIA, c.Approve(item=post))

    assert room.position == after
    assert post not in room.feed()
    assert "Listening" not in str(room.document(DESK)["items"])
    with pytest.raises(NotOpen, match="no act of moderation"):
        room(MIA, c.Undo(position=after))


def test_catching_can_be_undone(room: Watched) -> None:
    post = shown(room)
    room(MIA, c.Undo(position=room.position))
    assert post not in room.feed()

    room(HAL, c.SetPolicy(hold_posts="hold"))
    held = room(MIA, caught(post_id="110"))["post"]
    room(MIA, c.Undo(position=room.position))

    assert room.document(DESK)["items"][held]["state"] == "rejected"


def test_a_banned_or_muted_author_is_caught_no_more(room: Watched) -> None:
    shown(room)
    room(MIA, c.Ban(attendee=CAT, why="spam"))

    with pytest.raises(NotAllowed, match="banned"):
        room(MIA, caught(post_id="110"))
    room(MIA, c.Unban(attendee=CAT))
    room(MIA, c.Mute(attendee=CAT, why="spam", minutes=1))
    with pytest.raises(NotAllowed, match="muted"):
        room(MIA, caught(post_id="110"), at=59)

    assert room(MIA, caught(post_id="110"), at=61)["post"] in room.feed()


def test_what_tricks_the_eye_is_left_out(room: Watched) -> None:
    post = shown(room, text="safe\x00 \u202etxt.exe\u2066\r\nnext \x1b[31m👩\u200d🔬")

    assert room.feed()[post] == "safe txt.exe\nnext [31m👩\u200d🔬"


@pytest.mark.parametrize(
    ("changes", "refusal", "field"),
    [
        ({"text": " \u202e\x00 "}, TextEmpty, "text"),
        ({"text": "x" * 2001}, TextTooLong, "text"),
        ({"author": ""}, TextEmpty, "author"),
        ({"author": "x" * 81}, TextTooLong, "author"),
        ({"url": "javascript:alert(1)"}, Invalid, "url"),
        ({"url": "//example.social/1"}, Invalid, "url"),
        ({"url": "https://"}, Invalid, "url"),
        ({"url": "https://bank.example@evil.example/"}, Invalid, "url"),
        ({"url": "https://example.social/\u202e1"}, Invalid, "url"),
        ({"url": "https://example.social/a b"}, Invalid, "url"),
        ({"url": "http://[::1"}, Invalid, "url"),
        ({"url": "https://" + "x" * 2000}, Invalid, "url"),
        ({"source": "Mast odon"}, Invalid, "source"),
        ({"source": ""}, Invalid, "source"),
        ({"post_id": ""}, Invalid, "post_id"),
        ({"post_id": "x" * 501}, Invalid, "post_id"),
    ],
)
def test_a_post_that_is_none_is_refused_by_field(
    room: Watched, changes: dict[str, str], refusal: type[Refused], field: str
) -> None:
    before = room.position

    with pytest.raises(refusal) as refused:
        room(MIA, caught(**changes))

    assert refused.value.field == field
    assert room.position == before


def test_only_a_post_of_this_talk_can_be_withdrawn(room: Watched) -> None:
    shown(room)

    with pytest.raises(NotFound) as refused:
        room(MIA, c.WithdrawPost(source="x", post_id="109"))

    assert refused.value.field == "post_id"


def test_hashtags_are_told_to_the_room_without_their_mark(room: Watched) -> None:
    room(HAL, c.SetPolicy(hashtags=["#Pricing", "2026"]))

    assert room.document()["talk"]["policy"]["hashtags"] == ["Pricing", "2026"]
    with pytest.raises(Invalid) as refused:
        c.converted({"hashtags": ["two words"]}, c.SetPolicy)
    assert refused.value.field == "hashtags"


def test_a_post_has_one_id_in_a_talk_and_another_in_the_next() -> None:
    assert id_of_post("talk-1", "x", "7") == id_of_post("talk-1", "x", "7")
    ids = {id_of_post(*told) for told in (("a", "x", "7"), ("b", "x", "7"), ("a", "y", "7"))}
    assert len(ids) == 3


# On a real store: keys, positions, and erasing the author.


@pytest.fixture
def store(tmp_path: Path) -> Any:
    with open_store(f"sqlite:///{tmp_path}/store.db") as store:
        yield store


def stored_text(store: Store) -> str:
    return " ".join(fact.state.decode() for fact in store.log.read(0, 1000))


def test_words_link_and_id_of_a_post_are_sealed_with_its_authors_key(store: Store) -> None:
    hall = Auditorium(store)
    post = hall.do("hal", caught())["post"]

    told = stored_text(store)
    assert "Listening" not in told
    assert CAT not in told
    assert "@cat/109" not in told

    found = store.aggregate(SocialPost, SocialPost.stream_of(hall.talk, post))
    assert found is not None
    assert hall.app.erase(person_of("mastodon", CAT.upper())) == 1
    facts = [recorded.fact for recorded in store.read(0, 1000)]
    held = next(fact for fact in facts if isinstance(fact, SocialPost.Held))
    assert (held.text, held.url, held.post_id) == (ERASED_MARK,) * 3
    hall.app.close()


def test_an_erased_author_is_gone_from_every_view_and_row(store: Store, tmp_path: Path) -> None:
    hall = Auditorium(store)
    stepping = Stepping(store, f"sqlite:///{tmp_path}/views.db")
    hall.do("hal", c.SetPolicy(hold_posts="off"))
    post = hall.do("hal", caught())["post"]
    stepping.catch_up()
    assert stepping.told.followed(hall.talk)["feed"][post]["url"] == LINK

    hall.app.erase(person_of("mastodon", CAT))
    stepping.catch_up()

    with stepping.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT name, text, url, erased FROM posts").all()
    stepping.close()
    hall.app.close()
    assert post not in stepping.told.followed(hall.talk)["feed"]
    assert [tuple(row) for row in rows] == [(ERASED_MARK, "", "", 1)]


def test_catching_again_answers_the_same_and_has_no_position(store: Store) -> None:
    hall = Auditorium(store)
    host = Speaker("person-hal", "Hal")
    asked = [hall.app.submit(hall.talk, caught(), str(uuid4()), host).result(10) for _ in "ab"]

    assert asked[0].result == asked[1].result
    assert asked[0].position == store.log.head()
    assert asked[1].position is None
    hall.app.close()


def test_nobody_is_made_up_for_somebody_who_may_not_catch(store: Store) -> None:
    hall = Auditorium(store)

    with pytest.raises(NotAllowed):
        hall.do("ann", caught())

    assert store.keys.attended(person_of("mastodon", CAT)) == []
    hall.app.close()


def test_a_policy_set_before_there_were_posts_still_holds_them(store: Store) -> None:
    hall = Auditorium(store)
    talk = hall.app.talk(hall.talk)
    old = {rule: talk.policy[rule] for rule in ("hold", "release_after_s", "slow_s", "terms")}

    fact = type(talk).PolicySet(
        originator_id=talk.id,
        originator_version=talk.version + 1,
        timestamp=datetime(2026, 3, 14, tzinfo=UTC),
        by="hal",
        policy=old,
        before=old,
    )
    fact.apply(talk)

    assert talk.policy["hold_posts"] == "hold"
    assert msgspec.json.encode(talk.policy["hashtags"]) == b"[]"
    hall.app.close()

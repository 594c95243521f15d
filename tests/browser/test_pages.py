"""The pages in a real browser, served by a real gateway: what people see, say and hide."""

import json
import re

import pytest
from playwright.sync_api import Locator, Page, Route, WebSocketRoute, expect
from visitors import Gateway, NewVisitor, Visitor

ANNS = "Does anybody measure them?"


@pytest.fixture
def ann(new_visitor: NewVisitor) -> Visitor:
    return new_visitor("Ann")


@pytest.fixture
def bob(new_visitor: NewVisitor) -> Visitor:
    return new_visitor("Bob")


@pytest.fixture
def host(new_visitor: NewVisitor) -> Visitor:
    return new_visitor("Harriet")


def say(page: Page, text: str, button: str = "Say") -> None:
    page.get_by_label("Say something or ask the panel").fill(text)
    page.get_by_role("button", name=button, exact=True).click()


def row(page: Page, text: str) -> Locator:
    return page.get_by_role("log").get_by_role("listitem").filter(has_text=text)


def vote_button(page: Page, question: str) -> Locator:
    return page.locator(f'.room-ballot [data-question="{question}"] button.vote')


def test_the_start_page_tells_what_is_live_and_holds_a_new_talk(
    host: Visitor, new_visitor: NewVisitor
) -> None:
    host.hold("Facts first")
    page = new_visitor().visit("/")
    expect(page.get_by_role("region", name="Live now").get_by_text("Facts first")).to_be_visible()

    page.get_by_label("Title of the talk").fill("Why names matter")
    page.get_by_label("Your name").fill("Nina")
    page.get_by_role("button", name="Create the talk").click()

    page.wait_for_url(re.compile("/talks/[^/]+/desk$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Why names matter")


def test_somebody_reads_at_once_and_writes_after_saying_a_name(
    host: Visitor, new_visitor: NewVisitor
) -> None:
    talk = host.hold()
    host.command(talk, "post_line", text="Welcome, everybody")
    newcomer = new_visitor().visit(f"/talks/{talk}")
    expect(row(newcomer, "Welcome, everybody")).to_be_visible()

    newcomer.get_by_label("What shall we call you?").fill("Nina")
    newcomer.get_by_role("button", name="Join in").click()
    say(newcomer, "Hello <b>there</b>, everyone")

    expect(row(newcomer, "Hello <b>there</b>").locator("bdi")).to_have_text("Nina")
    expect(newcomer.locator("log b, .row b")).to_have_count(0)


def test_addresses_become_links_that_give_nothing_away(host: Visitor) -> None:
    talk = host.hold()
    host.command(talk, "post_line", text="See https://example.org/a?b=1. javascript:alert(1)")

    page = host.visit(f"/talks/{talk}")

    link = row(page, "See").get_by_role("link")
    expect(link).to_have_count(1)
    expect(link).to_have_attribute("href", "https://example.org/a?b=1")
    expect(link).to_have_attribute("rel", "noopener nofollow ugc")


def test_two_people_see_each_others_vote_within_a_second(
    host: Visitor, ann: Visitor, bob: Visitor
) -> None:
    talk = host.hold()
    question = ann.command(talk, "ask_question", text=ANNS)["question"]
    one, other = ann.visit(f"/talks/{talk}"), bob.visit(f"/talks/{talk}")
    for page in (one, other):
        expect(vote_button(page, question)).to_have_text("0")

    vote_button(one, question).click()

    expect(vote_button(other, question)).to_have_text("1", timeout=1_000)
    expect(vote_button(one, question)).to_have_attribute("aria-pressed", "true")
    vote_button(other, question).click()
    expect(vote_button(one, question)).to_have_text("2", timeout=1_000)
    vote_button(one, question).click()
    expect(vote_button(other, question)).to_have_text("1", timeout=1_000)


def test_my_vote_shows_at_once_and_is_taken_back_when_refused(host: Visitor, ann: Visitor) -> None:
    talk = host.hold()
    question = host.command(talk, "ask_question", text=ANNS)["question"]
    held: list[tuple[WebSocketRoute, str]] = []

    def door(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def pass_on(message: str | bytes) -> None:
            if "cast_vote" not in str(message):
                server.send(message)
            elif found := re.search(r'"command_id":"([^"]+)"', str(message)):
                held.append((socket, found.group(1)))

        socket.on_message(pass_on)

    page = ann.context.new_page()
    page.route_web_socket(re.compile("/live"), door)
    page.goto(f"{ann.gateway}/talks/{talk}")
    button = vote_button(page, question)
    expect(button).to_have_text("0")

    button.click()
    expect(button).to_have_text("1")
    socket, command_id = held[0]
    socket.send(
        f'{{"type":"refused","command_id":"{command_id}","status":429,'
        '"reason":"too_fast","detail":"","field":""}'
    )

    expect(button).to_have_text("0")
    expect(button).to_have_attribute("aria-pressed", "false")
    expect(page.get_by_text("A little slower, please.")).to_be_visible()


@pytest.mark.parametrize("name", ["Bob", ""], ids=["a guest", "a reader without a name"])
def test_a_patch_that_got_lost_is_made_good_by_reading_again(
    host: Visitor, new_visitor: NewVisitor, name: str
) -> None:
    talk = host.hold()
    lost: list[str] = []

    def door(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def pass_on(message: str | bytes) -> None:
            if "Never arrives" in str(message) and not lost:
                lost.append(str(message))
            else:
                socket.send(message)

        server.on_message(pass_on)

    visitor = new_visitor(name)
    page = visitor.context.new_page()
    page.route_web_socket(re.compile("/live"), door)
    page.goto(f"{visitor.gateway}/talks/{talk}")
    expect(page.get_by_text("It is quiet here.")).to_be_visible()

    host.command(talk, "post_line", text="Never arrives")
    host.command(talk, "post_line", text="Comes after it")

    expect(row(page, "Comes after it")).to_be_visible()
    expect(row(page, "Never arrives")).to_be_visible()
    assert lost


def test_a_browser_that_makes_no_ids_of_its_own_can_take_part(host: Visitor, ann: Visitor) -> None:
    ann.context.add_init_script("Crypto.prototype.randomUUID = undefined")  # as over plain http
    talk = host.hold()
    page = ann.visit(f"/talks/{talk}")

    say(page, "Hello from the local network")

    expect(row(page, "Hello from the local network").locator("bdi")).to_have_text("Ann")
    expect(page.get_by_text("Sending…")).to_have_count(0)


def test_feedback_shows_in_everybodys_pulse(host: Visitor, ann: Visitor, bob: Visitor) -> None:
    talk = host.hold()
    one, other = ann.visit(f"/talks/{talk}"), bob.visit(f"/talks/{talk}")

    one.get_by_role("button", name="Insightful").click()

    expect(other.get_by_role("button", name="Insightful").locator(".tick-people")).to_have_text("1")


def test_a_hidden_line_leaves_the_pages_and_sockets_of_others(
    host: Visitor, ann: Visitor, bob: Visitor
) -> None:
    talk = host.hold()
    desk, room = host.visit(f"/talks/{talk}/desk"), bob.visit(f"/talks/{talk}")
    anns = ann.visit(f"/talks/{talk}")
    say(anns, "An unkind word")
    expect(row(room, "An unkind word")).to_be_visible()

    row(desk, "An unkind word").get_by_role("button", name="Hide").click()
    bob.received.clear()
    dialog = desk.get_by_role("dialog")
    dialog.get_by_label("Why").fill("Be kind")
    dialog.get_by_role("button", name="Hide").click()

    expect(row(room, "An unkind word")).to_have_count(0)
    hidden = desk.get_by_role("region", name="Out of sight")
    expect(hidden.get_by_text("An unkind word")).to_be_visible()
    expect(hidden.get_by_text("Be kind")).to_be_visible()
    assert not [message for message in bob.received if "unkind" in message or "Be kind" in message]
    expect(anns.get_by_text("A moderator has hidden what you said: Be kind")).to_be_visible()

    hidden.get_by_role("button", name="Restore").click()
    expect(row(room, "An unkind word")).to_be_visible()


FOCUSED = "element => element === document.activeElement"
MOST_STEPS = 120  # with Tab, from anywhere on the desk to anywhere else


def step_to(target: Locator) -> None:
    """Go there with Tab alone, as somebody without a mouse does."""
    keyboard = target.page.keyboard
    expect(target).to_be_enabled()
    for _ in range(MOST_STEPS):
        if target.evaluate(FOCUSED):
            return
        keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to {target}")


def test_a_whole_talk_is_run_by_keyboard(host: Visitor, ann: Visitor) -> None:
    talk = host.hold(state="scheduled")
    desk = host.visit(f"/talks/{talk}/desk")
    keyboard = desk.keyboard

    def press(name: str, within: Locator | Page = desk, *, key: str = "Enter") -> None:
        step_to(within.get_by_role("button", name=name, exact=True))
        keyboard.press(key)

    def topic(title: str) -> None:
        step_to(desk.get_by_label("Title of the topic"))
        keyboard.type(title)
        keyboard.press("Enter")
        expect(desk.locator(".topic-row").filter(has_text=title)).to_be_visible()

    press("Open the doors")
    expect(desk.get_by_text("Doors open")).to_be_visible()
    question = ann.command(talk, "ask_question", text=ANNS)["question"]
    press("Start the talk", key="Space")
    topic("What slow means")
    topic("Slow fixtures")
    press("Move “Slow fixtures” up")
    expect(desk.locator(".topic-row > span:first-child").first).to_have_text("Slow fixtures")
    press("Open", desk.locator(".topic-row").filter(has_text="Slow fixtures"))
    expect(desk.get_by_role("banner").get_by_text("Slow fixtures")).to_be_visible()
    asked = desk.locator(f'[data-question="{question}"]')
    press("Answer now", asked)
    press("Done answering", asked, key="Space")
    press("Answered")
    expect(asked).to_have_attribute("data-state", "answered")
    press("Close")
    press("End the talk")
    dialog = desk.get_by_role("dialog")
    expect(dialog).to_be_visible()
    keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    press("End the talk")
    press("End the talk", dialog)

    expect(desk.get_by_role("link", name="Watch the replay")).to_be_visible()


def test_the_start_page_shows_the_talks_of_before_when_asked(host: Visitor) -> None:
    page = host.context.new_page()
    known = [{"id": f"talk-{n}", "title": f"Talk {n}", "state": "ended"} for n in range(201)]
    moments = {"starts_at": "", "started_at": "", "ended_at": "2026-03-14T12:00:00.000Z"}

    def answer(route: Route) -> None:
        after = re.search(r"after=talk-(\d+)", route.request.url)
        start = int(after.group(1)) + 1 if after else 0
        route.fulfill(json={"items": [{**one, **moments} for one in known[start : start + 200]]})

    page.route("**/api/talks?*", answer)
    page.goto(host.gateway)
    cards = page.locator(".card")
    expect(cards).to_have_count(200)

    page.get_by_role("button", name="Show more talks").click()

    expect(cards).to_have_count(201)
    expect(page.get_by_role("button", name="Show more talks")).to_have_count(0)


LATE = "const now = Date.now; Date.now = () => now() + 600_000"
IS_ON_TOP = """note => {
  const { left, top, width, height } = note.getBoundingClientRect();
  return note.contains(document.elementFromPoint(left + width / 2, top + height / 2));
}"""


def test_what_a_late_stranger_missed_is_not_covered_on_a_small_phone(
    host: Visitor, new_visitor: NewVisitor
) -> None:
    talk = host.hold("Why our tests are slow, and what a room of testers would do about it")
    topic = host.command(talk, "introduce_topic", title="What slow means to a room of testers")
    host.command(talk, "open_topic", **topic)
    host.command(
        talk,
        "attach_recording",
        url="https://media.example.org/talk.mp4",
        started_at="2026-03-14T12:00:00Z",
    )
    stranger = new_visitor(viewport={"width": 320, "height": 568})
    stranger.context.add_init_script(LATE)

    page = stranger.visit(f"/talks/{talk}")

    note = page.get_by_role("region", name="What you missed")
    expect(page.get_by_role("link", name="media.example.org")).to_be_visible()
    note.scroll_into_view_if_needed()
    assert note.evaluate(IS_ON_TOP)
    lines = page.get_by_role("log").bounding_box()
    assert lines
    assert lines["height"] >= 75


def test_a_recording_is_attached_at_the_desk(host: Visitor) -> None:
    talk = host.hold()
    desk = host.visit(f"/talks/{talk}/desk")
    form = desk.get_by_role("region", name="Stream or recording")

    form.get_by_label("Its address").fill("https://media.example.org/talk.mp4")
    form.get_by_label("Its first second was at").fill("2026-03-14T12:00:05")
    form.get_by_role("button", name="Attach").click()

    expect(desk.get_by_text("The recording is attached.")).to_be_visible()
    expect(form.get_by_label("Its address")).to_have_value("https://media.example.org/talk.mp4")
    media = host.read(f"/api/talks/{talk}/view")["view"]["talk"]["media"]
    assert media["url"] == "https://media.example.org/talk.mp4"
    assert media["started_at"].endswith(":00:05.000Z")


def test_a_stranger_has_no_desk(host: Visitor, ann: Visitor) -> None:
    talk = host.hold()

    page = ann.visit(f"/talks/{talk}/desk")

    expect(page.get_by_role("heading", level=1)).to_have_text(
        "The desk is for hosts and moderators"
    )
    ann.complaints.clear()  # the browser itself reports the refused upgrade


def test_a_talk_that_is_not_there_says_so(ann: Visitor) -> None:
    page = ann.visit("/talks/nowhere")

    expect(page.get_by_role("heading", level=1)).to_have_text("No such talk")
    ann.complaints.clear()  # the browser itself reports the 404


def test_what_is_said_while_the_gateway_is_down_arrives_when_it_is_back(
    host: Visitor, ann: Visitor, bob: Visitor, gateway: Gateway
) -> None:
    talk = host.hold()
    one, other = ann.visit(f"/talks/{talk}"), bob.visit(f"/talks/{talk}")
    for page in (one, other):
        expect(page.get_by_label("Say something or ask the panel")).to_be_visible()

    gateway.kill()
    expect(one.get_by_text("You are offline.")).to_be_visible()
    say(one, "Are you still there?")
    gateway.start()

    expect(row(other, "Are you still there?")).to_be_visible(timeout=30_000)
    expect(row(one, "Are you still there?")).to_have_count(1)
    expect(one.get_by_text("You are offline.")).to_have_count(0)
    for visitor in (ann, bob):
        visitor.complaints.clear()  # the browser itself reports every refused connection


def test_what_is_said_in_a_gap_that_the_socket_outlives_arrives(
    host: Visitor, ann: Visitor
) -> None:
    talk = host.hold()
    room, anns = host.visit(f"/talks/{talk}"), ann.visit(f"/talks/{talk}")
    expect(anns.get_by_label("Say something or ask the panel")).to_be_visible()
    ann.context.set_offline(True)
    expect(anns.get_by_text("You are offline.")).to_be_visible()

    say(anns, "From the tunnel")
    ann.context.set_offline(False)

    expect(row(room, "From the tunnel")).to_be_visible()


def test_the_log_is_silent_and_one_line_at_a_time_is_announced(host: Visitor, ann: Visitor) -> None:
    talk = host.hold()
    host.command(talk, "post_line", text="Said before")
    page = ann.visit(f"/talks/{talk}")
    expect(row(page, "Said before")).to_be_visible()
    announced = page.locator("[aria-live=polite]")
    expect(announced).to_have_text("")

    host.command(talk, "post_line", text="Said just now")

    expect(announced).to_have_text("Harriet: Said just now")
    expect(page.get_by_role("log")).to_have_attribute("aria-live", "off")


def test_older_rows_come_while_somebody_reads_further_up(host: Visitor, ann: Visitor) -> None:
    talk = host.hold()
    session = [{"t": 0, "kind": "start"}]
    session += [{"t": n, "kind": "chat", "user": "u", "text": f"Line {n}."} for n in range(450)]
    lines = "\n".join(json.dumps(record) for record in session)
    imported = host.context.request.post(f"{host.gateway}/api/talks/{talk}/import", data=lines)
    assert imported.ok, imported.text()
    page = ann.visit(f"/talks/{talk}")
    log, rows = page.get_by_role("log"), page.locator(".rows > li")
    expect(row(page, "Line 449.")).to_be_visible()

    def scroll_up_until(text: str) -> None:
        for _ in range(60):
            if row(page, text).count():
                return
            log.evaluate("log => (log.scrollTop = 0)")
            page.wait_for_timeout(100)
        raise AssertionError(text)

    scroll_up_until("Line 0.")

    expect(page.get_by_text("This is where it began.")).to_be_visible()
    assert rows.count() <= 200
    page.get_by_role("button", name="To the newest").click()
    expect(row(page, "Line 449.")).to_be_in_viewport()
    host.command(talk, "post_line", text="Said just now")
    expect(row(page, "Said just now")).to_be_in_viewport()


def test_the_rules_of_the_house_stand_where_people_write_and_vote(
    host: Visitor, ann: Visitor
) -> None:
    talk = host.hold()
    host.command(talk, "set_policy", names="nickname", votes="ticket")
    question = host.command(talk, "ask_question", text=ANNS)["question"]
    page = ann.visit(f"/talks/{talk}")
    expect(page.get_by_text("Votes are for ticket holders.")).to_be_visible()

    page.get_by_label("Which name shall the room see?").fill("Falcon")
    page.get_by_role("button", name="Choose").click()
    expect(page.get_by_text("The room sees you as Falcon")).to_be_visible()
    say(page, "Under another name")
    vote_button(page, question).click()

    expect(row(page, "Under another name").locator("bdi")).to_have_text("Falcon")
    expect(page.get_by_role("status").get_by_text("Votes are for ticket holders.")).to_be_visible()
    expect(vote_button(page, question)).to_have_text("0")


def test_others_are_brought_in_by_a_code(host: Visitor, new_visitor: NewVisitor) -> None:
    talk = host.hold("Why names matter")
    room = host.visit(f"/talks/{talk}")
    room.get_by_role("button", name="Invite").click()
    dialog = room.get_by_role("dialog")
    expect(dialog.get_by_role("img", name="QR code")).to_be_visible()
    code = dialog.locator(".way-code")
    expect(code).to_have_text(re.compile("^[A-Z2-9]{6}$"))

    start = new_visitor().visit("/")
    start.get_by_label("Have a code?").fill(code.inner_text().lower())
    start.get_by_role("button", name="Go").click()

    expect(start.get_by_role("heading", level=1)).to_have_text("Why names matter")


def test_a_stream_plays_where_the_policy_allows_it_and_is_a_link_elsewhere(host: Visitor) -> None:
    talk = host.hold()
    at = "2026-03-14T12:00:00Z"
    youtube = "https://www.youtube.com/watch?v=aqz-KE-bpKQ"
    host.command(talk, "attach_recording", url=youtube, started_at=at)
    page = host.visit(f"/talks/{talk}")
    link = page.get_by_role("link", name="Watch the stream on www.youtube.com")
    expect(link).to_have_attribute("href", youtube)

    host.command(talk, "attach_recording", url="/static/icon.svg?talk.mp3", started_at=at)

    expect(page.locator("video.stream-media, audio.stream-media")).to_be_visible()
    host.complaints.clear()  # what stands there is no video

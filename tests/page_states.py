"""Every page in every state somebody may find it in: axe looks at them, and the camera does.

A house is a gateway with talks at every point of their lives. A state says who opens which
page, and what has to be seen before it counts as open.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import made_session
from playwright.sync_api import Browser, Page, Route, WebSocketRoute
from visitors import Visitor

LIVE = re.compile("/live")
LONG = (
    "When a test needs a database, a broker and a browser, it is slow because it waits for three "
    "other programs to start: could we start them once and share them between all tests, "
    "or would the tests then begin to depend on each other?"
)
WIDTHS = {"phone": (320, 640), "wide": (1440, 900)}


class House:
    """The people, each with a browser of their own, and the talks they hold."""

    def __init__(self, browser: Browser, gateway: str) -> None:
        self._browser = browser
        self._gateway = gateway
        self._people: dict[str, Visitor] = {}
        self.talks: dict[str, str] = {}

    def person(self, name: str) -> Visitor:
        """Find somebody; a stranger has no name here."""
        if name not in self._people:
            context = self._browser.new_context(locale="en-GB", reduced_motion="reduce")
            context.set_default_timeout(15_000)
            visitor = Visitor(context, self._gateway)
            self._people[name] = visitor if name == "stranger" else visitor.join(name)
        return self._people[name]

    def settle(self) -> None:
        """Hold the talks."""
        host = self.person("Harriet")
        self.talks["coming"] = host.hold("What comes after the monolith", state="scheduled")
        self.talks["empty"] = host.hold("Facts first, views later")
        self.talks["busy"] = self._busy(host.hold("Why our tests are slow"))
        self.talks["ended"] = self._ended(host.hold("A garden on every roof"))
        self._replays(host)

    def _busy(self, talk: str) -> str:
        host, ann, bob = (self.person(name) for name in ("Harriet", "Ann", "Bob"))
        for title in ("What slow means", "Fixtures that wait", "What to share"):
            topic = host.command(talk, "introduce_topic", title=title)["topic"]
            if title != "What to share":
                host.command(talk, "open_topic", topic=topic)
        host.command(talk, "introduce_panelist", name="Pia Nordin", about="builds test machines")
        ann.command(talk, "post_line", text="Ours take forty minutes, see https://example.org/ci")
        line = bob.command(talk, "post_line", text="Does anybody still run them before lunch?")
        mona = self.person("منى")
        mona.command(talk, "post_line", text="نحن نشغلها كل ليلة")
        asked = [
            ann.command(talk, "ask_question", text="Does anybody measure them?"),
            bob.command(talk, "ask_question", text=LONG),
            mona.command(talk, "ask_question", text="Who mends a test that fails once a week?"),
            ann.command(talk, "ask_question", text="How slow is too slow?"),
            bob.command(talk, "ask_question", text="Is forty minutes too slow?"),
            bob.command(talk, "ask_question", text="Shall we order pizza?"),
        ]
        questions = [one["question"] for one in asked]
        for voter, some in ((ann, questions[:4]), (bob, questions[:2]), (mona, questions[1:3])):
            for question in some:
                voter.command(talk, "cast_vote", question=question)
        host.command(talk, "start_answering", question=questions[0])
        host.command(talk, "pin", item=questions[2])
        host.command(talk, "merge_questions", question=questions[4], into=questions[3])
        host.command(talk, "archive_question", question=questions[5])
        host.command(talk, "announce", text="Five minutes left: questions, please.")
        rude = bob.command(talk, "post_line", text="This is a waste of time")["line"]
        host.command(talk, "hide", item=rude, why="Off topic")
        host.command(talk, "pin", item=line["line"])
        self._appoint(talk, "منى", "moderator")
        self._appoint(talk, "Pia", "panelist")
        host.command(talk, "set_policy", hold="release", release_after_s=3000, terms=["pizza"])
        bob.command(talk, "post_line", text="And who pays for the machines?")
        ann.command(talk, "ask_question", text="Is pizza part of the budget?")
        for voter, kind in ((ann, "insightful"), (bob, "agree"), (mona, "lost")):
            voter.command(talk, "give_feedback", kind=kind)
        return talk

    def _appoint(self, talk: str, name: str, role: str) -> None:
        """Let somebody who has come have a role."""
        host, one = self.person("Harriet"), self.person(name)
        line = one.command(talk, "post_line", text="Here I am")["line"]
        attendee = host.author_of(talk, line)
        one.command(talk, "retract_line", line=line)
        host.command(talk, "grant_role", attendee=attendee, role=role)

    def _ended(self, talk: str) -> str:
        host, ann = self.person("Harriet"), self.person("Ann")
        topic = host.command(talk, "introduce_topic", title="How much a roof can bear")["topic"]
        host.command(talk, "open_topic", topic=topic)
        ann.command(talk, "post_line", text="So it is the water that weighs")
        question = ann.command(talk, "ask_question", text="Does an old timber roof work too?")
        host.command(talk, "start_answering", **question)
        host.command(talk, "finish_answering", **question)
        ann.command(talk, "give_feedback", kind="agree")
        host.command(talk, "end_talk")
        return talk

    def _replays(self, host: Visitor) -> None:
        """Hold talks for listeners: with much to see, with media, and without anything."""
        self.talks["made"] = made_session.ended_by(host)
        host.command(self.talks["made"], "pin_highlight", start_s=30, end_s=60, title="The start")
        media = {"filmed": "/static/icon.svg?talk.mp4", "elsewhere": "https://example.org/talk.mp4"}
        for name, url in media.items():
            talk = self.talks[name] = made_session.ended_by(host, f"A garden, {name}")
            began = host.read(f"/api/talks/{talk}/view")["view"]["talk"]["started_at"]
            host.command(talk, "attach_recording", url=url, started_at=began)
        self.talks["cold"] = host.hold("Nobody reacted")
        host.command(self.talks["cold"], "end_talk")

    @contextmanager
    def open(self, state: "PageState") -> Iterator[Page]:
        """Open a page in a state, and close it afterwards."""
        page = self.person(state.who).context.new_page()
        try:
            line = Line(page)
            if state.before:
                state.before(page, line)
            talk = self.talks.get(state.talk, state.talk)
            page.goto(self._gateway + state.path.format(talk=talk))
            if state.sees:
                page.get_by_text(state.sees).first.wait_for()
            if state.then:
                state.then(page, line)
            yield page
        finally:
            page.close()

    def complaints(self) -> list[str]:
        """Tell what browsers complained of since the last time."""
        found = [one for visitor in self._people.values() for one in visitor.complaints]
        for visitor in self._people.values():
            visitor.complaints.clear()
        return found


@dataclass
class Line:
    """The page's sockets: they can be cut, or never answer."""

    page: Page
    sockets: list[WebSocketRoute] = field(default_factory=list)
    is_cut: bool = False

    def watch(self) -> None:
        self.page.route_web_socket(LIVE, self._opened)

    def _opened(self, socket: WebSocketRoute) -> None:
        if not self.is_cut:
            socket.connect_to_server()
            self.sockets.append(socket)

    def cut(self) -> None:
        self.is_cut = True
        for socket in self.sockets:
            socket.close()


Step = Callable[[Page, Line], Any]


@dataclass(frozen=True)
class PageState:
    """``sees`` is a text that stands there once the page is open; ``is_refused``: the browser
    itself reports that the gateway said no."""

    name: str
    path: str
    sees: str = ""
    talk: str = "busy"
    who: str = "Harriet"
    before: Step | None = None
    then: Step | None = None
    is_refused: bool = False


def _silent(_: Page, line: Line) -> None:
    """Nobody answers: the page waits."""
    line.is_cut = True
    line.watch()


def _watched(_: Page, line: Line) -> None:
    line.watch()


def _late(page: Page, _: Line) -> None:
    """Come for the first time, ten minutes after the talk has begun."""
    page.add_init_script("const now = Date.now; Date.now = () => now() + 600_000")
    page.add_init_script("localStorage.clear()")


def _cut(page: Page, line: Line) -> None:
    line.cut()
    page.locator(".connection").wait_for()


def _press(*names: str) -> Step:
    def press(page: Page, _: Line) -> None:
        for name in names:
            page.get_by_role("button", name=name, exact=True).first.click()

    return press


def _sees(text: str) -> Step:
    return lambda page, _: page.get_by_text(text).first.wait_for()


def _talks(answer: Callable[[Route], None]) -> Step:
    return lambda page, _: page.route("**/api/talks?*", answer)


def _ask(button: str, within: str) -> Step:
    """Press a button of a row, which opens a box."""

    def ask(page: Page, _: Line) -> None:
        rows = page.get_by_role("listitem").filter(has_text=within)
        rows.get_by_role("button", name=button).first.click()
        page.get_by_role("dialog").wait_for()

    return ask


def _open(summary: str) -> Step:
    return lambda page, _: page.locator("summary").filter(has_text=summary).click()


def _unfold(page: Page, _: Line) -> None:
    """Open all that is folded: the numbers and the SQL of each chart."""
    page.locator(".insight-chart canvas").first.wait_for()
    for summary in page.locator("summary").all():
        summary.click()


def _search(words: str) -> Step:
    """Look for words; on a phone the feed has a pane of its own."""

    def search(page: Page, _: Line) -> None:
        page.set_viewport_size(dict(zip(("width", "height"), WIDTHS["phone"], strict=True)))
        page.get_by_role("button", name="Stream", exact=True).click()
        page.get_by_role("searchbox").fill(words)
        page.locator(".search-found").wait_for()

    return search


def _point_at_the_heat(page: Page, _: Line) -> None:
    page.locator(".heat-mark").first.wait_for()
    box = page.locator(".heat-strip").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * 0.41, box["y"] + box["height"] / 2)
    page.locator(".heat-tip-words").wait_for()


def _react(page: Page, _: Line) -> None:
    page.get_by_role("region", name="How it landed").get_by_role("button").first.click()
    page.get_by_label("What shall we call you?").wait_for()


def _both(*steps: Step) -> Step:
    def both(page: Page, line: Line) -> None:
        for step in steps:
            step(page, line)

    return both


DESK, PANEL, SCREEN = "/talks/{talk}/desk", "/talks/{talk}/panel", "/talks/{talk}/screen"
EMBED = "/embed/{talk}"
ROOM, REPLAY = "/talks/{talk}", "/talks/{talk}/replay"
INSIGHT = "/talks/{talk}/insight"
ANSWERED = "Does anybody measure them?"

START_STATES = (
    PageState("start", "/", sees="Why our tests are slow"),
    PageState("start-stranger", "/", sees="Your name", who="stranger"),
    PageState(
        "start-empty",
        "/",
        sees="No talks yet.",
        who="stranger",
        before=_talks(lambda route: route.fulfill(json={"items": []})),
    ),
    PageState("start-loading", "/", sees="Hold a talk", before=_talks(lambda _: None)),
    PageState(
        "start-failed",
        "/",
        sees="Something went wrong",
        before=_talks(lambda route: route.abort()),
        is_refused=True,
    ),
)
LIVE_STATES = (
    PageState("live", ROOM, sees=ANSWERED, who="Ann"),
    PageState("live-questions", ROOM, sees=ANSWERED, who="Ann", then=_press("Most votes")),
    PageState("live-stranger", ROOM, sees="What shall we call you?", who="stranger"),
    PageState("live-late", ROOM, sees="You joined", who="Ann", before=_late),
    PageState("live-empty", ROOM, sees="It is quiet here.", talk="empty", who="Ann"),
    PageState("live-coming", ROOM, sees="Nobody has said anything yet.", talk="coming", who="Ann"),
    PageState("live-ended", ROOM, sees="This talk has ended.", talk="ended", who="Ann"),
    PageState("live-offline", ROOM, sees=ANSWERED, who="Ann", before=_watched, then=_cut),
    PageState("live-loading", ROOM, sees="Loading the talk", who="Ann", before=_silent),
    PageState("live-missing", ROOM, sees="No such talk", talk="nowhere", is_refused=True),
)
EMBED_STATES = (
    PageState("embed", EMBED, sees=ANSWERED, who="Ann"),
    PageState("embed-stranger", EMBED, sees="What shall we call you?", who="stranger"),
    PageState(
        "embed-coming", EMBED, sees="Nobody has said anything yet.", talk="coming", who="Ann"
    ),
    PageState("embed-ended", EMBED, sees="There is no recording", talk="ended", who="Ann"),
    PageState("embed-offline", EMBED, sees=ANSWERED, who="Ann", before=_watched, then=_cut),
    PageState("embed-loading", EMBED, sees="Loading the talk", who="Ann", before=_silent),
    PageState("embed-missing", EMBED, sees="No such talk", talk="nowhere", is_refused=True),
)
DESK_STATES = (
    PageState("desk", DESK, sees="And who pays"),
    PageState("desk-people", DESK, sees="And who pays", then=_press("People")),
    PageState("desk-rules", DESK, sees="And who pays", then=_press("Rules")),
    PageState("desk-trail", DESK, sees="And who pays", then=_press("Trail")),
    PageState(
        "desk-links",
        DESK,
        sees="And who pays",
        then=_both(_press("Links", "Make an invitation"), _sees("The link works once")),
    ),
    PageState("desk-more", DESK, sees="And who pays", then=_ask("More…", "How slow is too slow?")),
    PageState("desk-hide", DESK, sees="And who pays", then=_ask("Hide", "How slow is too slow?")),
    PageState("desk-reject", DESK, sees="And who pays", then=_ask("Reject", "And who pays")),
    PageState(
        "desk-person",
        DESK,
        sees="And who pays",
        then=_both(_press("People"), _ask("Mute or ban…", "Bob")),
    ),
    PageState(
        "desk-merging",
        DESK,
        sees="And who pays",
        then=_both(_ask("More…", "Who mends a test"), _press("Merge into…")),
    ),
    PageState("desk-moderator", DESK, sees="Hosts open the doors", who="منى"),
    PageState("desk-coming", DESK, sees="Open the doors", talk="coming"),
    PageState("desk-empty", DESK, sees="No topics yet.", talk="empty"),
    PageState("desk-ended", DESK, sees="Watch the replay", talk="ended"),
    PageState("desk-offline", DESK, sees="And who pays", before=_watched, then=_cut),
    PageState("desk-loading", DESK, sees="Loading the talk", before=_silent),
    PageState("desk-refused", DESK, sees="The desk is for", who="Ann", is_refused=True),
    PageState("desk-missing", DESK, sees="No such talk", talk="nowhere", is_refused=True),
)
PANEL_STATES = (
    PageState("panel", PANEL, sees=ANSWERED),
    PageState("panel-panelist", PANEL, sees=ANSWERED, who="Pia"),
    PageState("panel-empty", PANEL, sees="Nothing is being answered.", talk="empty"),
    PageState("panel-coming", PANEL, sees="Nothing is being answered.", talk="coming"),
    PageState("panel-ended", PANEL, sees="Lasted", talk="ended"),
    PageState("panel-offline", PANEL, sees=ANSWERED, before=_watched, then=_cut),
    PageState("panel-loading", PANEL, sees="Loading the talk", before=_silent),
    PageState("panel-refused", PANEL, sees="The panel is for speakers", who="Ann"),
    PageState("panel-missing", PANEL, sees="No such talk", talk="nowhere", is_refused=True),
)
SCREEN_STATES = (
    PageState("screen", SCREEN, sees=ANSWERED),
    PageState("screen-empty", SCREEN, sees="Ask the first one.", talk="empty"),
    PageState("screen-coming", SCREEN, sees="We begin soon.", talk="coming"),
    PageState("screen-ended", SCREEN, sees="Thank you for taking part.", talk="ended"),
    PageState("screen-offline", SCREEN, sees=ANSWERED, before=_watched, then=_cut),
    PageState("screen-loading", SCREEN, sees="Loading the talk", before=_silent),
    PageState("screen-missing", SCREEN, sees="No such talk", talk="nowhere", is_refused=True),
    PageState("screen-top", f"{SCREEN}?show=top,join", sees="How slow is too slow?"),
    PageState("overlay", f"{SCREEN}?overlay", sees=ANSWERED),
    PageState("overlay-question", f"{SCREEN}?overlay&show=question", sees=ANSWERED),
)
NO_RECORDING = "There is no recording"
REPLAY_STATES = (
    PageState("replay", REPLAY, sees=NO_RECORDING, talk="ended"),
    PageState("replay-stranger", REPLAY, sees=NO_RECORDING, talk="made", who="stranger"),
    PageState("replay-pin", REPLAY, sees=NO_RECORDING, talk="made", then=_press("Pin this moment")),
    PageState("replay-clock", REPLAY, sees=NO_RECORDING, talk="made", then=_press("Set the clock")),
    PageState("replay-corrections", REPLAY, talk="made", then=_open("1 correction")),
    PageState("replay-downloads", REPLAY, talk="made", then=_open("Downloads")),
    PageState("replay-search", REPLAY, talk="made", then=_search("moss")),
    PageState("replay-search-nothing", REPLAY, talk="made", then=_search("lawn mower")),
    PageState("replay-why", REPLAY, talk="made", then=_point_at_the_heat),
    PageState("replay-join", f"{REPLAY}?t=250", talk="made", who="stranger", then=_react),
    PageState("replay-video", REPLAY, sees="How it landed", talk="filmed", is_refused=True),
    PageState("replay-elsewhere", REPLAY, sees="Watch the stream on", talk="elsewhere"),
    PageState("replay-no-heat", REPLAY, sees="no outstanding moments", talk="cold"),
    PageState("replay-embedded", "/embed/{talk}/replay", sees=NO_RECORDING, talk="made"),
    PageState("replay-not-yet", REPLAY, sees="as soon as the talk has ended", is_refused=True),
    PageState("replay-coming", REPLAY, sees="as soon as the talk has ended", talk="coming"),
    PageState("replay-missing", REPLAY, sees="No such talk", talk="nowhere", is_refused=True),
)
INSIGHT_STATES = (
    PageState("insight", INSIGHT, sees="How far people came", talk="made", then=_unfold),
    PageState("insight-stranger", INSIGHT, sees="see more here", talk="made", who="stranger"),
    PageState("insight-empty", INSIGHT, sees="Nobody", talk="cold"),
    PageState("insight-missing", INSIGHT, sees="No such talk", talk="nowhere", is_refused=True),
)
STATES = (
    *START_STATES,
    *LIVE_STATES,
    *EMBED_STATES,
    *DESK_STATES,
    *PANEL_STATES,
    *SCREEN_STATES,
    *REPLAY_STATES,
    *INSIGHT_STATES,
)

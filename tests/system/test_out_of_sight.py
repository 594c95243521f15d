"""What is hidden, rejected, taken back or erased leaves every output, one by one.

One talk is played on a running server. Each thing said holds a word of its own; what an
output holds of them is looked at before and after everything was taken out of sight.
"""

import json
import sqlite3
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from gateways import Process, Site
from waiting import eventually
from websockets.sync.client import ClientConnection, connect

from domain import commands
from domain.application import Hearhear
from domain.commands import Command
from domain.speaker import Speaker
from domain.store import Store, open_store
from gateway.exporting import records_of
from gateway.timelines import Timelines
from projections.analytics import ANALYSTS
from projections.measures import MEASURES
from projections.tables import timelines
from replay.exports import FORMATS

BEGAN = datetime(2026, 3, 14, 12, tzinfo=UTC)
TERM = "darn"
HOST = Speaker("p-host", "Hal", roles=frozenset({"host"}))
GONE_HOST = Speaker("p-gonehost", "gonehost", roles=frozenset({"host"}))

# The words, by what becomes of what holds them. A hidden question takes its answer along.
HIDDEN = {"hushline", "hushreply", "hushquestion", "hushanswer", "hushpost", "hushnotice"}
REJECTED = {"denyline", "denyquestion"}  # held before
TAKEN_BACK = {"backline", "backquestion", "backpost"}
ERASED = {"goneline", "gonereply", "gonequestion", "goneperson"}
SAID_IN_OFFICE = {"gonenotice", "goneanswer", "gonepanelist", "gonehost"}  # who is erased too
GIVEN = {"gonetitle", "goneagain"}
"""Titles of highlights by who is erased too; an undo gave the second one back."""
NEVER_SAID = GIVEN | {"goneformer"}  # a title that was changed stands in the log alone
ALL = HIDDEN | REJECTED | TAKEN_BACK | ERASED | SAID_IN_OFFICE | NEVER_SAID | {"gonewhy"}
PUBLIC = HIDDEN | TAKEN_BACK | ERASED | SAID_IN_OFFICE
MAY_COME_BACK = HIDDEN | REJECTED
QUESTIONS = {"hushquestion", "backquestion", "gonequestion"}
"""Asked in public, and each answered while many reacted: titles of highlights."""
TITLES = QUESTIONS | GIVEN
SESSION = {word for word in ALL if word.endswith(("line", "reply", "question", "answer", "post"))}
"""What a recorded session may hold: people are numbered, and notices are not of it."""
NOTHING: AbstractSet[str] = frozenset()


def words_in(text: str) -> set[str]:
    return {word for word in ALL if word in text}


class Talk:
    """A talk whose facts are recorded at moments of our choice, beside the server."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.app = Hearhear(store, now=lambda: BEGAN, new_id=lambda: str(uuid4()))
        self.items: dict[str, str] = {}
        self.second = 0.0
        self.id = ""
        self.id = self(HOST, commands.ScheduleTalk(title="Wind and wire"))["talk"]

    def __call__(self, who: Speaker, command: Command, *, at: float | None = None) -> Any:
        """Have a command decided at a second of the talk, by default a second after the last."""
        self.second = self.second + 1 if at is None else at
        talk = self.id or self.app.new_id()
        moment = BEGAN + timedelta(seconds=self.second)
        return self.app.submit(talk, command, str(uuid4()), who, at=moment).result().result

    def said(self, word: str, command: Command, by: Speaker | None = None) -> str:
        """Let somebody say what holds a word; returns its id."""
        item = next(iter(self(by or author(word), command).values()))
        self.items[word] = str(item)
        return self.items[word]

    @property
    def last(self) -> int:
        """The position of its last fact."""
        return self.store.log.last_of(self.id, self.store.log.head())

    def play(self) -> None:
        """Say everything, answer the questions to applause, and end."""
        self(HOST, commands.SetPolicy(terms=[TERM], hold_posts="off"))
        self(HOST, commands.StartTalk())
        self.say_lines()
        for minute, word in enumerate(sorted(QUESTIONS), start=5):
            self.answer_to_applause(word, minute * 60.0)
        self.work_in_office()
        self(HOST, commands.EndTalk(), at=900)

    def say_lines(self) -> None:
        for word in ("hushline", "backline"):
            self.said(word, commands.PostLine(text=f"A line with {word}"))
        erased = author("goneperson")
        self.said("goneline", commands.PostLine(text="A line with goneline"), erased)
        for word in sorted(QUESTIONS):
            by = erased if word == "gonequestion" else author(word)
            self.said(word, commands.AskQuestion(text=f"Is {word} asked?"), by)
        for word, by in (("hushreply", author("hushreply")), ("gonereply", erased)):
            asked = self.said("", commands.AskQuestion(text="And what of this?"), by)
            self.said(word, commands.Reply(question=asked, text=f"A reply with {word}"), by)
        answered = self.items["hushquestion"]
        self(HOST, commands.AnswerInWriting(question=answered, text="With hushanswer"))
        self.said("denyline", commands.PostLine(text=f"{TERM} denyline"))
        self.said("denyquestion", commands.AskQuestion(text=f"{TERM} denyquestion?"))
        self.said("hushnotice", commands.Announce(text="With hushnotice"), HOST)
        for word in ("hushpost", "backpost"):
            self.said(word, post(word), HOST)

    def work_in_office(self) -> None:
        """Let a host, who will be erased, do all that leaves their words."""
        question = self.said("", commands.AskQuestion(text="Who knows?"), author("asker"))
        line = self.said("", commands.PostLine(text="Never mind"), author("talker"))
        for command in (
            commands.IntroducePanelist(name="gonepanelist"),
            commands.Announce(text="With gonenotice"),
            commands.AnswerInWriting(question=question, text="With goneanswer"),
            commands.Hide(item=line, why="For gonewhy"),
            commands.PinHighlight(start_s=600, end_s=620, title="A gonetitle"),
        ):
            self(GONE_HOST, command)
        for minute, word in enumerate(("goneagain", "goneformer"), start=11):
            start_s = minute * 60.0
            pin = commands.PinHighlight(start_s=start_s, end_s=start_s + 20, title=f"A {word}")
            pinned = self.said(word, pin, GONE_HOST)
            self(HOST, commands.RenameHighlight(highlight=pinned, title="Another"))
            if word == "goneagain":
                self(HOST, commands.Undo(position=self.last))

    def answer_to_applause(self, word: str, at: float) -> None:
        """Answer a question while thirty people tick within a few seconds."""
        question = self.items[word]
        self(HOST, commands.StartAnswering(question=question), at=at - 10)
        for n in range(30):
            tick = commands.GiveFeedback(kind="agree")
            self(Speaker(f"p-{n}", f"Person {n}"), tick, at=at + 8 + n / 10)
        self(HOST, commands.FinishAnswering(question=question), at=at + 20)

    def take_out(self) -> None:
        """Hide, reject, take back and erase what was said."""
        self.second = 1000
        for word in sorted(HIDDEN - {"hushanswer"}):
            self(HOST, commands.Hide(item=self.items[word], why="rude"))
        for word in sorted(REJECTED):
            self(HOST, commands.Reject(item=self.items[word], why="rude"))
        retracted, withdrawn = self.items["backline"], self.items["backquestion"]
        self(author("backline"), commands.RetractLine(line=retracted))
        self(author("backquestion"), commands.WithdrawQuestion(question=withdrawn))
        self(HOST, commands.WithdrawPost(source="fedi", post_id="backpost"))
        for gone in (author("goneperson"), GONE_HOST):
            self.app.erase(gone.person)


def author(word: str) -> Speaker:
    """Everybody says one thing, under a name that is no word of ours but for the erased one."""
    return Speaker(f"p-{word}", "goneperson" if word == "goneperson" else word.upper())


def post(word: str) -> Command:
    return commands.CatchPost(
        source="fedi", author="@ada", text=f"A post with {word}", url="", post_id=word
    )


@dataclass(frozen=True)
class Place:
    """Where to look: the server, its files, the talk, and a socket that was there all along."""

    site: Site
    folder: Path
    talk: Talk
    socket: ClientConnection
    played_to: int

    def get(self, path: str, *, is_host: bool = False) -> str:
        headers = self.site.header("Hal") if is_host else {}
        answer = httpx.get(f"{self.site.url}/api/talks/{self.talk.id}{path}", headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.text

    def rows(self, sql: str) -> str:
        with closing(sqlite3.connect(self.folder / "hearhear-views.db")) as connection:
            return repr(connection.execute(sql).fetchall())

    def event(self) -> str:
        """Read the first event that a newcomer is sent."""
        address = f"{self.site.url}/api/talks/{self.talk.id}/events"
        with httpx.stream("GET", address) as stream:
            return next(line for line in stream.iter_lines() if line.startswith("data:"))

    def sent(self) -> str:
        """Read what the socket was sent up to the last fact that a room is told of."""
        told = json.loads(self.get("/view"))["position"]
        frames = []
        while True:
            frames.append(str(self.socket.recv(timeout=10)))
            if f'"position":{told}' in frames[-1]:
                return "\n".join(frames)


Look = Callable[[Place], str]

RESOURCES = ("panelists", "lines", "questions", "answers", "posts")
SHOWN = "SELECT body FROM {} WHERE view = '{}'"

EVERYBODY: dict[str, Look] = {
    "a socket": lambda place: place.sent(),
    "a newcomer's events": lambda place: place.event(),
    "the room": lambda place: place.get("/view?as=room"),
    "the room at its end": lambda place: place.get("/view?as=room&at=899"),
    "the room as it was": lambda place: place.get(f"/view?position={place.played_to}"),
    "the room's patches that are kept": lambda place: (
        place.rows(SHOWN.format("view_patches", "room"))
        + place.rows(SHOWN.format("view_documents", "room"))
    ),
    "the resources": lambda place: "".join(place.get(f"/{name}") for name in RESOURCES),
}


def timeline(name: str) -> Look:
    return lambda place: place.get(f"/timeline.{name}")


TOPICS_ALONE = {"chapters.json", "ffmeta", "ffconcat", "vtt"}
"""Formats of the timeline that tell no highlight by its title."""
LISTENERS: dict[str, Look] = {  # whom nobody is named to
    "the replay": lambda place: place.get("/view?as=replay"),
    "the replay at its end": lambda place: place.get("/view?as=replay&at=899"),
    "the replay stretch by stretch": lambda place: "".join(
        place.get(f"/replay?from_s={begin}&to_s={begin + 450}") for begin in (0, 450)
    ),
}
WITH_TITLES = {
    f"the timeline.{name}": timeline(name) for name in sorted(FORMATS.keys() - TOPICS_ALONE)
}
WITHOUT_WORDS: dict[str, Look] = {
    **{f"the timeline.{name}": timeline(name) for name in sorted(TOPICS_ALONE)},
    "the feedback": lambda place: place.get("/feedback"),
    "the feedback as CSV": lambda place: place.get("/feedback.csv"),
    "the feedback as lines": lambda place: place.get("/feedback.jsonl"),
    "the list of talks": lambda place: httpx.get(f"{place.site.url}/api/talks").text,
}

# Each row: where to look, and which words are there before and after.
TABLE: dict[str, tuple[Look, AbstractSet[str], AbstractSet[str]]] = {
    **{name: (look, PUBLIC, NOTHING) for name, look in EVERYBODY.items()},
    **{name: (look, PUBLIC - {"goneperson"}, NOTHING) for name, look in LISTENERS.items()},
    **{name: (look, TITLES, NOTHING) for name, look in WITH_TITLES.items()},
    **{name: (look, NOTHING, NOTHING) for name, look in WITHOUT_WORDS.items()},
    "the feed by page": (
        lambda place: place.get("/feed?limit=200"),
        PUBLIC - {"gonepanelist"},
        NOTHING,
    ),
    "the search": (
        lambda place: "".join(place.get(f"/search?q={word}") for word in sorted(ALL)),
        PUBLIC - {"gonepanelist", "goneperson"},
        NOTHING,
    ),
    "the export": (
        lambda place: "".join(map(str, records_of(place.talk.store, place.talk.id))),
        PUBLIC & SESSION,
        NOTHING,
    ),
    # The desk decides, so it sees what may come back: never what was taken back or erased.
    "the desk": (
        lambda place: place.get("/view?as=desk", is_host=True),
        REJECTED | {"gonewhy"},
        MAY_COME_BACK,
    ),
    "the desk at the end": (
        lambda place: place.get("/view?as=desk&at=899", is_host=True),
        REJECTED | {"gonewhy"},
        REJECTED,
    ),
    "the resources for moderators": (
        lambda place: "".join(place.get(f"/{name}", is_host=True) for name in RESOURCES),
        ALL - NEVER_SAID,
        MAY_COME_BACK,
    ),
    "the tables for analysts": (
        lambda place: "".join(place.rows(f"SELECT * FROM {name}") for name in ANALYSTS),
        ALL - NEVER_SAID,
        MAY_COME_BACK,
    ),
    "the measures for analysts": (
        lambda place: "".join(place.rows(f"SELECT * FROM {name}") for name in MEASURES),
        TITLES,
        NOTHING,
    ),
    # What happened, for the host alone: only an erasure reaches it.
    "the log": (lambda place: place.get("/log", is_host=True), ALL, MAY_COME_BACK | TAKEN_BACK),
    # Who did what, when and why: the act stays, without what it was done to.
    "the audit trail": (
        lambda place: place.get("/audit?limit=1000", is_host=True),
        {"gonehost", "gonewhy", "goneperson"},
        NOTHING,
    ),
    "the audit trail as CSV": (
        lambda place: place.get("/audit.csv", is_host=True),
        {"gonehost", "gonewhy", "goneperson"},
        NOTHING,
    ),
}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[set[str]]]:
    """The words in each output, before and after they were taken out of sight."""
    folder = tmp_path_factory.mktemp("sight")
    with Process("serve", folder) as server, open_store(f"sqlite:///{folder}/hearhear.db") as store:
        talk = Talk(store)
        talk.play()
        site = Site(server.url)
        site.sign_in_host()
        address = f"{server.url.replace('http', 'ws', 1)}/api/talks/{talk.id}/live"
        zoe = site.header("Zoe")
        with connect(address, additional_headers=zoe, proxy=None, max_size=None) as socket:
            place = Place(site, folder, talk, socket, store.log.head())
            _shown(place)
            before = {name: words_in(look(place)) for name, (look, *_) in TABLE.items()}
            talk.take_out()
            _shown(place)
            after = {name: words_in(look(place)) for name, (look, *_) in TABLE.items()}
        talk.app.close()
    return {name: [before[name], after[name]] for name in TABLE}


def _shown(place: Place) -> None:
    """Wait until all that is made of facts knows the last one of the talk."""
    log, talk = place.talk.store.log, place.talk.id
    last = log.last_of(talk, log.head())
    kept = f"SELECT position FROM {timelines.name} WHERE talk = '{talk}'"
    eventually(lambda: httpx.get(f"{place.site.url}/readyz").json()["lag"] == 0)
    eventually(lambda: json.loads(place.get("/timeline"))["position"] == last)
    eventually(lambda: place.rows(kept) == repr([(last,)]))


@pytest.mark.parametrize("output", TABLE)
def test_what_is_taken_out_of_sight_leaves(found: dict[str, list[set[str]]], output: str) -> None:
    _, before, after = TABLE[output]

    assert found[output] == [before, after]


def test_a_timeline_made_a_moment_ago_is_not_told_again_once_a_title_is_hidden(
    tmp_path: Path,
) -> None:
    with open_store(f"sqlite:///{tmp_path}/hearhear.db") as store:
        talk, timelines = Talk(store), Timelines(store, clock=lambda: 0.0)
        talk.play()
        before = str(timelines.of(talk.id))

        talk(HOST, commands.Hide(item=talk.items["hushquestion"], why="rude"))
        after = str(timelines.of(talk.id))
        talk.app.close()

    assert words_in(before) == TITLES
    assert words_in(after) == TITLES - {"hushquestion"}

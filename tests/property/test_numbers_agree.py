"""Numbers agree: every figure, row and cell that analysts get is the plain fold of the log.

The fold here shares no code with the views: a few dictionaries over the facts. Heat and
highlights are found, not folded: their rows must be what is found in the same facts.
"""

import csv
import io
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from builders import TALK
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playing import PEOPLE, Placed, histories, played
from servers import MariaDB
from shelf import Shelf
from sqlalchemy import Engine, select

from domain.attendance import Attendance
from domain.audited import AUDITED, item_of
from domain.clock import iso
from domain.participation import Participation
from domain.policy import ANONYMOUS, whole
from domain.question import Question
from domain.social import SocialPost
from domain.store import writing
from domain.talk import Talk
from gateway.collecting import timeline_from
from gateway.http.feedback import COLUMNS
from gateway.sheet_files import FORMS, Listed
from gateway.timeline_keeping import TimelineKeeper
from projections import place, tables
from projections.generation import Generation
from projections.projector import open_views
from projections.pulling import Pseudonyms, Pull, pulled
from projections.reading import Views
from projections.sheets import SHEETS
from projections.timelines import TimelineRows

Rows = list[dict[str, Any]]


@pytest.fixture(scope="module", params=["sqlite", "mariadb"])
def views_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """An empty place for views, on each database in turn."""
    if request.param == "sqlite":
        folder: Path = tmp_path_factory.mktemp("views")
        return f"sqlite:///{folder}/views.db"
    server: MariaDB = request.getfixturevalue("mariadb")
    return server.fresh_database()


@pytest.fixture(scope="module")
def engine(views_url: str) -> Iterator[Engine]:
    engine = open_views(views_url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def views(views_url: str) -> Iterator[Views]:
    views = Views(views_url)
    yield views
    views.close()


def project(engine: Engine, history: Sequence[Placed], size: int) -> None:
    """Keep a history as a new generation, and let readers go over."""
    with writing(engine) as connection:
        begun = place.begin(connection, "log")
        place.hand_over(connection, begun, head=0)
    store: Any = Shelf(history)
    generation = Generation(store, engine, begun)
    while generation.advance(size):
        pass


class Told:
    """The plain fold of a talk's log."""

    def __init__(self, history: Sequence[Placed]) -> None:
        self.began = history[0][1].timestamp
        self.ticks: Rows = []
        self.votes: Rows = []
        self.present: Rows = []
        self.joined: set[str] = set()
        self.authors: set[str] = set()
        """Of social posts: they did not come to the talk."""
        self.asked: Counter[str] = Counter()
        self.lines: Counter[str] = Counter()
        self.said: dict[str, dict[str, Any]] = {}
        self.acts: Rows = []
        self.has_started = False
        self.is_anonymous = False
        self.nobodys: set[str] = set()
        """Lines that were posted anonymously."""
        self.into: dict[str, str] = {}
        """Which questions are merged into which."""
        for position, fact in history:
            self._hear(position, fact)

    def _hear(  # noqa: C901 - a case for each kind of fact
        self, position: int, fact: Any
    ) -> None:
        self.has_started |= isinstance(fact, Talk.Started)
        since = round((fact.timestamp - self.began).total_seconds(), 3)
        second = since if self.has_started else -1.0
        at = {"talk": TALK, "position": position, "at": iso(fact.timestamp)}
        self._hear_said(fact, {**at, "second": second})
        if type(fact) in AUDITED:
            act = {"act": fact.TOPIC, "item": item_of(fact), "attendee": fact.by}
            self.acts.append({**at, "second": second, **act})
        match fact:
            case Participation.Joined():
                self.joined.add(fact.attendee)
            case Participation.FeedbackGiven():
                self.ticks.append(
                    {
                        **at,
                        "second": int(max(second, 0)),
                        "attendee": fact.by,
                        "topic": fact.topic,
                        "kind": fact.kind,
                        "media_s": fact.media_s,
                    }
                )
            case Participation.VoteCast() | Participation.VoteWithdrawn():
                change = 1 if isinstance(fact, Participation.VoteCast) else -1
                vote = {"question": fact.question, "attendee": fact.by, "change": change}
                self.votes.append({**at, "second": second, **vote})
            case Attendance.Sampled():
                self.present.append({**at, "second": second, "present": fact.present})
            case SocialPost.Caught() | SocialPost.Held():
                self.authors.add(fact.author)
            case Talk.Scheduled() | Talk.PolicySet():
                self.is_anonymous = whole(fact.policy)["names"] == ANONYMOUS
            case (
                Participation.LinePosted() | Participation.LineHeld() | Participation.ReplyPosted()
            ):
                self._count_said(fact.line, fact.by, getattr(fact, "question", ""))
            case Question.Promoted() if fact.line in self.nobodys:
                pass
            case Question.Promoted():
                self.asked[fact.author] += 1
            case Question.Asked() | Question.Held():
                self.asked[fact.author] += not self.is_anonymous

    def _count_said(self, line: str, author: str, about: str) -> None:
        if self.is_anonymous:
            self.nobodys.add(line)
        elif not about:
            self.lines[author] += 1

    def _hear_said(  # noqa: C901, PLR0912 - a case for each kind of fact
        self, fact: Any, at: dict[str, Any]
    ) -> None:
        of_stream = fact.originator_id.rpartition("/")[2]
        item = getattr(fact, "line", "") or getattr(fact, "notice", "") or of_stream
        did = fact.TOPIC.rpartition(".")[2].removeprefix("line-").removeprefix("post-")
        match fact:
            case Participation.LinePosted():
                self._say(item, "line", fact.by, fact, at)
            case Participation.LineHeld():
                self._say(item, "reply" if fact.question else "line", fact.by, fact, at)
            case Participation.ReplyPosted():
                self._say(item, "reply", fact.by, fact, at)
            case Talk.NoticeAnnounced():
                self._say(item, "notice", fact.by, fact, at)
            case Question.Asked() | Question.Held() | Question.Promoted():
                self._say(of_stream, "question", fact.author, fact, at)
            case Question.AnsweredInWriting():
                self._say(f"{item}.answer", "answer", fact.by, fact, at)
            case Question.AnswerEdited():
                self.said[f"{item}.answer"] |= {"text": fact.text, "edited": True}
            case Question.Merged():
                self.into[item] = fact.into
            case Question.Unmerged():
                del self.into[item]
            case SocialPost.Caught() | SocialPost.Held():
                self._say(item, "post", fact.author, fact, at)
            case Participation.Erased():
                for one in self.said.values():
                    one["erased"] |= one["author"] == of_stream
            case Question.Restored():  # from the archive
                pass
            case _ if item in self.said:
                self.said[item] |= _DONE.get(did, {})
                if did == "edited":
                    self.said[item] |= {"text": fact.text, "edited": True}

    def _say(self, item: str, kind: str, author: str, fact: Any, at: dict[str, Any]) -> None:
        standing = "held" if getattr(fact, "because", "") else "shown"
        never = dict.fromkeys(("hidden", "retracted", "erased", "edited", "pinned"), False)
        said = {"kind": kind, "author": author, "text": fact.text, "standing": standing}
        self.said[item] = {**at, **said, **never}

    def items(self, kind: str, column: str) -> Rows:
        """Tell what was said of a kind, in the order of saying."""
        told = []
        for item, one in sorted(self.said.items(), key=lambda said: said[1]["position"]):
            if one["kind"] == kind:
                gone = one["retracted"] or one["erased"]
                row = {name: value for name, value in one.items() if name not in {"kind", "author"}}
                told.append({**row, column: item, "text": "" if gone else one["text"]})
        return told

    def answers(self) -> Rows:
        """Tell written answers; one is seen only beside its question."""
        told = self.items("answer", "answer")
        for one in told:
            question = self.said[one["answer"].removesuffix(".answer")]
            gone = question["hidden"] or question["retracted"] or question["erased"]
            one["hidden"] = gone or question["standing"] != "shown"
        return told

    def questions(self) -> Rows:
        """Tell questions with the people whose votes stand, for it or what is merged into it."""
        return [
            {**one, "votes": len(self._voters(one["question"]))}
            for one in self.items("question", "question")
        ]

    def _voters(self, question: str) -> set[str]:
        standing: Counter[str] = Counter()
        for vote in self.votes:
            if vote["question"] == question:
                standing[vote["attendee"]] += vote["change"]
        members = [one for one, into in self.into.items() if into == question]
        return {one for one, votes in standing.items() if votes}.union(*map(self._voters, members))

    def per(self, *names: str, bucket_s: int = 1) -> Rows:
        """Count ticks and people by bucket of seconds and whatever else."""
        ticks: Counter[tuple[Any, ...]] = Counter()
        people: defaultdict[tuple[Any, ...], set[str]] = defaultdict(set)
        for tick in self.ticks:
            bucket = tick["second"] // bucket_s * bucket_s
            key = tuple({**tick, "second": bucket}[name] for name in names)
            ticks[key] += 1
            people[key].add(tick["attendee"])
        return [
            {**dict(zip(names, key, strict=True)), "ticks": ticks[key], "people": len(people[key])}
            for key in sorted(ticks)
        ]

    def per_person(self) -> Rows:
        return [
            {name: one for name, one in row.items() if name != "people"}
            for row in self.per("topic", "kind", "attendee")
        ]

    def votes_over_time(self) -> Rows:
        standing: Counter[str] = Counter()
        told = []
        for vote in self.votes:
            standing[vote["question"]] += vote["change"]
            row = {name: one for name, one in vote.items() if name not in {"attendee", "change"}}
            told.append({**row, "votes": standing[vote["question"]]})
        return told

    def participation(self) -> Rows:
        ticks = Counter(tick["attendee"] for tick in self.ticks)
        cast = Counter(one["attendee"] for one in self.votes if one["change"] > 0)
        standing: Counter[str] = Counter()
        for one in self.votes:
            standing[one["attendee"]] += one["change"]
        return [
            {
                "attendee": one,
                "lines_posted": self.lines[one],
                "questions_asked": self.asked[one],
                "votes_cast": cast[one],
                "votes_standing": standing[one],
                "ticks_given": ticks[one],
            }
            for one in sorted(self.joined - self.authors)
        ]

    def funnel(self) -> Rows:
        did = self.participation()
        return [
            {
                "joined": len(did),
                "ticked": sum(one["ticks_given"] > 0 for one in did),
                "voted": sum(one["votes_cast"] > 0 for one in did),
                "asked": sum(one["questions_asked"] > 0 for one in did),
            }
        ]


_DONE: dict[str, dict[str, Any]] = {
    "hidden": {"hidden": True},
    "notice-hidden": {"hidden": True},
    "restored": {"hidden": False},
    "revealed": {"hidden": False},
    "notice-restored": {"hidden": False},
    "approved": {"standing": "shown"},
    "released": {"standing": "shown"},
    "rejected": {"standing": "rejected"},
    "returned": {"standing": "held"},
    "held-again": {"standing": "held"},
    "pinned": {"pinned": True},
    "unpinned": {"pinned": False},
    "retracted": {"retracted": True},
    "withdrawn": {"retracted": True},
}
"""What an act of a name makes of what was said."""
FOLDS: dict[str, Callable[[Told], Rows]] = {
    "chat_lines": lambda told: told.items("line", "line"),
    "replies": lambda told: told.items("reply", "reply"),
    "notices": lambda told: told.items("notice", "notice"),
    "posts": lambda told: told.items("post", "post"),
    "answers": Told.answers,
    "questions": Told.questions,
    "moderation": lambda told: told.acts,
    "ticks": lambda told: sorted(told.ticks, key=lambda one: (one["second"], one["position"])),
    "votes": lambda told: told.votes,
    "attendance": lambda told: told.present,
    "ticks_per_second": lambda told: told.per("second", "topic", "kind"),
    "ticks_per_person": Told.per_person,
    "v_feedback_per_second": lambda told: told.per("second", "topic", "kind"),
    "v_feedback_per_topic": lambda told: told.per("topic", "kind"),
    "v_question_votes_over_time": Told.votes_over_time,
    "v_participation": Told.participation,
    "v_funnel": Told.funnel,
}


def read_back(form: str, content: bytes, kinds: Any) -> Rows:
    """Read a file, each value as the type of its column."""
    if form == "csv":
        text = io.StringIO(content.decode(), newline="")
        return [
            {name: _read(kinds[name], value) for name, value in row.items()}
            for row in csv.DictReader(text)
        ]
    if form == "jsonl":
        return [json.loads(line) for line in content.decode().splitlines()]
    return list(pq.read_table(io.BytesIO(content)).to_pylist())


def _read(kind: type, cell: str) -> Any:
    return bool(int(cell)) if kind is bool else kind(cell)


def only(rows: Rows, names: Any) -> Rows:
    return [{name: row[name] for name in names} for row in rows]


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(history=histories, size=st.integers(1, 30))
def test_every_row_and_cell_is_the_fold_of_the_log(
    engine: Engine, history: list[Placed], size: int
) -> None:
    project(engine, history, size)

    told = Told(history)
    for name, fold in FOLDS.items():
        in_every_form(engine, name, fold(told))


def in_every_form(engine: Engine, name: str, expected: Rows) -> None:
    """Expect a sheet to hold these rows, as far as they go, whatever it is written in."""
    for form, written in FORMS.items():
        pull = Pull(SHEETS[name], (TALK,), raw=True)
        with pulled(engine, pull, Pseudonyms("secret")) as found:
            rows = read_back(form, b"".join(written.write(found)), found.kinds)
        names = expected[0] if expected else ()
        assert (name, form, only(rows, names)) == (name, form, expected or [{}] * len(rows))
        assert len(rows) == len(expected)


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(history=histories)
def test_heat_and_highlights_are_what_is_found_in_the_log(
    engine: Engine, views: Views, history: list[Placed]
) -> None:
    store: Any = Shelf(history)

    TimelineKeeper(store, TimelineRows(engine), views)._find(TALK)

    found = timeline_from([fact for _, fact in history])
    curves, step_s = found.heat.curves, found.heat.step_s
    heat = [
        {"talk": TALK, "second": number * step_s, "curve": curve, "heat": curves[curve][number]}
        for number in range(max(map(len, curves.values()), default=0))
        for curve in sorted(curves)
    ]
    in_every_form(engine, "v_heat", heat)
    told = ("start_s", "end_s", "score", "confidence", "title", "why")
    highlights = [
        {"place": place, "highlight": one.id, "people": one.evidence.people}
        | {name: getattr(one, name) for name in told}
        for place, one in enumerate(found.highlights, start=1)
    ]
    in_every_form(engine, "v_highlights", highlights)


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(history=histories, size=st.integers(1, 30), after=st.integers(0, 80))
def test_every_figure_of_the_series_is_the_fold_of_the_log(
    engine: Engine, views: Views, history: list[Placed], size: int, after: int
) -> None:
    project(engine, history, size)

    told = Told(history)
    for bucket_s in (1, 10, 60):
        expected = told.per("second", "topic", "kind", bucket_s=bucket_s)
        for row in expected:
            row["offset_s"] = float(row.pop("second"))
        rows = views.feedback(TALK, bucket_s=bucket_s)
        assert only(rows, ("topic", "kind", "ticks", "people", "offset_s")) == expected
        for form, written in FORMS.items():
            listed = Listed(COLUMNS, [tuple(row[name] for name in COLUMNS) for row in rows])
            assert read_back(form, b"".join(written.write(listed)), COLUMNS) == rows
        together = views.feedback(TALK, bucket_s=bucket_s, together=True)
        assert only(together, ("kind", "ticks", "people")) == only(
            told.per("second", "kind", bucket_s=bucket_s), ("kind", "ticks", "people")
        )
        of_topic = views.feedback(TALK, bucket_s=bucket_s, together=True, topic="topic-1")
        assert of_topic == [{**row, "topic": ""} for row in rows if row["topic"] == "topic-1"]
        cut = views.feedback(TALK, bucket_s=bucket_s, since=bucket_s, until=60, kind="funny")
        assert cut == [
            row for row in rows if bucket_s <= row["offset_s"] < 60 and row["kind"] == "funny"
        ]
        within = Told(history)
        within.ticks = [tick for tick in told.ticks if 3 <= tick["second"] < 74]
        within_a_bucket = views.feedback(TALK, bucket_s=bucket_s, since=2.5, until=74)
        assert only(within_a_bucket, ("topic", "kind", "ticks", "people")) == only(
            within.per("second", "topic", "kind", bucket_s=bucket_s),
            ("topic", "kind", "ticks", "people"),
        )
        touched = {
            tick["second"] // bucket_s * bucket_s for tick in told.ticks if tick["position"] > after
        }
        pulled_on = views.feedback(TALK, bucket_s=bucket_s, after=after)
        assert pulled_on == [row for row in rows if after == 0 or row["offset_s"] in touched]


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(waits=st.lists(st.sampled_from([0, 3, 9, 30, 70]), max_size=20), size=st.integers(1, 4))
def test_every_bucket_that_is_over_is_kept(engine: Engine, waits: list[int], size: int) -> None:
    ticks = [[("wait", wait), ("tick", PEOPLE[at % 4], "agree")] for at, wait in enumerate(waits)]
    history = played([act for acts in ticks for act in acts])

    project(engine, history, size)

    with engine.connect() as connection:
        at = place.of_readers(connection)
        assert at
        table = tables.ticks_per_bucket
        mine = (table.c.generation == at.generation) & (table.c.talk == TALK) & ~table.c.together
        key = (table.c.width_s, table.c.second, table.c.ticks, table.c.people)
        kept = [tuple(row) for row in connection.execute(select(*key).where(mine).order_by(*key))]
    told = Told(history)
    assert kept == [
        (width_s, one["second"], one["ticks"], one["people"])
        for width_s in (10, 60)
        for one in told.per("second", bucket_s=width_s)[:-1]
    ]


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(history=histories)
def test_analysts_rows_are_the_same_by_pseudonym_and_no_small_group_is_told(
    engine: Engine, history: list[Placed]
) -> None:
    project(engine, history, 50)
    pseudonyms = Pseudonyms("secret")

    told = Told(history)
    with pulled(engine, Pull(SHEETS["ticks"], (TALK,)), pseudonyms) as found:
        ticks = [row for rows in found.each({}) for row in rows]
        place_of = list(found.kinds).index("attendee")
    expected = [pseudonyms[one["attendee"]] for one in FOLDS["ticks"](told)]
    assert [row[place_of] for row in ticks] == expected
    with pulled(engine, Pull(SHEETS["v_feedback_per_topic"], (TALK,)), pseudonyms) as found:
        assert list(found.each({})) == []  # of four people there is no group of five

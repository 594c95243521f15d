"""Numbers agree: every figure, row and cell that analysts get is the plain fold of the log.

The fold here shares no code with the views: a few dictionaries over the facts.
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
from playing import Placed, histories
from shelf import Shelf
from sqlalchemy import Engine

from domain.attendance import Attendance
from domain.clock import iso
from domain.participation import Participation
from domain.question import Question
from domain.social import SocialPost
from domain.store import writing
from gateway.http.feedback import COLUMNS
from gateway.sheet_files import FORMS, Listed
from projections import place
from projections.generation import Generation
from projections.projector import open_views
from projections.pulling import Pseudonyms, Pull, pulled
from projections.reading import Views
from projections.sheets import SHEETS

Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    folder: Path = tmp_path_factory.mktemp("views")
    engine = open_views(f"sqlite:///{folder}/views.db")
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def views(engine: Engine) -> Iterator[Views]:
    views = Views(str(engine.url))
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
        for position, fact in history:
            self._hear(position, fact)

    def _hear(self, position: int, fact: Any) -> None:
        second = round((fact.timestamp - self.began).total_seconds(), 3)
        at = {"talk": TALK, "position": position, "at": iso(fact.timestamp)}
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
            case Participation.LinePosted():
                self.lines[fact.by] += 1
            case Participation.LineHeld() if not fact.question:
                self.lines[fact.by] += 1
            case Question.Asked() | Question.Held() | Question.Promoted():
                self.asked[fact.author] += 1

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


FOLDS: dict[str, Callable[[Told], Rows]] = {
    "ticks": lambda told: sorted(told.ticks, key=lambda one: (one["second"], one["position"])),
    "votes": lambda told: told.votes,
    "attendance": lambda told: told.present,
    "ticks_per_second": lambda told: told.per("second", "topic", "kind"),
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
            {name: kinds[name](value) for name, value in row.items()}
            for row in csv.DictReader(text)
        ]
    if form == "jsonl":
        return [json.loads(line) for line in content.decode().splitlines()]
    return list(pq.read_table(io.BytesIO(content)).to_pylist())


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
        expected = fold(told)
        for form, written in FORMS.items():
            pull = Pull(SHEETS[name], (TALK,), raw=True)
            with pulled(engine, pull, Pseudonyms("secret")) as found:
                kinds = found.kinds
                rows = read_back(form, b"".join(written.write(found)), kinds)
            names = expected[0] if expected else ()
            assert (name, form, only(rows, names)) == (name, form, expected or [{}] * len(rows))
            assert len(rows) == len(expected)


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
        touched = {
            tick["second"] // bucket_s * bucket_s for tick in told.ticks if tick["position"] > after
        }
        pulled_on = views.feedback(TALK, bucket_s=bucket_s, after=after)
        assert pulled_on == [row for row in rows if after == 0 or row["offset_s"] in touched]


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

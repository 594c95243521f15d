"""A talk as analysts look at it first: who came how far, how topics landed, what was asked.

Told as the role ``analyst`` may see it: groups of fewer than five people are -1. Blocks.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from domain.errors import Invalid
from domain.store.engine import ANSWER_S, is_sqlite
from gateway.sheet_files import FORMS
from projections.pulling import Pseudonyms, Pull, pulled
from projections.reading import Views
from projections.sheets import LEAST_PEOPLE, SHEETS

BUCKET_S = 60
_LOST = 2013  # MySQL's code for a connection that was given up
_SPARKS = "▁▂▃▄▅▆▇█"
_LENGTH = 24  # sparks of a line

Row = dict[str, Any]


@dataclass(frozen=True)
class Landed:
    """How a topic landed in one kind of feedback; ``people`` by moment, from the start on."""

    topic: str
    title: str
    kind: str
    ticks: int
    people: int
    over_time: list[int]


@dataclass(frozen=True)
class Asked:
    """A question, with the votes that stood for it over time."""

    question: str
    text: str
    state: str
    votes: int
    over_time: list[int]


@dataclass(frozen=True)
class Analysis:
    """What there is to know of a talk at a glance; lists are over the length of the talk."""

    talk: str
    title: str
    state: str
    duration_s: float
    funnel: Mapping[str, int]
    attendance: list[int]
    feedback: list[Landed]
    questions: list[Asked]
    highlights: list[Row]


class Analyst:
    """Reads the tables of one talk, by pseudonym."""

    def __init__(self, engine: Engine, views: Views, talk: str, pseudonyms: Pseudonyms) -> None:
        self._engine = engine
        self._views = views
        self._talk = talk
        self._pseudonyms = pseudonyms

    def analysis(self) -> Analysis:
        """Look at the talk."""
        [card] = self.rows("talks")
        series = self._views.feedback(self._talk, bucket_s=BUCKET_S)
        votes, attendance = self.rows("v_question_votes_over_time"), self.rows("attendance")
        seconds = [row["offset_s"] for row in series]
        seconds += [row["second"] for row in (*votes, *attendance)]
        length = max([1.0, *seconds]) + BUCKET_S
        [funnel] = self.rows("v_funnel") or [dict.fromkeys(("joined", "ticked", "voted", "asked"))]
        return Analysis(
            talk=self._talk,
            title=card["title"],
            state=card["state"],
            duration_s=length - BUCKET_S,
            funnel={step: funnel[step] or 0 for step in ("joined", "ticked", "voted", "asked")},
            attendance=_held([(one["second"], one["present"]) for one in attendance], length),
            feedback=list(self._landed(series, length)),
            questions=list(self._asked(votes, length)),
            highlights=self.rows("v_highlights"),
        )

    def rows(self, sheet: str, *, raw: bool = False) -> list[Row]:
        """Read a table of the talk."""
        pull = Pull(SHEETS[sheet], (self._talk,), raw=raw)
        with pulled(self._engine, pull, self._pseudonyms) as found:
            names = list(found.kinds)
            return [dict(zip(names, row, strict=True)) for rows in found.each({}) for row in rows]

    def write_all(self, folder: Path, *, raw: bool = False) -> Iterator[Path]:
        """Write each table as Parquet; yields the files. Raises ``Invalid`` without pyarrow."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, sheet in SHEETS.items():
            with pulled(self._engine, Pull(sheet, (self._talk,), raw=raw), self._pseudonyms) as one:
                pieces = FORMS["parquet"].write(one)
                path = folder / f"{name}.parquet"
                with path.open("wb") as file:
                    file.writelines(pieces)
            yield path

    @contextmanager
    def asked(self, sql: str) -> Iterator[tuple[list[str], Iterator[Sequence[Any]]]]:
        """Run one SELECT that can change nothing; tell its columns, and the rows.

        Raises ``Invalid`` for anything else, with what the database said of it.
        """
        if not sql.lstrip(" \t\r\n(").upper().startswith(("SELECT", "WITH")):
            raise Invalid("only a SELECT is run, one of its own or behind WITH")
        with self._engine.connect() as connection:
            _let_nothing_change(connection)
            try:
                if not is_sqlite(self._engine):
                    sql = sql.rstrip("; \t\r\n").replace("%", "%%")  # PyMySQL fills in values
                    _must_only_read(connection, sql)
                found = connection.execution_options(stream_results=True).exec_driver_sql(sql)
                yield list(found.keys()), iter(found)
            except DBAPIError as error:
                raise Invalid(_said_of(error)) from error
            finally:
                connection.rollback()
                if is_sqlite(self._engine):
                    connection.exec_driver_sql("PRAGMA query_only = OFF")

    def _landed(self, series: Sequence[Row], length: float) -> Iterator[Landed]:
        over_time: dict[tuple[str, str], dict[float, int]] = defaultdict(dict)
        for row in series:
            if row["people"] >= LEAST_PEOPLE:
                over_time[row["topic"], row["kind"]][row["offset_s"]] = row["people"]
        order = {topic["topic"]: topic["order"] for topic in self.rows("topics")}
        for one in sorted(
            self.rows("v_feedback_per_topic"),
            key=lambda one: (order.get(one["topic"], 0), -one["people"]),
        ):
            yield Landed(
                topic=one["topic"],
                title=one["title"],
                kind=one["kind"],
                ticks=one["ticks"],
                people=one["people"],
                over_time=_spread(over_time[one["topic"], one["kind"]], length),
            )

    def _asked(self, votes: Sequence[Row], length: float) -> Iterator[Asked]:
        over_time: dict[str, list[tuple[float, int]]] = defaultdict(list)
        for row in votes:
            over_time[row["question"]].append((row["second"], row["votes"]))
        for one in sorted(self.rows("questions"), key=lambda one: -one["votes"]):
            told = _held(over_time[one["question"]], length)
            yield Asked(one["question"], one["text"], one["state"], one["votes"], told)


def _spread(told: Mapping[float, int], length: float) -> list[int]:
    """Spread the values of buckets over the length of the talk."""
    seconds = ((place + 0.5) * length / _LENGTH for place in range(_LENGTH))
    return [told.get(second // BUCKET_S * BUCKET_S, 0) for second in seconds]


def _held(told: Sequence[tuple[float, int]], length: float) -> list[int]:
    """Spread values over the length of the talk; each holds until the next."""
    values, value = [], 0
    ahead = sorted(told)
    for place in range(_LENGTH):
        while ahead and max(ahead[0][0], 0) < (place + 1) * length / _LENGTH:
            value = ahead.pop(0)[1]
        values.append(value)
    return values


def sparks(values: Sequence[int]) -> str:
    """Draw values as a line of text, from nothing to the highest."""
    highest = max(values, default=0)
    steps = len(_SPARKS) - 1
    return "".join(
        _SPARKS[round(max(one, 0) / highest * steps)] if highest else " " for one in values
    )


def _said_of(error: DBAPIError) -> str:
    """Tell what a database said of a query, and what may be asked."""
    told = error.orig.args if error.orig else ()
    if told[:1] == (_LOST,):
        return f"the database took longer than {ANSWER_S} s: ask for less, or in parts"
    return f"{told[-1] if told else error}: the tables are {', '.join(SHEETS)}, and your own"


def _must_only_read(connection: Connection, sql: str) -> None:
    """Let MariaDB refuse what can be no part of a query, as INTO OUTFILE, and run nothing."""
    connection.exec_driver_sql(f"EXPLAIN SELECT EXISTS (\n{sql}\n)")


def _let_nothing_change(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.execute(text("PRAGMA query_only = ON"))
    else:
        connection.execute(text("START TRANSACTION READ ONLY"))

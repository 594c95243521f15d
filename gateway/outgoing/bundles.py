"""A bundle of files for each talk that ends: its tables, its timeline, and what they mean.

The tables are those that analysts see: pseudonyms instead of people, and no small groups.
"""

import shutil
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import orjson
from sqlalchemy import Engine

from domain.aggregate import talk_stream
from domain.store import Recorded, Store
from domain.talk import Talk
from gateway.collecting import timeline_of
from gateway.exporting import records_of
from gateway.outgoing.errands import ErrandFailed
from gateway.sheet_files import FORMS
from projections.meanings import MEANINGS
from projections.pulling import Pseudonyms, Pull, pulled
from projections.sheets import SHEETS, Sheet, Shown
from projections.timelines import TimelineRows
from replay.exports import FORMATS
from replay.timeline import Timeline

TABLES = ("csv", "jsonl")
SESSION = "session.jsonl"
README = "README.md"

_ABOUT = (
    f"`timeline.*` is the timeline in the forms that players and tables read; `{SESSION}` holds "
    "what happened as `hearhear import` takes it, with people numbered. The tables come as CSV and "
    "as JSON lines. People have pseudonyms, which differ from talk to talk; groups of fewer than "
    "five are left out, or -1."
)


class Bundle:
    """Writes a folder named like the talk, whole or not at all; one that is there is replaced."""

    name = "bundle"
    facts = frozenset({Talk.Ended.TOPIC})

    def __init__(self, folder: Path, store: Store, views: Engine, secret: str) -> None:
        self._folder = folder
        self._store = store
        self._views = views
        self._secret = secret

    def do(self, recorded: Recorded) -> None:
        """Write the bundle of a talk, once its rows are there."""
        kept = TimelineRows(self._views).positions(self._store.log_id())
        if kept.get(recorded.talk, 0) < recorded.position:
            raise ErrandFailed("the talk's rows are not complete yet")
        try:
            self._write(recorded.talk)
        except OSError as error:
            raise ErrandFailed(f"{type(error).__name__}: {error}") from None

    def _write(self, talk: str) -> None:
        draft, former = (self._folder / f".{talk}.{what}" for what in ("draft", "former"))
        for left in (draft, former):
            shutil.rmtree(left, ignore_errors=True)
        draft.mkdir(parents=True)
        for name, pieces in self._files(talk):
            with (draft / name).open("wb") as file:
                file.writelines(pieces)
        written = self._folder / talk
        if written.exists():
            written.rename(former)
        draft.rename(written)
        shutil.rmtree(former, ignore_errors=True)

    def _files(self, talk: str) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Tell all files but never hold one: their pieces are made while they are written."""
        _, timeline = timeline_of(self._store, talk)
        yield README, iter([self._readme(talk, timeline).encode()])
        for name, form in FORMATS.items():
            yield f"timeline.{name}", iter([form.write(timeline).encode()])
        yield SESSION, (orjson.dumps(one) + b"\n" for one in records_of(self._store, talk))
        for sheet in SHEETS.values():
            for ending in TABLES:
                yield f"{sheet.name}.{ending}", self._table(sheet, talk, ending)

    def _table(self, sheet: Sheet, talk: str, ending: str) -> Iterator[bytes]:
        with pulled(self._views, Pull(sheet, (talk,)), Pseudonyms(self._secret)) as found:
            yield from FORMS[ending].write(found)

    def _readme(self, talk: str, timeline: Timeline) -> str:
        found = self._store.aggregate(Talk, talk_stream(talk))
        told = (
            f"# {found.title if found else talk}",
            f"Talk `{talk}`, {timeline.duration_s:.0f} s long.",
            _ABOUT,
            *chain.from_iterable(map(_about, SHEETS.values())),
        )
        return "\n\n".join(told) + "\n"


def _about(sheet: Sheet) -> Iterator[str]:
    yield f"## {sheet.name}"
    yield sheet.what
    yield "\n".join(
        f"- `{one.name}`: {MEANINGS[one.name]}{_seen(one.shown)}" for one in sheet.seen(raw=False)
    )


def _seen(shown: Shown) -> str:
    return "" if shown is Shown.OPENLY else f" ({shown.value})"

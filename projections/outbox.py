"""The outbox: patches by talk and view, each leading on from the one before.

It is written with the rows they come from, serves what was not published yet and those
who lag behind, and keeps a document of every view from which its patches lead on.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import orjson
from sqlalchemy import Connection, delete, select

from projections import rows
from projections.fanout import PATCHES, Message
from projections.patch import Document
from projections.place import Place
from projections.tables import chains, documents, patches

ME = "me"
"""In the outbox, the changes for single attendees of a talk, by attendee."""
TalkAndView: TypeAlias = tuple[str, str]
_TOLD_AT_ONCE = 500  # patches in one message, when many wait


@dataclass(frozen=True, slots=True)
class Patched:
    """A change of a view of a talk, as JSON. ``redacts``: drop what you hold of before."""

    talk: str
    view: str
    prev: int
    position: int
    redacts: bool
    body: bytes


def write(connection: Connection, place: Place, told: Sequence[Patched]) -> None:
    """Add patches, and forget those of before where something was taken from people's eyes."""
    for redacted in {one.talk for one in told if one.redacts}:
        connection.execute(
            delete(patches).where(
                patches.c.generation == place.generation, patches.c.talk == redacted
            )
        )
    if told:
        rows.put(connection, patches, [_row(place, one) for one in told], known="refuse")
    moved = [(place.generation, one.talk, one.view, one.position) for one in told if one.view != ME]
    if moved:
        rows.put(connection, chains, moved)


def _row(place: Place, one: Patched) -> tuple[Any, ...]:
    return (
        place.generation,
        one.position,
        one.talk,
        one.view,
        one.prev,
        one.redacts,
        one.body,
    )


def write_documents(
    connection: Connection, place: Place, shown: Iterable[tuple[str, str, int, Document]]
) -> None:
    """Write views as (talk, view, position of their last patch, document)."""
    written = [
        (place.generation, talk, view, position, orjson.dumps(document))
        for talk, view, position, document in shown
    ]
    if written:
        rows.put(connection, documents, written)


def last_patches(connection: Connection, place: Place, talk: str) -> dict[str, int]:
    """Tell the position of the last patch of each view of a talk."""
    wanted = select(chains.c.view, chains.c.position)
    found = connection.execute(
        wanted.where(chains.c.generation == place.generation, chains.c.talk == talk)
    )
    return {row.view: row.position for row in found}


def outdated(connection: Connection, place: Place) -> list[TalkAndView]:
    """List the views (talk, view) whose document is older than their last patch."""
    of_view = (
        (documents.c.generation == chains.c.generation)
        & (documents.c.talk == chains.c.talk)
        & (documents.c.view == chains.c.view)
        & (documents.c.position >= chains.c.position)
    )
    wanted = select(chains.c.talk, chains.c.view).join(documents, of_view, isouter=True)
    found = connection.execute(
        wanted.where(chains.c.generation == place.generation, documents.c.position.is_(None))
    )
    return [(talk, view) for talk, view in found]


def unpublished(connection: Connection, place: Place) -> list[Patched]:
    """Read what nobody was told yet; so many at once, but never half of a batch."""
    wanted = select(patches).where(
        patches.c.generation == place.generation, patches.c.position > place.published
    )
    limited = wanted.order_by(patches.c.position).limit(_TOLD_AT_ONCE)
    found = [_patched(row) for row in connection.execute(limited)]
    if len(found) < _TOLD_AT_ONCE:
        return found
    return [one for one in found if one.position < found[-1].position]


def behind(
    connection: Connection, place: Place, talk: str, view: str, after: int
) -> list[Patched] | None:
    """Read the patches of a view behind a position; ``None`` when they don't reach back."""
    wanted = select(patches).where(
        patches.c.generation == place.generation,
        patches.c.position > after,
        patches.c.talk == talk,
        patches.c.view == view,
    )
    found = [_patched(row) for row in connection.execute(wanted.order_by(patches.c.position))]
    if found:
        return found if found[0].prev <= after else None
    return [] if last_patches(connection, place, talk).get(view, 0) <= after else None


def forget(connection: Connection, place: Place, until: int) -> None:
    """Forget the patches up to a position."""
    connection.execute(
        delete(patches).where(patches.c.generation == place.generation, patches.c.position <= until)
    )


def _patched(row: Any) -> Patched:
    return Patched(row.talk, row.view, row.prev, row.position, row.redacts, bytes(row.body))


def message(epoch: str, told: Sequence[Patched]) -> Message:
    """Put patches into one message for all gateways."""
    body = {
        "patches": [_wire(epoch, one) for one in told if one.view != ME],
        "me": [
            {"talk": one.talk, "attendee": attendee, "position": one.position, "patch": patch}
            for one in told
            if one.view == ME
            for attendee, patch in orjson.loads(one.body).items()
        ],
    }
    talks = tuple(sorted({one.talk for one in told}))
    return Message(PATCHES, orjson.dumps(body), talks)


def _wire(epoch: str, one: Patched) -> dict[str, Any]:
    return {
        "talk": one.talk,
        "view": one.view,
        "epoch": epoch,
        "prev": one.prev,
        "position": one.position,
        "patch": orjson.Fragment(one.body),
        "redacts": one.redacts,
    }

"""Whatever happens on the way, everybody ends at the projector's document; hidden stays hidden."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from clocks import ManualClock
from hypothesis import given, settings
from hypothesis import strategies as st
from seats import Reader

from gateway.hub import Hub, View
from gateway.rooms import Change
from projections import patch as merge_patch

EPOCHS = ("e", "f")


class Projector:
    """Folds lines into a view and remembers what it published."""

    def __init__(self) -> None:
        self.epoch = EPOCHS[0]
        self.position = 0
        self.last = 0
        self.document: dict[str, Any] = {"feed": {}}
        self.outbox: list[Change] = []
        self.hidden: list[str] = []

    def post(self) -> Change:
        line = f"l{self.position + 1}"
        return self._publish({"feed": {line: {"text": f"words-of-{line}-end"}}}, redacts=False)

    def hide(self, choice: int) -> Change | None:
        lines = sorted(self.document["feed"])
        if not lines:
            return None
        line = lines[choice % len(lines)]
        self.hidden.append(f"words-of-{line}-end")
        self.outbox.clear()
        return self._publish({"feed": {line: None}}, redacts=True)

    def skip(self) -> None:
        """A fact that changes nothing in this view."""
        self.position += 1

    def rebuild(self) -> None:
        self.epoch = EPOCHS[1]
        self.outbox.clear()

    def _publish(self, patch: Mapping[str, Any], *, redacts: bool) -> Change:
        self.position += 1
        change = Change(self.epoch, self.last, self.position, patch, redacts)
        self.last = self.position
        self.document = merge_patch.apply(self.document, patch)
        self.outbox.append(change)
        return change

    # What a hub reads.

    async def view(self, _talk: str, _view: str) -> View:
        return View(self.epoch, self.last, self.document)

    async def changes(
        self, _talk: str, _view: str, epoch: str, after: int
    ) -> Sequence[Change] | None:
        newer = [change for change in self.outbox if change.position > after]
        reaches = not newer or newer[0].prev <= after
        return newer if epoch == self.epoch and reaches and after <= self.last else None

    async def me(self, _talk: str, attendee: str) -> Mapping[str, Any]:
        return {"attendee": attendee}

    async def position(self) -> int:
        return self.position


def message(change: Change) -> bytes:
    patch = {
        "talk": "t",
        "view": "room",
        "epoch": change.epoch,
        "prev": change.prev,
        "position": change.position,
        "patch": change.patch,
        "redacts": change.redacts,
    }
    return orjson.dumps({"patches": [patch]})


steps = st.lists(
    st.one_of(
        st.tuples(
            st.sampled_from(["post", "post", "hide", "skip"]),
            st.sampled_from(["sent", "lost", "doubled", "delayed"]),
            st.integers(0, 9),
        ),
        st.tuples(
            st.sampled_from(
                ["late", "tick", "fill", "drain", "drop", "return", "join", "rebind", "rebuild"]
            ),
            st.none(),
            st.integers(0, 9),
        ),
    ),
    max_size=40,
)

arriving_steps = st.lists(
    st.tuples(
        st.sampled_from(["post", "hide", "tick", "fill", "drain", "drop", "return"]),
        st.just("sent"),
        st.integers(0, 9),
    ),
    min_size=8,
    max_size=60,
)


class Story:
    """A hub, its projector and some readers, to whom things happen."""

    def __init__(self, window_s: float, ring: int) -> None:
        self.clock = ManualClock()
        self.projector = Projector()
        self.hub = Hub(
            self.projector,
            window_s=window_s,
            now=self.clock.now,
            later=self.clock.later,
            ring_changes=ring,
        )
        self.hub.bound()
        self.readers: list[Reader] = []
        self.away: list[Reader] = []
        self.delayed: list[Change] = []

    async def settle(self) -> None:
        while self.hub._tasks:
            await asyncio.gather(*self.hub._tasks)

    async def join(self, reader: Reader) -> None:
        await self.hub.enter("t", "room", reader.seat, reader.epoch, reader.position)
        self.readers.append(reader)

    def publish(self, change: Change | None, fate: str) -> None:
        match fate:
            case "sent" | "doubled" if change:
                for _ in range(2 if fate == "doubled" else 1):
                    self.hub.deliver("patches", message(change))
            case "delayed" if change:
                self.delayed.append(change)

    async def happen(self, what: str, fate: str | None, number: int) -> None:
        match what:
            case "post":
                self.publish(self.projector.post(), fate or "")
            case "hide":
                self.publish(self.projector.hide(number), fate or "")
            case "skip":
                self.projector.skip()
            case "rebuild":
                self.projector.rebuild()
            case "late" if self.delayed:
                self.hub.deliver("patches", message(self.delayed.pop(0)))
            case "tick":
                self.clock.pass_(0.03)
            case "rebind":
                self.hub.lost()
                self.hub.bound()
            case _:
                await self.move(what, number)

    async def move(self, what: str, number: int) -> None:
        """What single readers do."""
        if what == "join":
            await self.join(Reader(f"attendee-{number}"))
        elif what == "return" and self.away:
            await self.join(self.away.pop(0).reconnected())
        elif self.readers:
            reader = self.readers[number % len(self.readers)]
            match what:
                case "fill":
                    reader.wire.is_full = True
                case "drain":
                    reader.wire.drain()
                case "drop":
                    self.hub.leave("t", reader.seat)
                    self.readers.remove(reader)
                    self.away.append(reader.read())

    async def end(self) -> None:
        """Everything settles: beats come, wires drain, windows close."""
        for _ in range(3):
            last = {"t": {"room": self.projector.last}}
            body = {"epoch": self.projector.epoch, "head": 0, "position": 0, "talks": last}
            self.hub.deliver("beat", orjson.dumps(body))
            await self.settle()
            self.clock.pass_(1.0)
        for reader in self.readers:
            reader.wire.drain()
        await self.settle()


async def told(script: Sequence[tuple[str, str | None, int]], window_s: float, ring: int) -> Story:
    story = Story(window_s, ring)
    for step in script:
        await story.happen(*step)
        await story.settle()
    await story.join(Reader("last"))
    await story.end()
    return story


@given(script=steps, window_s=st.sampled_from([0.0, 0.05]), ring=st.sampled_from([2, 512]))
def test_everybody_ends_at_the_projectors_document(
    script: list[tuple[str, str | None, int]], window_s: float, ring: int
) -> None:
    story = asyncio.run(told(script, window_s, ring))

    for reader in story.readers:
        room = reader.seat.room
        assert room is not None
        assert reader.read().view == story.projector.document
        # Changes that cancel out are not sent, so a reader may stand before the last one.
        assert room.sent <= reader.position <= room.checked == story.projector.last
        assert reader.epoch == story.projector.epoch
        assert not reader.missed_something
        assert reader.me == {"attendee": reader.seat.attendee}


async def _after_hiding(script: Sequence[tuple[str, str | None, int]], window_s: float) -> None:
    """Tell a story, and after each hiding that arrives watch what still leaves."""
    story = Story(window_s, 512)
    await story.join(Reader("ann"))
    known: set[str] = set()
    sent: dict[Reader, int] = {}
    for what, fate, number in script:
        await story.happen(what, fate, number)
        await story.settle()
        for reader in story.readers:
            new = reader.wire.bytes[sent.get(reader, 0) :].decode()
            assert not [words for words in known if words in new], json.dumps(new)
            sent[reader] = len(reader.wire.bytes)
        known.update(story.projector.hidden)


@settings(max_examples=300)
@given(script=arriving_steps, window_s=st.sampled_from([0.0, 0.05]))
def test_no_byte_of_something_hidden_leaves_after_the_hiding(
    script: list[tuple[str, str | None, int]], window_s: float
) -> None:
    asyncio.run(_after_hiding(script, window_s))

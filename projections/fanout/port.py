"""What projectors and gateways expect of a fan-out: a fast path and a wake-up call.

It may lose, double or delay a message; the views in the store are the truth, and positions tell
a receiver what it missed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, Self

PATCHES = "patches"
BEAT = "beat"

OnMessage = Callable[[str, bytes], None]
"""Called with a message's kind and body. Kinds it does not know it should ignore."""

OnChange = Callable[[], None]


class PublishFailed(Exception):  # noqa: N818 - named like the fact it tells
    """The broker did not confirm a batch in time; it may have been delivered all the same."""


@dataclass(frozen=True, slots=True)
class Message:
    """What every gateway should get: opaque bytes and their kind.

    ``talks`` names the talks it is about. Every gateway gets every message today; an
    implementation may route by them later.
    """

    kind: str
    body: bytes
    talks: tuple[str, ...] = ()


class Publisher(Protocol):
    """The projector's end. Its methods may be called from any thread but a loop's."""

    @property
    def connected(self) -> bool:
        """Whether the next batch has somebody to confirm it."""

    def publish(self, messages: Sequence[Message]) -> None:
        """Hand the batch over and return when it is confirmed, or raise :class:`PublishFailed`.

        Blocks for at most three seconds; while the broker is known to be away it fails at once.
        Nobody listening is no failure.
        """

    def beat(self, body: bytes) -> None:
        """Send a message of kind "beat", or lose it; never blocks and never raises."""


class Subscriber(Protocol):
    """A gateway's end: lives on the loop that starts it, and its callbacks run there.

    ``on_bound`` is called after every binding, also the first: from then on messages arrive, but
    what was sent before is missed, so the gateway reads its rooms' views again. ``on_lost`` is
    called once for each ``on_bound`` when messages stop. An exception from a callback is logged.
    """

    @property
    def connected(self) -> bool:
        """Whether messages sent now will arrive."""

    async def start(self) -> None:
        """Bind, and go on binding again whenever it is lost, until closed.

        Returns when bound, or after a few seconds without; ask ``connected``.
        """

    async def close(self) -> None:
        """Stop; after it returns no callback is called."""


class Nudger(Protocol):
    """A writer's end: wakes the projectors after a commit."""

    def nudge(self) -> None:
        """Wake every projector, or fail to; from any thread, never blocks and never raises.

        Many nudges may arrive as one.
        """


class Waker(Protocol):
    """A projector's end of the nudges. One thread waits; others may wake it."""

    def wait(self, timeout_s: float) -> bool:
        """Block until nudged since the last wait; return False when the time is over.

        Nudges get lost while the broker is away, so wait for 250 ms at most.
        """

    def wake(self) -> None:
        """End the wait under way, or the next one; from any thread."""


class Fanout(Protocol):
    """The parts of one process; closing it ends all of them but the subscribers."""

    def publisher(self) -> Publisher: ...

    def subscriber(
        self, *, on_message: OnMessage, on_bound: OnChange, on_lost: OnChange
    ) -> Subscriber: ...

    def nudger(self) -> Nudger: ...

    def waker(self) -> Waker: ...

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...

"""From projectors to gateways: the port, and which implementation a URL chooses."""

from projections.fanout.memory import MemoryFanout
from projections.fanout.port import (
    BEAT,
    PATCHES,
    Fanout,
    Message,
    Nudger,
    OnChange,
    OnMessage,
    Publisher,
    PublishFailed,
    Subscriber,
    Waker,
)
from projections.fanout.rabbitmq import RabbitFanout

__all__ = [
    "BEAT",
    "PATCHES",
    "Fanout",
    "Message",
    "Nudger",
    "OnChange",
    "OnMessage",
    "PublishFailed",
    "Publisher",
    "Subscriber",
    "Waker",
    "open_fanout",
]


def open_fanout(url: str, *, prefix: str = "hearhear") -> Fanout:
    """Open the fan-out that ``HEARHEAR_BROKER_URL`` names; connections are made when needed.

    ``memory://`` connects the parts of this one object. ``amqp://`` and ``amqps://`` take several
    hosts, separated by commas; installations that share a broker differ by ``prefix``.
    """
    match url.partition("://")[0]:
        case "memory":
            return MemoryFanout()
        case "amqp" | "amqps":
            return RabbitFanout(url, prefix=prefix)
        case _:
            raise ValueError(f"a broker's URL begins with memory:// or amqp://, not {url!r}")

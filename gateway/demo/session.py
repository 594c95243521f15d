"""An evening as a recorded session: the lines that an import takes. Pure."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from gateway.demo.audience import Act
from gateway.demo.programme import SOURCE, Programme

_KINDS = {"line": "chat"}


def lines(
    programme: Programme, acts: Sequence[Act], names: Sequence[str], *, length_s: float
) -> Iterator[bytes]:
    """Write an evening as JSON lines, from its start to its end."""
    yield _line(0, "start")
    for act in acts:
        yield _record(programme, act, names)
    yield _line(length_s, "end")


def _record(programme: Programme, act: Act, names: Sequence[str]) -> bytes:
    kind = _KINDS.get(act.doing, act.doing)
    match act.doing:
        case "topic":
            return _line(act.at_s, kind, text=act.what)
        case "question":
            return _line(act.at_s, kind, user=names[act.who], text=act.what, ref=str(act.about))
        case "post":
            author, text = programme.posts[act.about]
            return _line(act.at_s, kind, user=author, text=text, source=SOURCE)
        case "vote":
            return _line(act.at_s, kind, user=names[act.who], text=str(act.about))
        case _:
            return _line(act.at_s, kind, user=names[act.who], text=act.what)


def _line(at_s: float, kind: str, **fields: Any) -> bytes:
    return json.dumps({"t": round(at_s, 3), "kind": kind, **fields}).encode()

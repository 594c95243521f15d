"""Facts to bytes and back: JSON, with what people wrote sealed under their own keys.

The stored state is a JSON object of the fact's fields. A sealed field stands apart,
``"sealed": {"text": ["by", "AQ…"]}``: the field that holds its author's id, and a
version byte, nonce and ciphertext in base64. It is bound to its stream, stored name
and field, so that it opens nowhere else (docs/decisions/0008-sealed-text.md).
"""

from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from secrets import token_bytes
from typing import Any, cast

import orjson
from cryptography.exceptions import InvalidTag
from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import Mapper, StoredEvent, Transcoder
from eventsourcing.utils import get_topic, resolve_topic

# Their facts register their stored names, so that a fresh process can read them.
from domain import access, attendance, participation, person, question, social, talk  # noqa: F401
from domain.aggregate import Fact
from domain.store.keys import KeyRing, PersonalKey

ERASED_MARK = "[erased]"
_VERSION = b"\x01"
_NONCE = 12


class UnreadableFact(ValueError):  # noqa: N818 - reads as a statement where it is raised
    """A stored fact that this version of the product can't read."""


class PlainJSON(Transcoder):
    """JSON values and nothing else: what people send can't name a type to be made."""

    def encode(self, obj: Any) -> bytes:
        return orjson.dumps(obj)

    def decode(self, data: bytes) -> Any:
        return orjson.loads(data)


class SealingMapper(Mapper[str]):
    """The library's mapper for our facts: seals, opens and upcasts."""

    def __init__(self, keys: KeyRing, *, nonce: Callable[[int], bytes] = token_bytes) -> None:
        super().__init__(PlainJSON())
        self.keys = keys
        self._nonce = nonce

    # Writing.

    def to_stored_event(self, domain_event: DomainEventProtocol[str]) -> StoredEvent:
        """Seal and encode a fact."""
        kind = type(domain_event)
        name = get_topic(kind)
        state = dict(vars(domain_event))
        stream = state.pop("originator_id")
        version = state.pop("originator_version")
        state["timestamp"] = state["timestamp"].astimezone(UTC)
        if (class_version := getattr(kind, "class_version", 1)) > 1:
            state["class_version"] = class_version
        if owners := getattr(kind, "SEALED", None):
            state["sealed"] = {
                field: [owner, self._seal(state.pop(field), state[owner], stream, name, field)]
                for field, owner in owners.items()
            }
        return StoredEvent(stream, version, name, self.transcoder.encode(state))

    def _seal(self, text: str, attendee: str, stream: str, name: str, field: str) -> str:
        """Seal a text; the empty answer stands for an author who was erased."""
        key = self.keys.sealing_key(attendee)
        if key is None:
            return ""
        nonce = self._nonce(_NONCE)
        sealed = key.cipher.encrypt(nonce, text.encode(), _binding(stream, name, field))
        return b64encode(_VERSION + nonce + sealed).decode()

    # Reading.

    def to_domain_event(self, stored_event: StoredEvent) -> Fact:
        """Decode a fact, open what was sealed, and bring it up to date."""
        return self.to_facts([stored_event])[0]

    def to_facts(self, stored: Sequence[StoredEvent]) -> list[Fact]:
        """Decode many; asks once for all the keys that are not remembered."""
        states = [self._state(event) for event in stored]
        keys = self.keys.keys_of(_owners(states))
        return [_fact(event, state, keys) for event, state in zip(stored, states, strict=True)]

    def _state(self, event: StoredEvent) -> dict[str, Any]:
        try:
            return cast("dict[str, Any]", self.transcoder.decode(event.state))
        except ValueError as error:
            raise _unreadable(event, str(error)) from error


def _owners(states: Iterable[Mapping[str, Any]]) -> set[str]:
    return {
        state[owner]
        for state in states
        if "sealed" in state
        for owner, _ in state["sealed"].values()
    }


def _fact(
    event: StoredEvent, state: dict[str, Any], keys: Mapping[str, PersonalKey | None]
) -> Fact:
    stream, name = cast("str", event.originator_id), event.topic
    kind = resolve_topic(name)
    try:
        for field, (owner, text) in state.pop("sealed", {}).items():
            state[field] = _open(text, keys[state[owner]], _binding(stream, name, field))
        state["timestamp"] = datetime.fromisoformat(state["timestamp"])
        _upcast(kind, state)
    except InvalidTag as error:
        raise _unreadable(event, "its text was sealed for another place") from error
    except (KeyError, TypeError, ValueError) as error:
        raise _unreadable(event, repr(error)) from error
    fact: Fact = object.__new__(kind)
    place = {"originator_id": stream, "originator_version": event.originator_version}
    fact.__dict__.update(state, **place)
    return fact


def _open(sealed: str, key: PersonalKey | None, binding: bytes) -> str:
    if key is None or not sealed:
        return ERASED_MARK
    raw = b64decode(sealed)
    if raw[:1] != _VERSION:
        raise ValueError(f"sealed in a form of version {raw[0]}, which is not known here")
    nonce, content = raw[1 : 1 + _NONCE], raw[1 + _NONCE :]
    return key.cipher.decrypt(nonce, content, binding).decode()


def _upcast(kind: type, state: dict[str, Any]) -> None:
    """Bring an older form up to date, one version at a time."""
    version = state.pop("class_version", 1)
    while version < getattr(kind, "class_version", 1):
        getattr(kind, f"upcast_v{version}_v{version + 1}")(state)
        version += 1


def _binding(stream: str, name: str, field: str) -> bytes:
    return f"{stream}\n{name}\n{field}".encode()


def _unreadable(event: StoredEvent, why: str) -> UnreadableFact:
    where = f"version {event.originator_version} of {event.originator_id}"
    return UnreadableFact(f"{event.topic}, {where}, can't be read: {why}")

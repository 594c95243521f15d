"""YouTube's live chat, as yt-dlp keeps it: ``VIDEO.live_chat.json``, an action a line.

Messages become chat, in the order and at the offsets of the video; those that were
deleted, and those of authors who were removed, stay out.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from gateway.converting.export import UnreadableExportError, seconds, start

_SAID = (
    "liveChatTextMessageRenderer",
    "liveChatPaidMessageRenderer",
    "liveChatMembershipItemRenderer",
)
"""What people wrote; the rest is the platform's own (banners, tickers, polls)."""


@dataclass(frozen=True)
class _Message:
    id: str
    channel: str
    author: str
    text: str
    t: float
    at_us: int


@dataclass
class _Chat:
    """What was said, and what was taken back."""

    messages: list[_Message] = field(default_factory=list)
    deleted: set[str] = field(default_factory=set)
    removed: set[str] = field(default_factory=set)

    def take(self, action: Mapping[str, Any], t: float) -> None:
        """Take in one action of the chat; most kinds say nothing."""
        match action:
            case {"addChatItemAction": {"item": item}}:
                self.messages += [_message(item[kind], t) for kind in _SAID if kind in item]
            case {"markChatItemAsDeletedAction": {"targetItemId": str(message)}}:
                self.deleted.add(message)
            case {"removeChatItemAction": {"targetItemId": str(message)}}:
                self.deleted.add(message)
            case {"markChatItemsByAuthorAsDeletedAction": {"externalChannelId": str(channel)}}:
                self.removed.add(channel)
            case {"removeChatItemByAuthorAction": {"externalChannelId": str(channel)}}:
                self.removed.add(channel)

    def standing(self) -> list[_Message]:
        """List what was not taken back, in order; the same message comes once."""
        told = {
            message.id: message
            for message in self.messages
            if message.id not in self.deleted and message.channel not in self.removed
        }
        return sorted(told.values(), key=lambda message: message.t)


def records_of(file: Path) -> Iterator[dict[str, Any]]:
    """Tell the records of a chat, from its start to its last message."""
    chat, last_s = _Chat(), 0.0
    with file.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                try:
                    last_s = max(last_s, _read(line, chat))
                except (msgspec.DecodeError, KeyError, TypeError, ValueError) as error:
                    raise UnreadableExportError(
                        f"line {number} is no action of a live chat"
                    ) from error
    if not last_s and not chat.messages:
        raise UnreadableExportError("it holds no action of a live chat")
    messages = chat.standing()
    yield start(_started_at(messages))
    for message in messages:
        text = {"text": message.text} if message.text else {}
        yield {"t": seconds(message.t), "kind": "chat", "user": message.author, **text}
    yield {"t": seconds(last_s), "kind": "end"}


def _read(line: bytes, chat: _Chat) -> float:
    """Take in one line; tells how far into the video it is."""
    told = msgspec.json.decode(line)
    replayed = told["replayChatItemAction"]
    offset = replayed.get("videoOffsetTimeMsec", told.get("videoOffsetTimeMsec", 0))
    t = max(int(offset) / 1000, 0.0)  # said before the video began: at its beginning
    for action in replayed["actions"]:
        chat.take(action, t)
    return t


def _message(renderer: Mapping[str, Any], t: float) -> _Message:
    author = renderer.get("authorName", {}).get("simpleText", "") or "Somebody"
    text = renderer.get("message") or renderer.get("headerSubtext") or {}
    return _Message(
        id=renderer["id"],
        channel=renderer.get("authorExternalChannelId", ""),
        author=author,
        text=_text(text).strip(),
        t=t,
        at_us=int(renderer.get("timestampUsec", 0)),
    )


def _text(message: Mapping[str, Any]) -> str:
    """Join the runs of a message; an emoji of the channel's own is told by its name."""
    runs = message.get("runs", [])
    return message.get("simpleText", "") or "".join(
        run["text"] if "text" in run else _emoji(run.get("emoji", {})) for run in runs
    )


def _emoji(emoji: Mapping[str, Any]) -> str:
    names = emoji.get("shortcuts", [])
    if emoji.get("isCustomEmoji") and names:
        return str(names[0])
    return str(emoji.get("emojiId", ""))


def _started_at(messages: list[_Message]) -> datetime | None:
    """Tell when second 0 of the video was, by the first message that tells both times."""
    for message in messages:
        if message.at_us and message.t:
            said_at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=message.at_us)
            return (said_at - timedelta(seconds=message.t)).replace(microsecond=0)
    return None

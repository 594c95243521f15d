"""What a host decided about highlights. Highlights themselves are a view, found anew at will."""

import re
from datetime import datetime
from typing import Any, ClassVar

from domain.aggregate import TalkAggregate, talk_stream
from domain.errors import NotFound

_FOUND = re.compile(r"h\d{1,6}")  # the ids of highlights that were found, not pinned


class Highlights(TalkAggregate):
    """The decisions of one talk's hosts: pinned, renamed, dropped and restored highlights."""

    TOPIC = "replay.highlights"

    class Event(TalkAggregate.Event):
        TOPIC = "replay.event"

    class Begun(TalkAggregate.Created, Event):
        """A host decided something for the first time."""

        TOPIC = "replay.begun"
        talk: str

    class HighlightPinned(Event):
        """A host chose a stretch of the recording, in its seconds."""

        TOPIC = "replay.highlight-pinned"
        SEALED: ClassVar = {"title": "by"}
        highlight: str
        start_s: float
        end_s: float
        title: str

        def apply(self, highlights: "Highlights") -> None:
            highlights.title(self.highlight, self.title, self.by)
            highlights.pinned.add(self.highlight)

    class HighlightRenamed(Event):
        """Another title; ``before`` is the host's former one, empty for the one that was found.

        Each is sealed with the key of whoever thought of it, who need not be the one who gives it
        now: an undo gives a title back.
        """

        TOPIC = "replay.highlight-renamed"
        SEALED: ClassVar = {"title": "titled_by", "before": "before_by"}
        class_version = 2
        highlight: str
        title: str
        titled_by: str
        before: str
        before_by: str

        @staticmethod
        def upcast_v1_v2(state: dict[str, Any]) -> None:
            """Both titles were sealed with the key of who gave the new one."""
            state["titled_by"] = state["before_by"] = state["by"]

        def apply(self, highlights: "Highlights") -> None:
            highlights.title(self.highlight, self.title, self.titled_by)

    class HighlightDropped(Event):
        TOPIC = "replay.highlight-dropped"
        highlight: str

        def apply(self, highlights: "Highlights") -> None:
            highlights.dropped.add(self.highlight)

    class HighlightRestored(Event):
        TOPIC = "replay.highlight-restored"
        highlight: str

        def apply(self, highlights: "Highlights") -> None:
            highlights.dropped.discard(self.highlight)

    def __init__(self, talk: str) -> None:
        self.talk = talk
        self.titles: dict[str, str] = {}
        self.authors: dict[tuple[str, str], str] = {}
        """Who thought of a title, by highlight and title."""
        self.pinned: set[str] = set()
        self.dropped: set[str] = set()

    @staticmethod
    def stream_of(talk: str) -> str:
        """Name the stream of a talk's decisions."""
        return f"{talk_stream(talk)}/highlights"

    @classmethod
    def begin_for(cls, talk: str, *, by: str, at: datetime) -> "Highlights":
        """Begin to decide."""
        return cls.begin(cls.Begun, cls.stream_of(talk), by=by, at=at, talk=talk)

    def pin(
        self, highlight: str, start_s: float, end_s: float, title: str, *, by: str, at: datetime
    ) -> None:
        """Choose a stretch of the recording."""
        self.record(
            self.HighlightPinned,
            by=by,
            at=at,
            highlight=highlight,
            start_s=start_s,
            end_s=end_s,
            title=title,
        )

    def rename(self, highlight: str, title: str, *, by: str, at: datetime) -> None:
        """Give another title; an empty one stands for the one found. The same changes nothing."""
        before = self.titles.get(highlight, "")
        if title != before:
            self.record(
                self.HighlightRenamed,
                by=by,
                at=at,
                highlight=highlight,
                title=title,
                titled_by=self.authors.get((highlight, title), by),
                before=before,
                before_by=self.authors.get((highlight, before), by),
            )

    def title(self, highlight: str, title: str, author: str) -> None:
        """Let a highlight have a title; whoever had it first stays its author."""
        self.titles[highlight] = title
        self.authors.setdefault((highlight, title), author)

    def drop(self, highlight: str, *, by: str, at: datetime) -> None:
        """Leave it out of the timeline; again changes nothing."""
        if highlight not in self.dropped:
            self.record(self.HighlightDropped, by=by, at=at, highlight=highlight)

    def restore(self, highlight: str, *, by: str, at: datetime) -> None:
        """Take it in again; changes nothing when it is there."""
        if highlight in self.dropped:
            self.record(self.HighlightRestored, by=by, at=at, highlight=highlight)

    def must_know(self, highlight: str) -> None:
        """Refuse what can be no highlight: neither pinned, nor an id of those that are found."""
        if highlight not in self.pinned and not _FOUND.fullmatch(highlight):
            raise NotFound("no such highlight in this talk", field="highlight")

"""What was said in Hearhear, as models over its SQL views: to read, never to write.

``HEARHEAR['DATABASE']`` names the database; :class:`hearhear_django.routers.ContentRouter`
sends queries there. ``objects`` of what people said holds what a room shows;
``everything`` also what is held, hidden or taken back, for those who may see it.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

from django.db import models

MODELS: list[type[models.Model]] = []
"""All models of this module, in the order in which they stand."""


class ReadOnlyError(TypeError):
    """Content changes by commands alone: see ``hearhear_django.relay``."""


class MomentField(models.CharField):
    """A moment, kept as text in ISO 8601 that sorts as time does; ``None`` until it comes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 32)
        super().__init__(*args, **kwargs)

    def from_db_value(self, value: str, *_: Any) -> datetime | None:
        """Read a moment."""
        return datetime.fromisoformat(value) if value else None

    def to_python(self, value: Any) -> datetime | None:
        """Read what may be a moment already."""
        return datetime.fromisoformat(value) if value and isinstance(value, str) else value or None

    def get_prep_value(self, value: Any) -> str:
        """Write a moment as it stands in the views."""
        if not isinstance(value, datetime):
            return value or ""
        aware = value if value.tzinfo else value.replace(tzinfo=UTC)
        at = aware.astimezone(UTC).isoformat(timespec="milliseconds")
        return at.replace("+00:00", "Z")


class ReadOnly(models.QuerySet):
    """Rows that are there to be read."""

    def _refuse(self, *_: Any, **__: Any) -> None:
        raise ReadOnlyError("this is a view of what was said: send a command instead")

    create = bulk_create = bulk_update = get_or_create = update_or_create = _refuse
    update = delete = _refuse


class Shown(models.Manager.from_queryset(ReadOnly)):  # type: ignore[misc]  # a class made at run time
    """What a room shows."""

    def get_queryset(self) -> Any:
        """Leave out what is held, rejected, hidden, retracted or erased."""
        rows = super().get_queryset().filter(standing="shown")
        return rows.filter(hidden=False, retracted=False, erased=False).exclude(text="")


class Content(models.Model):
    """A row of one of the views."""

    objects: ClassVar[Any] = ReadOnly.as_manager()

    class Meta:
        abstract = True
        managed = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        MODELS.append(cls)

    def save(self, *_: Any, **__: Any) -> None:
        """Refuse."""
        raise ReadOnlyError("this is a view of what was said: send a command instead")

    def delete(self, *_: Any, **__: Any) -> tuple[int, dict[str, int]]:
        """Refuse."""
        raise ReadOnlyError("this is a view of what was said: send a command instead")


def _id(column: str) -> Any:
    return models.CharField(primary_key=True, max_length=64, db_column=column)


def _of(model: str, column: str, related: str) -> Any:
    return models.ForeignKey(
        model,
        models.DO_NOTHING,
        db_column=column,
        db_constraint=False,
        related_name=related,
    )


class Talk(Content):
    """A talk and how it stands."""

    id = _id("talk")
    title = models.TextField()
    state = models.CharField(max_length=64)
    scheduled_at = MomentField()
    starts_at = models.CharField(max_length=64)
    started_at = MomentField()
    ended_at = MomentField()
    kinds = models.JSONField()
    policy = models.JSONField()
    media = models.JSONField()

    class Meta(Content.Meta):
        db_table = "talks"
        ordering: ClassVar[Sequence[str]] = ["-scheduled_at"]

    def __str__(self) -> str:
        return self.title


class Topic(Content):
    """What a panel discusses for a while."""

    id = _id("topic")
    talk = _of("Talk", "talk", "topics")
    title = models.TextField()
    order = models.IntegerField()
    opened_at = MomentField()
    closed_at = MomentField()

    class Meta(Content.Meta):
        db_table = "topics"
        ordering: ClassVar[Sequence[str]] = ["talk", "order"]

    def __str__(self) -> str:
        return self.title


class Panelist(Content):
    """Somebody on the panel."""

    id = _id("panelist")
    talk = _of("Talk", "talk", "panelists")
    name = models.TextField()
    about = models.TextField()
    order = models.IntegerField()

    class Meta(Content.Meta):
        db_table = "panelists"
        ordering: ClassVar[Sequence[str]] = ["talk", "order"]

    def __str__(self) -> str:
        return self.name


class Attendee(Content):
    """Somebody in one talk; nothing tells that they were in another one."""

    id = _id("attendee")
    talk = _of("Talk", "talk", "attendees")
    name = models.TextField()
    signed_in = models.BooleanField()
    joined_at = MomentField()
    roles = models.JSONField()
    muted_until = MomentField()

    class Meta(Content.Meta):
        db_table = "people"
        ordering: ClassVar[Sequence[str]] = ["talk", "joined_at"]

    def __str__(self) -> str:
        return self.name


class Said(Content):
    """What everything that was said has in common."""

    name = models.TextField()
    text = models.TextField()
    at = MomentField()
    second = models.FloatField()
    position = models.BigIntegerField()
    standing = models.CharField(max_length=64)  # shown, held or rejected
    edited = models.BooleanField()
    pinned = models.BooleanField()
    hidden = models.BooleanField()
    retracted = models.BooleanField()
    erased = models.BooleanField()

    objects: ClassVar[Any] = Shown()
    everything: ClassVar[Any] = ReadOnly.as_manager()

    class Meta(Content.Meta):
        abstract = True

    def __str__(self) -> str:
        return self.text


class ChatLine(Said):
    """A line of the chat."""

    id = _id("line")
    talk = _of("Talk", "talk", "lines")
    attendee = _of("Attendee", "attendee", "lines")

    class Meta(Content.Meta):
        db_table = "chat_lines"
        ordering: ClassVar[Sequence[str]] = ["position"]


class Question(Said):
    """A question to the panel, with its standing votes."""

    id = _id("question")
    talk = _of("Talk", "talk", "questions")
    attendee = _of("Attendee", "attendee", "questions")
    state = models.CharField(max_length=64)
    archived = models.BooleanField()
    votes = models.IntegerField()
    answered_from_s = models.FloatField()
    answered_to_s = models.FloatField()

    class Meta(Content.Meta):
        db_table = "questions"
        ordering: ClassVar[Sequence[str]] = ["talk", "-votes", "position"]


class Reply(Said):
    """What an attendee added to a question."""

    id = _id("reply")
    talk = _of("Talk", "talk", "replies")
    attendee = _of("Attendee", "attendee", "replies")
    question = _of("Question", "question", "replies")

    class Meta(Content.Meta):
        db_table = "replies"
        ordering: ClassVar[Sequence[str]] = ["position"]
        verbose_name_plural = "replies"


class Answer(Said):
    """What the panel answered to a question in writing."""

    id = _id("answer")
    talk = _of("Talk", "talk", "answers")
    attendee = _of("Attendee", "attendee", "answers")
    question = _of("Question", "question", "answers")

    class Meta(Content.Meta):
        db_table = "answers"
        ordering: ClassVar[Sequence[str]] = ["position"]


class Post(Said):
    """A post about the talk, caught at a social network."""

    id = _id("post")
    talk = _of("Talk", "talk", "posts")
    attendee = _of("Attendee", "attendee", "posts")
    source = models.CharField(max_length=64)
    url = models.TextField()

    class Meta(Content.Meta):
        db_table = "posts"
        ordering: ClassVar[Sequence[str]] = ["position"]


class Notice(Said):
    """What the hosts announced."""

    id = _id("notice")
    talk = _of("Talk", "talk", "notices")
    attendee = _of("Attendee", "attendee", "notices")

    class Meta(Content.Meta):
        db_table = "notices"
        ordering: ClassVar[Sequence[str]] = ["position"]


class Vote(Content):
    """A vote cast (1) or withdrawn (-1)."""

    position = models.BigIntegerField(primary_key=True)
    talk = _of("Talk", "talk", "cast")
    question = _of("Question", "question", "cast")
    attendee = _of("Attendee", "attendee", "cast")
    change = models.IntegerField()
    at = MomentField()
    second = models.FloatField()

    class Meta(Content.Meta):
        db_table = "votes"
        ordering: ClassVar[Sequence[str]] = ["position"]

    def __str__(self) -> str:
        return f"{self.change:+d}"


class Tick(Content):
    """How somebody took what was said at a moment."""

    position = models.BigIntegerField(primary_key=True)
    talk = _of("Talk", "talk", "ticks")
    attendee = _of("Attendee", "attendee", "ticks")
    topic = _of("Topic", "topic", "ticks")
    kind = models.CharField(max_length=190)
    at = MomentField()
    second = models.IntegerField()
    media_s = models.FloatField()

    class Meta(Content.Meta):
        db_table = "ticks"
        ordering: ClassVar[Sequence[str]] = ["position"]

    def __str__(self) -> str:
        return self.kind


class Attendance(Content):
    """How many were present at a moment."""

    position = models.BigIntegerField(primary_key=True)
    talk = _of("Talk", "talk", "attendance")
    at = MomentField()
    second = models.FloatField()
    present = models.IntegerField()

    class Meta(Content.Meta):
        db_table = "attendance"
        ordering: ClassVar[Sequence[str]] = ["position"]
        verbose_name_plural = "attendance"

    def __str__(self) -> str:
        return str(self.present)

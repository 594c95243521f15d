"""The models: what was said over there, and what was sent from here."""

from typing import ClassVar
from uuid import UUID, uuid5

from django.db import models

from hearhear_django.content import (
    Answer,
    Attendance,
    Attendee,
    ChatLine,
    Notice,
    Panelist,
    Post,
    Question,
    Reply,
    Talk,
    Tick,
    Topic,
    Vote,
)

__all__ = [
    "Answer",
    "Attendance",
    "Attendee",
    "ChatLine",
    "Notice",
    "Panelist",
    "Post",
    "Question",
    "Relayed",
    "Reply",
    "Talk",
    "Tick",
    "Topic",
    "Vote",
]

_COMMANDS = UUID("f2b8b1a6-6f0c-5c58-8f43-0b1f9b9d2b11")  # a promise: ids of commands come of it


class Relayed(models.Model):
    """What was sent to Hearhear for one object of this site, and what came of it.

    ``pending`` is a command that was, or will be, sent under ``command_id`` until there
    is an answer; ``digest`` is that of the last one answered.
    """

    source = models.CharField(max_length=190, unique=True)  # app_label.model:pk
    is_due = models.BooleanField(default=True, db_index=True)  # there may be something to send
    number = models.PositiveIntegerField(default=0)  # commands answered so far
    digest = models.CharField(max_length=64, blank=True)
    pending = models.JSONField(default=dict, blank=True)
    results = models.JSONField(default=dict, blank=True)  # ids that Hearhear gave
    refusal = models.TextField(blank=True)  # why the last command was refused
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "relayed object"
        ordering: ClassVar[list[str]] = ["source"]

    def __str__(self) -> str:
        return self.source

    @property
    def command_id(self) -> str:
        """Tell the id of the pending command: the same whenever it is tried again."""
        return str(uuid5(_COMMANDS, f"{self.source}/{self.number}/{self.pending['digest']}"))

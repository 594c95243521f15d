"""The content in the admin: to look at, with what was hidden; and what was sent from here."""

from typing import Any

from django.contrib import admin

from hearhear_django import models

_LONG = 80  # characters of a text in a list


class ReadOnlyAdmin(admin.ModelAdmin):
    """Shows; permission to view is all that counts."""

    def has_add_permission(self, *_: Any, **__: Any) -> bool:
        """Refuse."""
        return False

    has_change_permission = has_delete_permission = has_add_permission


@admin.register(models.Talk)
class TalkAdmin(ReadOnlyAdmin):
    """Talks."""

    list_display = ("title", "state", "started_at", "ended_at")
    list_filter = ("state",)
    search_fields = ("title",)


@admin.register(models.ChatLine, models.Reply, models.Answer, models.Post, models.Notice)
class SaidAdmin(ReadOnlyAdmin):
    """What people said, with what is held or hidden."""

    list_display: tuple[str, ...] = (
        "short",
        "name",
        "talk",
        "at",
        "standing",
        "hidden",
        "retracted",
    )
    list_filter = ("talk", "standing", "hidden", "retracted")
    list_select_related = ("talk",)
    search_fields = ("text", "name")

    def get_queryset(self, _: Any) -> Any:
        """Find all that was said."""
        return self.model.everything.all()

    @admin.display(description="text")
    def short(self, said: Any) -> str:
        """Show the beginning of a text."""
        return said.text if len(said.text) <= _LONG else f"{said.text[:_LONG]}…"


@admin.register(models.Question)
class QuestionAdmin(SaidAdmin):
    """Questions."""

    list_display = ("short", "votes", "state", *SaidAdmin.list_display[1:])


@admin.register(models.Topic, models.Panelist)
class PartAdmin(ReadOnlyAdmin):
    """Topics and panelists."""

    list_display = ("__str__", "talk", "order")
    list_filter = ("talk",)
    list_select_related = ("talk",)


@admin.register(models.Attendee)
class AttendeeAdmin(ReadOnlyAdmin):
    """Attendees."""

    list_display = ("name", "talk", "signed_in", "joined_at", "muted_until")
    list_filter = ("talk", "signed_in")
    list_select_related = ("talk",)
    search_fields = ("name",)


@admin.register(models.Relayed)
class RelayedAdmin(ReadOnlyAdmin):
    """What was sent from here."""

    list_display = ("source", "number", "is_due", "refusal", "changed_at")
    list_filter = ("is_due",)
    search_fields = ("source",)

"""``manage.py hearhear_send``: send what could not be sent when it was saved."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from hearhear_django.models import Relayed
from hearhear_django.relay import relay


class Command(BaseCommand):
    """Sends all that is due, once; for a timer, every minute or so."""

    help = "Send the commands that Hearhear has not answered yet."

    def handle(self, *_: Any, **__: Any) -> None:
        """Try each object; fail when some of it is left."""
        due = list(Relayed.objects.filter(is_due=True).values_list("source", flat=True))
        left = [source for source in due if not relay(source)]
        if left:
            raise CommandError(f"{len(left)} of {len(due)} are left: Hearhear does not answer")
        self.stdout.write(f"sent {len(due)}")

"""``{% hearhear_talk %}``: a talk in a page of the site."""

from typing import Any
from urllib.parse import quote

from django import template

from hearhear_django.conf import configuration

register = template.Library()


@register.inclusion_tag("hearhear_django/talk.html")
def hearhear_talk(talk: str, title: str = "", height: int = 720) -> dict[str, Any]:
    """Embed a talk: its live room, and its replay once it has ended."""
    address = f"{configuration().url.rstrip('/')}/embed/{quote(str(talk), safe='')}"
    return {"address": address, "title": title, "height": height}

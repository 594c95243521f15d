"""``manage.py check`` tells what is wrong in the settings, before anybody meets it."""

from typing import Any

from django.core.checks import CheckMessage, Error, register

from hearhear_django import conf


@register()
def settings_are_complete(**_: Any) -> list[CheckMessage]:
    """Tell each problem as an error."""
    return [Error(problem, id="hearhear_django.E001") for problem in conf.problems()]

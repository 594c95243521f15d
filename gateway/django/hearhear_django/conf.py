"""What the site's settings say in ``HEARHEAR``; nothing else reads them."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


def _setting(about: str, default: Any = "") -> Any:
    """Declare a setting: what it is for, and what it is when nobody says so."""
    made = (lambda: dict(default)) if isinstance(default, dict) else (lambda: default)
    return field(default_factory=made, metadata={"about": about, "default": default})


@dataclass(frozen=True)
class Configuration:
    """``HEARHEAR`` of the settings, with its defaults; the names there are in capitals."""

    url: str = _setting("Where people find Hearhear, as `https://live.example.org`.")
    private_key: str = _setting(
        "The Ed25519 key that signs tickets: PEM, or the file that holds it."
    )
    audience: str = _setting("What Hearhear has as `HEARHEAR_JWT_AUDIENCE`.", "hearhear")
    issuer: str = _setting("Tells apart sites that share one Hearhear.")
    internal_url: str = _setting("Where this site reaches Hearhear to send commands; else `URL`.")
    describe: str = _setting(
        "Dotted path of a function: a user to what is told of them.",
        "hearhear_django.people.described",
    )
    groups: Mapping[str, str] = _setting(
        "Names of this site's groups, each with the role it gives.", {}
    )
    site_name: str = _setting("Who speaks when a command has no author.", "Site")
    database: str = _setting("Alias of the database with Hearhear's views.")

    @property
    def reached_at(self) -> str:
        """Tell where this site reaches Hearhear."""
        return (self.internal_url or self.url).rstrip("/")

    def key(self) -> str:
        """Read the private key, as PEM."""
        if not self.private_key:
            raise ImproperlyConfigured(
                "HEARHEAR['PRIVATE_KEY'] is missing: make one with manage.py hearhear_key"
            )
        if self.private_key.lstrip().startswith("-----BEGIN"):
            return self.private_key
        return Path(self.private_key).read_text(encoding="ascii")


NAMES = tuple(each.name.upper() for each in fields(Configuration))


def configuration() -> Configuration:
    """Read the settings as they are at this moment."""
    told: dict[str, Any] = getattr(settings, "HEARHEAR", {})
    return Configuration(**{name.lower(): told[name] for name in NAMES if name in told})


def problems() -> list[str]:
    """Tell what is wrong in the settings, one sentence each."""
    told: dict[str, Any] = getattr(settings, "HEARHEAR", {})
    unknown = [
        f"HEARHEAR[{name!r}] is no setting; did you mean {_nearest(name)!r}?"
        for name in told
        if name not in NAMES
    ]
    missing = [] if told.get("URL") else ["HEARHEAR['URL'] is missing: where is Hearhear?"]
    database = told.get("DATABASE", "")
    if database and database not in settings.DATABASES:
        missing.append(f"HEARHEAR['DATABASE'] is {database!r}, which DATABASES does not have")
    return unknown + missing


def _nearest(name: str) -> str:
    return difflib.get_close_matches(name, NAMES, n=1, cutoff=0.0)[0]

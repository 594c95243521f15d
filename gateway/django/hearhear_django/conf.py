"""What the site's settings say in ``HEARHEAR``; nothing else reads them.

============= ==============================================================================
URL           where people find Hearhear, as https://live.example.org
PRIVATE_KEY   the Ed25519 key that signs tickets: PEM, or the file that holds it
AUDIENCE      what Hearhear has as HEARHEAR_JWT_AUDIENCE; default: hearhear
ISSUER        tells apart sites that share one Hearhear; default: none
INTERNAL_URL  where this site reaches Hearhear to send commands; default: URL
DESCRIBE      dotted path of a function: a user to what is told of them
GROUPS        names of this site's groups, each with the role it gives: {"Hosts": "host"}
SITE_NAME     who speaks when a command has no author; default: Site
DATABASE      alias of the database with Hearhear's views; default: none
============= ==============================================================================
"""

import difflib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


@dataclass(frozen=True)
class Configuration:
    """``HEARHEAR`` of the settings, with its defaults."""

    url: str = ""
    private_key: str = ""
    audience: str = "hearhear"
    issuer: str = ""
    internal_url: str = ""
    describe: str = "hearhear_django.people.described"
    groups: dict[str, str] = field(default_factory=dict)
    site_name: str = "Site"
    database: str = ""

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

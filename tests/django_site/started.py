"""The host site in this very process, on SQLite in memory: importing this sets Django up."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import django
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

KEY = Ed25519PrivateKey.generate()
PEM = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()

os.environ["DJANGO_SETTINGS_MODULE"] = "django_site.settings"
os.environ["SITE_PRIVATE_KEY"] = PEM
django.setup()

from hearhear_django.tickets import public_jwk  # noqa: E402 - after setup

PUBLIC_JWKS = json.dumps({"keys": [public_jwk(KEY)]})


@contextmanager
def empty_site() -> Iterator[None]:
    """Give the site's database to a test; nobody is in it."""
    from django.core.management import call_command
    from django.db import connection
    from django.test.utils import setup_test_environment, teardown_test_environment

    if "auth_user" not in connection.introspection.table_names():
        call_command("migrate", run_syncdb=True, verbosity=0)
    setup_test_environment(debug=False)
    try:
        yield
    finally:
        teardown_test_environment()
        call_command("flush", interactive=False, verbosity=0)


@contextmanager
def content_in(views: Path) -> Iterator[None]:
    """Let the site see the views of a Hearhear."""
    from django.db import connections

    there: Any = connections["hearhear"]
    there.close()
    there.settings_dict["NAME"] = str(views)
    try:
        yield
    finally:
        there.close()


def user(name: str, **more: Any) -> Any:
    """Somebody with an account at the site."""
    from django.contrib.auth.models import User

    return User.objects.create_user(name, password="secret", **more)

"""``manage.py hearhear_key PRIVATE.pem PUBLIC.jwks``: a key that signs tickets."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.core.management.base import BaseCommand, CommandError

from hearhear_django.tickets import public_jwk


class Command(BaseCommand):
    """Makes a private key for the site, and adds its public half to Hearhear's file."""

    help = "Make a key that signs tickets; add its public half to the keys that Hearhear knows."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the two files."""
        parser.add_argument("private", type=Path, help="the new private key, for this site alone")
        parser.add_argument("public", type=Path, help="public keys, Hearhear's HEARHEAR_JWT_KEYS")

    def handle(self, *_: Any, private: Path, public: Path, **__: Any) -> None:
        """Write both files; a private key that is there is never written over."""
        key = Ed25519PrivateKey.generate()
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        try:
            private.touch(mode=0o600, exist_ok=False)
        except FileExistsError:
            raise CommandError(f"{private} is there already: name a new file") from None
        private.write_bytes(pem)
        known = json.loads(public.read_text("utf-8")) if public.exists() else {"keys": []}
        known["keys"].append(public_jwk(key))
        draft = public.with_name(f".{public.name}.new")
        draft.write_text(json.dumps(known, indent=2) + "\n", encoding="utf-8")
        draft.replace(public)
        self.stdout.write(f"{private} signs; {public} holds {len(known['keys'])} public keys")

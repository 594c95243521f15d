"""Tickets: tokens that say for a minute who somebody is, signed with the site's key."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)
from django.core.exceptions import ImproperlyConfigured
from jwt.algorithms import OKPAlgorithm

from hearhear_django.conf import configuration
from hearhear_django.people import told

LASTS = timedelta(seconds=60)


def ticket_for(user: Any) -> str:
    """Sign a ticket for a user of this site."""
    return signed(told(user))


def ticket_of_site() -> str:
    """Sign a ticket for the site itself, which may do everything a host may."""
    settings = configuration()
    site = {"sub": "hearhear_django", "name": settings.site_name, "roles": ["host"]}
    return signed({**site, **({"iss": settings.issuer} if settings.issuer else {})})


def signed(person: Mapping[str, Any]) -> str:
    """Sign what is told of a person; it holds for a minute, and as a link's code once."""
    settings = configuration()
    key = load(settings.key())
    claims = {
        **person,
        "aud": settings.audience,
        "exp": datetime.now(UTC) + LASTS,
        "jti": str(uuid4()),
    }
    return jwt.encode(claims, key, algorithm="EdDSA", headers={"kid": kid_of(key)})


def load(pem: str) -> Ed25519PrivateKey:
    """Read a private key."""
    key = load_pem_private_key(pem.encode(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise ImproperlyConfigured("HEARHEAR['PRIVATE_KEY'] is no Ed25519 key")
    return key


def kid_of(key: Ed25519PrivateKey) -> str:
    """Tell a key's id, which follows from the key."""
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return sha256(public).hexdigest()[:16]


def public_jwk(key: Ed25519PrivateKey) -> dict[str, Any]:
    """Tell the public half of a key, as Hearhear wants it."""
    jwk = OKPAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return {**jwk, "kid": kid_of(key), "use": "sig", "alg": "EdDSA"}

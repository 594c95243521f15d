"""The host site's side of its tokens: a key pair of its own, and what it signs."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import OKPAlgorithm

MONDAY = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)
AUDIENCE = "hearhear"


@dataclass(frozen=True)
class SiteKey:
    kid: str = "2026"
    private: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)

    def public(self) -> dict[str, Any]:
        """What the site publishes: the key in the form of a JWK."""
        key = OKPAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        return {**key, "kid": self.kid} if self.kid else key

    def sign(self, *, at: datetime = MONDAY, **claims: Any) -> str:
        """Sign a ticket for Ann; a claim that is None is left out."""
        ticket = {
            "aud": AUDIENCE,
            "exp": at + timedelta(seconds=60),
            "sub": "42",
            "name": "Ann",
            **claims,
        }
        told = {name: value for name, value in ticket.items() if value is not None}
        headers = {"kid": self.kid} if self.kid else None
        return jwt.encode(told, self.private, algorithm="EdDSA", headers=headers)


def jwks(*keys: SiteKey) -> str:
    return json.dumps({"keys": [key.public() for key in keys]})

"""Tokens of the host site: JWTs signed with its Ed25519 key, verified with the public one.

Keys are a JWKS, in the setting itself or in a file that may change while we run. To
rotate: add the new key, sign with it, and remove the old one when its last token expired.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import jwt
import msgspec
import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from jwt.algorithms import OKPAlgorithm

from domain.errors import Unauthenticated
from domain.speaker import Speaker
from gateway.settings import SettingsError
from gateway.site_people import speaker_of

ALGORITHM = "EdDSA"  # and no other, whatever a token says about itself
_LEEWAY_S = 5

_log = structlog.get_logger(__name__)

Keys = Mapping[str, Ed25519PublicKey]
"""Public keys by their id."""


class KeySource(Protocol):
    """Where the keys come from."""

    def keys(self) -> Keys:
        """Tell the keys that hold at this moment."""


class SiteTokens:
    """Reads the host site's tokens. Thread-safe."""

    def __init__(self, source: KeySource, audience: str, now: Callable[[], datetime]) -> None:
        self._source = source
        self._audience = audience
        self._now = now

    def speaker(self, token: str) -> Speaker | None:
        """Tell who speaks; nobody when the token is of another kind. Refuses a bad one."""
        try:
            header = jwt.get_unverified_header(token)
        except jwt.InvalidTokenError:
            return None
        if header["alg"] != ALGORITHM:
            return None
        claims = self._verified(token, self._key(header.get("kid")))
        self._must_hold(claims)
        try:
            return speaker_of(claims)
        except ValueError as wrong:
            raise Unauthenticated(f"the host site's token lacks something: {wrong}") from None

    def _key(self, kid: str | None) -> Ed25519PublicKey:
        keys = self._source.keys()
        if len(keys) == 1 and (kid is None or "" in keys):
            return next(iter(keys.values()))
        key = keys.get(kid) if kid is not None else None
        if key is None:
            raise Unauthenticated("the host site's token is signed with a key that is not known")
        return key

    def _verified(self, token: str, key: Ed25519PublicKey) -> dict[str, Any]:
        """Read the claims of a token that is signed with the key and meant for us."""
        try:
            return jwt.decode(
                token,
                key,
                algorithms=[ALGORITHM],
                audience=self._audience,
                options={
                    "require": ["aud", "exp", "sub", "name"],
                    "verify_exp": False,
                    "verify_nbf": False,
                    "verify_iat": False,
                },
            )
        except jwt.MissingRequiredClaimError as missing:
            raise Unauthenticated(f"the host site's token has no {missing.claim}") from None
        except jwt.InvalidAudienceError:
            raise Unauthenticated("the host site's token is meant for somebody else") from None
        except (jwt.InvalidTokenError, UnicodeError):
            raise Unauthenticated("the host site's token can't be verified") from None

    def _must_hold(self, claims: Mapping[str, Any]) -> None:
        """Refuse a token whose time is over, or has not come."""
        now = self._now().timestamp()
        expires, begins = claims["exp"], claims.get("nbf", 0)
        if not isinstance(expires, int | float) or not isinstance(begins, int | float):
            raise Unauthenticated("the host site's token has times that are no numbers")
        if now > expires + _LEEWAY_S:
            raise Unauthenticated("the host site's token has expired: ask for another")
        if now < begins - _LEEWAY_S:
            raise Unauthenticated("the host site's token is not valid yet: are the clocks right?")


def read_keys(jwks: str) -> Keys:
    """Read a JWKS, or raise ``ValueError`` with what is wrong about it.

    A key needs an id (``kid``) unless it is the only one.
    """
    try:
        listed = msgspec.json.decode(jwks, type=_KeySet).keys
    except msgspec.DecodeError as wrong:
        raise ValueError(f"it is no JWKS: {wrong}") from None
    if any("d" in key for key in listed):
        raise ValueError("it holds a private key, which should stay with the host site alone")
    keys = {str(key.get("kid", "")): _ed25519(key) for key in listed if key.get("kty") == "OKP"}
    if not keys:
        raise ValueError("it holds no Ed25519 key")
    if "" in keys and len(listed) > 1:
        raise ValueError("each of several keys needs an id, kid")
    return keys


class _KeySet(msgspec.Struct):
    keys: list[dict[str, Any]]


def _ed25519(key: dict[str, Any]) -> Ed25519PublicKey:
    try:
        public = OKPAlgorithm.from_jwk(key)
    except (jwt.InvalidKeyError, TypeError) as wrong:
        raise ValueError(f"it holds a key that can't be read: {wrong}") from None
    if not isinstance(public, Ed25519PublicKey):
        raise ValueError("it holds a key that is not of Ed25519")  # noqa: TRY004 - the file's fault
    return public


class KeysInSetting:
    """Keys that stand in the setting itself, for as long as the process runs."""

    def __init__(self, jwks: str) -> None:
        self._keys = read_keys(jwks)

    def keys(self) -> Keys:
        """Tell the keys."""
        return self._keys


class KeysInFile:
    """Keys in a file, read again when it changed; one that can't be read changes nothing."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._seen = self._mark()
        self._keys = read_keys(file.read_text(encoding="utf-8"))

    def keys(self) -> Keys:
        """Tell the keys that the file holds."""
        try:
            mark = self._mark()
            if mark != self._seen:
                self._seen = mark
                self._keys = read_keys(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as wrong:
            _log.warning("the host site's keys can't be read anew", cause=str(wrong))
        return self._keys

    def _mark(self) -> tuple[int, int, int]:
        stat = self._file.stat()
        return stat.st_mtime_ns, stat.st_ino, stat.st_size


def keys_from(setting: str) -> KeySource:
    """Open the keys of ``HEARHEAR_JWT_KEYS``: a JWKS, or the file with one."""
    try:
        if setting.startswith("{"):
            return KeysInSetting(setting)
        return KeysInFile(Path(setting))
    except (OSError, ValueError) as wrong:
        raise SettingsError([f"HEARHEAR_JWT_KEYS can't be used: {wrong}"]) from None

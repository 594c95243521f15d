"""Who is speaking: tokens, the cookie that carries one, and one-time codes for links.

A token is a JWT signed with our secrets. It says who the person is, their name, and
the roles vouched for; what was granted within a talk is a fact of that talk. Tokens of
the host site are read by further ``Verifier``s; whose session its cookie holds was asked
before (:mod:`gateway.site_sessions`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import NAMESPACE_OID, uuid5

import jwt
from starlette.requests import HTTPConnection

from domain.errors import Refused, Unauthenticated, Unavailable
from domain.speaker import ROLES, Speaker

COOKIE = "hearhear"
SITE = "hearhear.site"  # where a request's scope keeps what the host site says of its cookie
TOKEN_LASTS = timedelta(days=30)
SITE_TOKEN_LASTS = timedelta(hours=12)  # of who came by a ticket of the host site
CODE_LASTS = timedelta(days=1)
SITE_ROLES = (*ROLES, "analyst", "analyst_raw")  # what a token may vouch for

_ALGORITHM = "HS256"
# Audiences: what was made for one is never taken for another.
_SESSION, _CODE, _INVITE = "hearhear:session", "hearhear:code", "hearhear:invite"
_LEEWAY_S = 5


class UsedCodes(Protocol):
    """Remembers which one-time codes were exchanged already."""

    def take(self, code: str, *, expires_at: datetime) -> bool:
        """Mark a code as used; False when it was used before."""
        ...


class Verifier(Protocol):
    """Reads tokens of some issuer."""

    def speaker(self, token: str) -> Speaker | None:
        """Tell who speaks, or nothing when the token is not of this issuer; may refuse it."""
        ...


@dataclass(frozen=True)
class Credentials:
    """What a request brings along to say who speaks; empty texts for what it does not bring.

    ``site`` is whose session it is at the host site, or why that can't be told.
    """

    bearer: str = ""
    cookie: str = ""
    site: Speaker | Refused | None = None


def credentials_of(connection: HTTPConnection) -> Credentials:
    """Find what a request, or a socket's opening, brings along."""
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    return Credentials(
        bearer=token.strip() if scheme.lower() == "bearer" else "",
        cookie=connection.cookies.get(COOKIE, ""),
        site=getattr(connection.scope.get(SITE), "found", None),
    )


def why_nobody(connection: HTTPConnection) -> Refused:
    """Tell why a command of somebody who only reads is refused."""
    site = credentials_of(connection).site
    if isinstance(site, Refused):
        return site
    return Unauthenticated("who is speaking? POST /api/sessions gives a token and a cookie")


@dataclass(frozen=True)
class Invited:
    """What the link of an invitation brings: which one it is, and the role it promised."""

    talk: str
    invite: str
    role: str


class Identity:
    """Makes and reads what says who is speaking. Thread-safe; nothing in it blocks but codes."""

    def __init__(
        self,
        secrets: Sequence[str],
        *,
        used_codes: UsedCodes,
        now: Callable[[], datetime],
        new_id: Callable[[], str],
        verifiers: Sequence[Verifier] = (),
    ) -> None:
        self._secrets = tuple(secrets)
        self._used_codes = used_codes
        self._now = now
        self._new_id = new_id
        self._verifiers = tuple(verifiers)

    def guest(self, name: str) -> Speaker:
        """Welcome somebody who only tells a name."""
        return Speaker(person=self._new_id(), name=name)

    def invited(self, name: str, *, role: str = "", talk: str = "", person: str = "") -> Speaker:
        """Describe somebody with a role: everywhere, or in one talk."""
        granted = frozenset({role} - {"", "attendee"})
        return Speaker(
            person=person or self._new_id(),
            name=name,
            roles=frozenset() if talk else granted,
            talk_roles={talk: granted} if talk and granted else {},
        )

    def token_for(self, speaker: Speaker, *, lasts: timedelta | None = None) -> str:
        """Sign a token that says who speaks; without ``lasts`` :func:`token_lasts` tells."""
        lasts = lasts or token_lasts(speaker)
        return self._signed(_claims_of(speaker), audience=_SESSION, lasts=lasts)

    def code_for(self, speaker: Speaker, *, lasts: timedelta = CODE_LASTS) -> str:
        """Sign a code for a link: exchanged once, for a token of this speaker."""
        claims = {**_claims_of(speaker), "jti": self._new_id()}
        return self._signed(claims, audience=_CODE, lasts=lasts)

    def code_of_invitation(self, brought: Invited, *, expires_at: datetime) -> str:
        """Sign the code of an invitation's link; the same each time it is asked for."""
        claims = {"sub": brought.invite, "talk": brought.talk, "role": brought.role}
        return jwt.encode(
            {**claims, "aud": _INVITE, "exp": expires_at}, self._secrets[0], algorithm=_ALGORITHM
        )

    def invitation(self, code: str) -> Invited | None:
        """Read the code of an invitation's link; nothing when it is a code of another kind.

        Raises ``Unauthenticated`` when it is too old, or not signed by us.
        """
        try:
            claimed = jwt.decode(code, options={"verify_signature": False})
        except jwt.InvalidTokenError:
            return None
        if claimed.get("aud") != _INVITE:
            return None
        claims = self._verified(code, audience=_INVITE)
        return Invited(talk=claims["talk"], invite=claims["sub"], role=claims["role"])

    def redeem(self, code: str) -> Speaker:
        """Exchange a code of a link, once: ours, or a ticket of the host site.

        Blocks; refuses what is used, old or of somebody else.
        """
        speaker = self._speaker_at_site(code)
        if speaker is None:
            claims = self._verified(code, audience=_CODE)
            speaker, once = _speaker_of(claims), str(claims["jti"])
        else:
            claims = jwt.decode(code, options={"verify_signature": False})  # it was verified
            once = str(uuid5(NAMESPACE_OID, code))
        expires_at = datetime.fromtimestamp(claims["exp"], tz=self._now().tzinfo)
        if not self._used_codes.take(once, expires_at=expires_at + timedelta(seconds=_LEEWAY_S)):
            raise Unauthenticated("this link was used already", field="code")
        return speaker

    def speaker(self, credentials: Credentials) -> Speaker | None:
        """Tell who speaks; nobody when a request brings nothing, or only a stale cookie.

        Raises ``Unauthenticated`` for a bearer token that is no good: who sends one
        means it, while a browser sends a cookie whether anybody wants it or not. Raises
        ``Unavailable`` when only the host site could tell, and does not answer.

        Who signed in at the host site is no guest here any more; a role that a link of
        ours gave them stays with them.
        """
        if credentials.bearer:
            return self.speaker_of_token(credentials.bearer)
        own, site = self._speaker_of_cookie(credentials.cookie), credentials.site
        if site is None or (own and (own.roles or own.talk_roles)):
            return own
        if isinstance(site, Speaker):
            return site
        if own is None:
            raise site
        return own

    def reader(self, credentials: Credentials) -> Speaker | None:
        """Tell who reads; nobody when the host site can't tell, for to read takes no name."""
        try:
            return self.speaker(credentials)
        except Unavailable:
            return None

    def speaker_of_token(self, token: str) -> Speaker:
        """Tell who speaks with a token, or raise ``Unauthenticated``."""
        return self._speaker_at_site(token) or _speaker_of(self._verified(token, audience=_SESSION))

    def _speaker_at_site(self, token: str) -> Speaker | None:
        found = (verifier.speaker(token) for verifier in self._verifiers)
        return next((speaker for speaker in found if speaker), None)

    def _speaker_of_cookie(self, cookie: str) -> Speaker | None:
        try:
            return self.speaker_of_token(cookie) if cookie else None
        except Unauthenticated:
            return None

    def _signed(self, claims: Mapping[str, Any], *, audience: str, lasts: timedelta) -> str:
        now = self._now()
        limits = {"aud": audience, "iat": now, "exp": now + lasts}
        return jwt.encode({**claims, **limits}, self._secrets[0], algorithm=_ALGORITHM)

    def _verified(self, token: str, *, audience: str) -> dict[str, Any]:
        """Read the claims of a token that one of our secrets signed and that is not too old."""
        for secret in self._secrets:
            try:
                claims = jwt.decode(
                    token,
                    secret,
                    algorithms=[_ALGORITHM],
                    audience=audience,
                    options={
                        "require": ["sub", "exp", "aud"],
                        "verify_exp": False,
                        "verify_iat": False,
                    },
                )
            except jwt.InvalidSignatureError:
                continue
            except (jwt.InvalidTokenError, UnicodeError):
                break
            if self._now().timestamp() > claims["exp"] + _LEEWAY_S:
                raise Unauthenticated("this token has expired: sign in again")
            return claims
        raise Unauthenticated("this token is not one of ours")


def token_lasts(speaker: Speaker) -> timedelta:
    """Tell for how long somebody has a token of ours; their site may forget them sooner."""
    return SITE_TOKEN_LASTS if speaker.signed_in else TOKEN_LASTS


def _claims_of(speaker: Speaker) -> dict[str, Any]:
    return {
        "sub": speaker.person,
        "name": speaker.name,
        "roles": sorted(speaker.roles),
        "talk_roles": {talk: sorted(roles) for talk, roles in speaker.talk_roles.items()},
        "signed_in": speaker.signed_in,
    }


def _speaker_of(claims: Mapping[str, Any]) -> Speaker:
    return Speaker(
        person=claims["sub"],
        name=claims.get("name", ""),
        roles=frozenset(claims.get("roles", ())),
        talk_roles={talk: frozenset(roles) for talk, roles in claims.get("talk_roles", {}).items()},
        signed_in=bool(claims.get("signed_in")),
    )


class UsedCodesInMemory:
    """Used codes of one process, forgotten when they would have expired anyway."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._used: dict[str, datetime] = {}

    def take(self, code: str, *, expires_at: datetime) -> bool:
        """Mark a code as used; False when it was used before."""
        now = self._now()
        self._used = {used: until for used, until in self._used.items() if until > now}
        if code in self._used:
            return False
        self._used[code] = expires_at
        return True

"""Sessions: guests by name, links by their one-time code, and who I am."""

from dataclasses import replace

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from domain import text
from domain.speaker import Speaker
from gateway.http.answers import encoded
from gateway.http.bodies import body_of, object_of
from gateway.http.callers import caller, in_thread, inviting, speaking, system_of
from gateway.http.operations import Operation
from gateway.identity import COOKIE, Invited, credentials_of, token_lasts


class Introduction(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who wants a session: a guest by ``name``, or the bearer of a link's ``code``.

    With both, the name stands in place of the one that the link was made for. The code of an
    invitation gives its role to whoever speaks already, else to a guest.
    """

    name: str = ""
    code: str = ""


class Session(msgspec.Struct, frozen=True):
    """A person, and the token that says so; the cookie ``hearhear`` holds the same token.

    The token is empty for whom the host site's own session cookie vouches: no other is needed.
    """

    person: str
    name: str
    token: str


class Me(msgspec.Struct, frozen=True):
    """Who is speaking, with the roles that hold everywhere and in single talks."""

    person: str
    name: str
    roles: list[str]
    talk_roles: dict[str, list[str]]
    signed_in: bool


async def begin(request: Request) -> Response:
    """Give a session to a guest, or to whoever brings a code."""
    identity = system_of(request).identity
    asked = object_of(await body_of(request), Introduction)
    name = _name(asked)
    if brought := identity.invitation(asked.code):
        speaker = await _invited(request, brought, name)
    elif asked.code:
        speaker = await in_thread(identity.redeem, asked.code)
        speaker = replace(speaker, name=name or speaker.name)
    else:
        system_of(request).newcomers.let_in(request.client.host if request.client else "")
        speaker = identity.guest(name)
    if _is_signed_in_by_site(request, speaker):
        return encoded(Session(speaker.person, speaker.name, ""), status=201)
    token = identity.token_for(speaker)
    response = encoded(Session(speaker.person, speaker.name, token), status=201)
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(token_lasts(speaker).total_seconds()),
        httponly=True,
        samesite="lax",
        secure=system_of(request).settings.is_https,
    )
    return response


async def _invited(request: Request, brought: Invited, name: str) -> Speaker:
    """Let whoever speaks already, or a guest of that name, take the role of an invitation.

    Who comes for the desk or the panel is called by their role until they say a name.
    """
    system = system_of(request)
    speaker = caller(request)
    if speaker is None:
        called = "" if brought.role == "attendee" else brought.role.title()
        checked = text.checked(name or called, limit=text.NAME_LIMIT, field="name")
        speaker = system.identity.guest(checked)
    await in_thread(inviting(system).accept, brought, speaker)
    return speaker


def _is_signed_in_by_site(request: Request, speaker: Speaker) -> bool:
    """Tell whether the host site's session says who this is, for as long as it lasts."""
    return credentials_of(request).site == speaker


def _name(asked: Introduction) -> str:
    """Check the name, before a code is used up; a code has one of its own."""
    if asked.code and not asked.name:
        return ""
    return text.checked(asked.name, limit=text.NAME_LIMIT, field="name")


async def end(request: Request) -> Response:
    """Take the cookie back; the token itself ends by its time."""
    response = Response(status_code=204)
    secure = system_of(request).settings.is_https
    response.delete_cookie(COOKIE, httponly=True, samesite="lax", secure=secure)
    return response


async def me(request: Request) -> Response:
    """Tell who is speaking."""
    return encoded(_described(speaking(request)))


def _described(speaker: Speaker) -> Me:
    return Me(
        person=speaker.person,
        name=speaker.name,
        roles=sorted(speaker.roles),
        talk_roles={talk: sorted(roles) for talk, roles in speaker.talk_roles.items()},
        signed_in=speaker.signed_in,
    )


OPERATIONS = (
    Operation(
        "POST",
        "/api/sessions",
        begin,
        "Begin a session: a guest by name, or by the one-time code of a link.",
        body=Introduction,
        answers=Session,
        status=201,
        refusals=(400, 401, 413, 422, 429),
    ),
    Operation("DELETE", "/api/sessions", end, "Take the session's cookie back.", status=204),
    Operation("GET", "/api/me", me, "Tell who is speaking.", answers=Me, needs_identity=True),
)

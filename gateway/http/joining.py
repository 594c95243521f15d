"""Ways into a talk: its short code, and addresses as QR codes for phones to scan."""

from typing import Annotated
from urllib.parse import quote

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.http.answers import encoded
from gateway.http.bodies import body_of, object_of
from gateway.http.callers import caller, in_thread, speaking, system_of, talk_asked_for
from gateway.http.operations import Operation
from gateway.joining import code_of, qr_of, talk_of

SVG = "image/svg+xml"


class WayIn(msgspec.Struct, frozen=True):
    """The code that people type at ``url``'s site, and the short address itself."""

    code: str
    url: str


class Drawn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a QR code shall say: a link, which may hold a code in its fragment."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]


async def way_in(request: Request) -> Response:
    """Tell the code of a talk."""
    talk = await _talk(request)
    return encoded(WayIn(code_of(talk), _short_address(request, talk)))


async def way_in_drawn(request: Request) -> Response:
    """Draw the short address of a talk: few modules, which the back row can still scan."""
    address = _short_address(request, await _talk(request))
    return Response(qr_of(address), headers={"Cache-Control": "no-cache"}, media_type=SVG)


async def follow(request: Request) -> Response:
    """Lead from a code to its talk; a code of no talk leads to the start page, which says so."""
    code = request.path_params["code"]
    known = await in_thread(system_of(request).views.talks)
    talk = talk_of(code, (one["id"] for one in known))
    if not talk:
        return RedirectResponse(f"/?code={quote(code, safe='')}", status_code=302)
    return RedirectResponse(f"/talks/{quote(talk, safe='')}", status_code=302)


async def draw(request: Request) -> Response:
    """Draw what must not stand in an address: an invitation and its code."""
    speaking(request)
    asked = object_of(await body_of(request), Drawn)
    return Response(qr_of(asked.text), media_type=SVG)


async def _talk(request: Request) -> str:
    """Tell the id of the talk that is asked for, which is there and may be seen."""
    found = await in_thread(talk_asked_for, request, caller(request))
    return found.talk


def _short_address(request: Request, talk: str) -> str:
    """Make the address that the operator set, or else the one that this visitor came by."""
    site = system_of(request).settings.public_url or str(request.base_url).rstrip("/")
    return f"{site}/j/{code_of(talk)}"


OPERATIONS = (
    Operation(
        "GET",
        "/api/talks/{talk}/join",
        way_in,
        "Tell the short code that leads into a talk, and its short address.",
        answers=WayIn,
        refusals=(404,),
    ),
    Operation(
        "GET",
        "/api/talks/{talk}/join.svg",
        way_in_drawn,
        "Draw the short address of a talk as a QR code.",
        answer_type=SVG,
        refusals=(404,),
    ),
    Operation(
        "GET",
        "/j/{code}",
        follow,
        "Lead from a short code to the page of its talk, else to the start page.",
        status=302,
    ),
    Operation(
        "POST",
        "/api/qr",
        draw,
        "Draw a link as a QR code; it travels in the body, for it may hold a code.",
        body=Drawn,
        answer_type=SVG,
        needs_identity=True,
        refusals=(400, 413),
    ),
)

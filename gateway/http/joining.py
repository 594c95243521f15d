"""The way in for a phone: the address of a talk, or a link somebody was given, as a QR code."""

import io
from typing import Annotated
from urllib.parse import quote

import msgspec
import segno
from starlette.requests import Request
from starlette.responses import Response

from gateway.http.bodies import body_of, object_of
from gateway.http.callers import in_thread, speaking, system_of
from gateway.http.operations import Operation

SVG = "image/svg+xml"
QUIET_ZONE = 4  # modules, as ISO/IEC 18004 asks for


class Drawn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a QR code shall say: a link, which may hold a code in its fragment."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]


def qr_of(text: str) -> bytes:
    """Draw a QR code as SVG: dark on light in every colour scheme, so that cameras read it."""
    drawn = io.BytesIO()
    segno.make_qr(text, error="l").save(
        drawn, kind="svg", xmldecl=False, omitsize=True, border=QUIET_ZONE, light="#fff"
    )
    return drawn.getvalue()


async def way_in(request: Request) -> Response:
    """Draw the address of the live page, as people reach it."""
    system = system_of(request)
    talk = await in_thread(system.app.talk, request.path_params["talk"])
    site = system.settings.public_url or str(request.base_url)
    address = f"{site.rstrip('/')}/talks/{quote(talk.talk, safe='')}"
    return Response(qr_of(address), headers={"Cache-Control": "no-cache"}, media_type=SVG)


async def draw(request: Request) -> Response:
    """Draw what must not stand in an address: an invitation and its code."""
    speaking(request)
    asked = object_of(await body_of(request), Drawn)
    return Response(qr_of(asked.text), media_type=SVG)


OPERATIONS = (
    Operation(
        "GET",
        "/api/talks/{talk}/join.svg",
        way_in,
        "Draw the address of the talk as a QR code.",
        answer_type=SVG,
        refusals=(404,),
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

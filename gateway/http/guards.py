"""What stands around every answer: security headers, and who may send unsafe requests.

Pure ASGI, so that errors, refused upgrades and streamed bodies are covered as well.
"""

from collections.abc import Sequence

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.origins import Origins
from gateway.problems import problem
from gateway.settings import Settings

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_STARTS = frozenset({"http.response.start", "websocket.http.response.start"})


class SecurityHeaders:
    """Adds the security headers to every answer."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._headers = security_headers(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the request; a header the answer sets itself stays as it is."""

        async def sending(message: Message) -> None:
            if message["type"] in _STARTS:
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, sending)


class TrustedOrigins:
    """Refuses unsafe requests from pages of origins that we don't trust.

    The cookie is SameSite=Lax, so such a request comes without it; this is the second
    fence, against sister sites and browsers that don't know SameSite.
    """

    def __init__(self, app: ASGIApp, origins: Origins) -> None:
        self._app = app
        self._origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the request, or answer 403."""
        if scope["type"] == "http" and scope["method"] not in _SAFE_METHODS:
            headers = Headers(scope=scope)
            if not self._is_trusted(headers):
                answer = problem(
                    403,
                    "not_allowed",
                    "pages of this origin may not act here: see HEARHEAR_ALLOWED_ORIGINS",
                )
                await answer(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _is_trusted(self, headers: Headers) -> bool:
        origin = headers.get("origin")
        if origin is None and headers.get("sec-fetch-site") == "cross-site":
            return False
        return self._origins.allows(origin, headers.get("host", ""))


def security_headers(settings: Settings) -> dict[str, str]:
    """Tell the headers of every answer."""
    headers = {
        "Content-Security-Policy": content_security_policy(settings),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        "Cache-Control": "no-store",
    }
    if not settings.frame_ancestors:
        headers["X-Frame-Options"] = "DENY"
    if settings.is_https:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return headers


def content_security_policy(settings: Settings) -> str:
    """Tell what our pages may load: our own files, and what the operator allows."""
    directives: dict[str, Sequence[str]] = {
        "default-src": ("'none'",),
        "script-src": ("'self'",),
        "style-src": ("'self'",),
        "img-src": ("'self'", "data:"),
        "font-src": ("'self'",),
        # Of the live door too: same host, ws(s) scheme. Parts of HLS streams are fetched.
        "connect-src": ("'self'", *settings.media_sources),
        "media-src": ("'self'", "blob:", *settings.media_sources),
        "frame-src": settings.frame_sources or ("'none'",),
        "manifest-src": ("'self'",),
        "frame-ancestors": settings.frame_ancestors or ("'none'",),
        "form-action": ("'self'",),
        "base-uri": ("'none'",),
        "require-trusted-types-for": ("'script'",),
        "trusted-types": ("'none'",),
    }
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in directives.items())

"""The plain door as a whole: its operations, its routes, and the application around them."""

from collections.abc import Sequence

from sqlalchemy.exc import OperationalError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from domain.errors import Refused
from gateway import problems
from gateway.http import (
    audit,
    feedback,
    health,
    importing,
    joining,
    log,
    pages,
    posting,
    reading,
    replaying,
    sessions,
    sheets,
    talks,
    timeline,
)
from gateway.http.answers import encoded
from gateway.http.describing import asyncapi, openapi
from gateway.http.guards import SecurityHeaders, TrustedOrigins
from gateway.http.operations import JSON, Operation, routes_of
from gateway.http.resources import offered
from gateway.metrics import Measured
from gateway.site_sessions import SiteVisitors
from gateway.system import System

OPERATIONS: tuple[Operation, ...] = (
    *sessions.OPERATIONS,
    *talks.OPERATIONS,
    *offered.OPERATIONS,
    *reading.OPERATIONS,
    *replaying.OPERATIONS,
    *timeline.OPERATIONS,
    *feedback.OPERATIONS,
    *sheets.OPERATIONS,
    *log.OPERATIONS,
    *audit.OPERATIONS,
    *importing.OPERATIONS,
    *posting.OPERATIONS,
    *joining.OPERATIONS,
    *health.OPERATIONS,
)


def application(system: System, live_routes: Sequence[BaseRoute] = ()) -> Starlette:
    """Put both doors into one application, with what stands around every answer."""
    app = Starlette(
        routes=[*live_routes, *routes()],
        middleware=[
            Middleware(Measured, metrics=system.metrics),
            Middleware(SecurityHeaders, settings=system.settings),
            Middleware(problems.UnexpectedErrors),
            Middleware(TrustedOrigins, origins=system.origins),
            *_site_visitors(system),
        ],
        exception_handlers={
            Refused: problems.refused,
            HTTPException: problems.http_error,
            OperationalError: problems.out_of_reach,
        },
    )
    app.router.redirect_slashes = False
    app.state.system = system
    return app


def _site_visitors(system: System) -> Sequence[Middleware]:
    if system.site_sessions is None:
        return []
    cookie = system.settings.site_cookie
    return [Middleware(SiteVisitors, sessions=system.site_sessions, cookie_name=cookie)]


def routes() -> list[Route]:
    """Make the routes of everything but the live door."""
    documents = {"/api/openapi.json": openapi(OPERATIONS), "/api/asyncapi.json": asyncapi()}
    described = [_document(path, document) for path, document in documents.items()]
    files = pages.files_under(pages.WEB)
    return [*routes_of(OPERATIONS), *described, *pages.page_routes(files)]


def _document(path: str, document: object) -> Route:
    body = encoded(document).body

    async def described(_: Request) -> Response:
        return Response(body, headers={"Cache-Control": "no-cache"}, media_type=JSON)

    return Route(path, described)

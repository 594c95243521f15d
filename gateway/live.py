"""The live door's routes: a WebSocket and server-sent events for each talk."""

from starlette.routing import BaseRoute, Route, WebSocketRoute

from gateway.inviting import Inviting
from gateway.sse import EventsDoor
from gateway.system import System
from gateway.websocket import LiveDoor


def live_routes(system: System) -> list[BaseRoute]:
    """Make the routes of the live door."""
    inviting = Inviting(system.app, system.identity, system.settings.site)
    live = LiveDoor(inviting=inviting, hub=system.hub, origins=system.origins)
    events = EventsDoor(app=system.app, hub=system.hub, identity=system.identity)
    return [
        WebSocketRoute("/api/talks/{talk}/live", live.open),
        Route("/api/talks/{talk}/events", events.open),
    ]

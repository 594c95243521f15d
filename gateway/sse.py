"""The live door for readers without WebSockets: the same frames as server-sent events."""

import asyncio
from functools import partial

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from domain.application import Hearhear
from domain.errors import Refused
from gateway import protocol
from gateway.hub import Hub
from gateway.identity import Identity, credentials_of
from gateway.protocol import cursor_from
from gateway.rooms import Seat
from gateway.site_sessions import while_signed_in
from gateway.visits import Reception, Visit, Watch, asked_for
from gateway.wires import PulledWire

_RETRY = b"retry: 2000\n\n"  # milliseconds after which a browser comes back


class EventsDoor:
    """Opens ``/api/talks/{talk}/events``; commands go through the plain door."""

    def __init__(self, *, app: Hearhear, hub: Hub, identity: Identity) -> None:
        self._identity = identity
        self._reception = Reception(app, hub)

    async def open(self, request: Request) -> Response:
        """Answer with a stream that goes on where ``Last-Event-ID`` or the query says."""
        query = dict(request.query_params)
        if seen := request.headers.get("last-event-id"):
            epoch, position = cursor_from(seen)
            query |= {"epoch": epoch, "after": str(position)}
        visit = asked_for(request.path_params["talk"], query)
        await self._reception.find(visit)
        speaker = self._identity.reader(credentials_of(request))
        return EventStream(await self._reception.recognise(visit, speaker), self._reception)


class EventStream(Response):
    """Sends what a seat gets until the reader goes or the gateway ends."""

    media_type = "text/event-stream"

    def __init__(self, visit: Visit, reception: Reception) -> None:
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._visit = visit
        self._reception = reception
        self._wire = PulledWire()
        self._watch = Watch(reception, visit, self._show_out)
        self._seat = Seat(self._wire, visit.attendee, on_rights=self._watch.look_again)
        self._wire.seat = self._seat

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Enter the room and stay, as long as the reader is who they were."""
        await self._reception.seat(self._visit, self._seat)
        works = [asyncio.create_task(self._send_all(send)), asyncio.create_task(_gone(receive))]
        end = partial(self._wire.close, 0)
        try:
            async with while_signed_in(HTTPConnection(scope), self._visit.speaker, end):
                await asyncio.wait(works, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._reception.hub.leave(self._visit.talk, self._seat)
            self._wire.close(0)
            self._watch.end()
            for work in works:
                work.cancel()
            await asyncio.gather(*works, return_exceptions=True)

    def _show_out(self, refused: Refused) -> None:
        self._wire.close(0, protocol.encode(protocol.refusal(None, refused)))

    async def _send_all(self, send: Send) -> None:
        start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        await send(start)
        await send({"type": "http.response.body", "body": _RETRY, "more_body": True})
        async for message in self._wire.messages():
            await send({"type": "http.response.body", "body": message.event, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass

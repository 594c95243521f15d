"""The live door: a WebSocket per view of a talk, for its frames and for commands."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Any, Protocol

from starlette.websockets import WebSocket, WebSocketDisconnect

from domain.commands import decode
from domain.errors import Invalid, NotAllowed, Refused
from domain.speaker import Speaker
from gateway import protocol
from gateway.answering import Answers
from gateway.frames import EXTENSION
from gateway.hub import Hub
from gateway.identity import credentials_of, why_nobody
from gateway.inviting import Inviting
from gateway.origins import Origins
from gateway.problems import refused as refused_upgrade
from gateway.protocol import HELLO_WITHIN_S, Bye, Who
from gateway.rooms import Seat, Wire
from gateway.site_sessions import while_signed_in
from gateway.visits import Reception, Visit, Watch, asked_for
from gateway.wires import PulledWire

NOT_ALLOWED, TRY_LATER, RESTARTING = 1008, 1013, 1012

logger = logging.getLogger(__name__)


class LiveDoor:
    """Opens ``/api/talks/{talk}/live``."""

    def __init__(self, *, inviting: Inviting, hub: Hub, origins: Origins) -> None:
        self._inviting = inviting
        self._hub = hub
        self._identity = inviting.identity
        self._origins = origins
        self._reception = Reception(inviting.app, hub)

    async def open(self, websocket: WebSocket) -> None:
        """Serve one connection, from its opening to its end."""
        await websocket.receive()  # the wish to connect
        try:
            visit, is_known = await self._at_the_door(websocket)
        except Refused as refused:
            answer = await refused_upgrade(websocket, refused)  # type: ignore[arg-type]
            await websocket.send_denial_response(answer)
            return
        with suppress(WebSocketDisconnect):
            await websocket.accept()
            if not is_known:
                asked = await self._ask_who(websocket, visit)
                if asked is None:
                    return
                visit = asked
            async with _wire_of(websocket) as wire:
                connection = _Connection(
                    websocket, wire, visit, reception=self._reception, inviting=self._inviting
                )
                await connection.serve()

    async def _at_the_door(self, websocket: WebSocket) -> tuple[Visit, bool]:
        """Check what can be checked before the upgrade; tell also whether they are known."""
        headers = websocket.headers
        if not self._origins.allows(headers.get("origin"), headers.get("host", "")):
            raise NotAllowed("pages of this origin may not come in: see HEARHEAR_ALLOWED_ORIGINS")
        speaker = self._identity.reader(credentials_of(websocket))
        visit = asked_for(websocket.path_params["talk"], websocket.query_params)
        await self._reception.find(visit)
        if speaker is None:
            return visit, False
        return await self._reception.recognise(visit, speaker), True

    async def _ask_who(self, websocket: WebSocket, visit: Visit) -> Visit | None:
        """Ask who is there; close and return nothing when there is no good answer in time."""
        await _send(websocket, protocol.encode(Who()))
        try:
            async with asyncio.timeout(HELLO_WITHIN_S):
                hello = protocol.hello(protocol.read(await _received(websocket)))
            speaker = self._speaker(hello.token)
            if hello.epoch:
                visit = replace(visit, epoch=hello.epoch, after=hello.after)
            return await self._reception.recognise(visit, speaker)
        except TimeoutError:
            await websocket.close(NOT_ALLOWED, "nobody said hello")
        except Refused as refused:
            await _send(websocket, protocol.encode(protocol.refusal(None, refused)))
            await websocket.close(NOT_ALLOWED)
        return None

    def _speaker(self, token: str) -> Speaker | None:
        return self._identity.speaker_of_token(token) if token else None


class ConnectedWire(Wire, Protocol):
    """The wire of a socket, whoever carries it."""

    seat: Seat | None

    async def idle(self) -> None:
        """Wait until the client reads, or is gone."""


@asynccontextmanager
async def _wire_of(websocket: WebSocket) -> AsyncIterator[ConnectedWire]:
    """Find the wire that our own server offers, or carry one over any other's."""
    offered: ConnectedWire | None = websocket.scope["extensions"].get(EXTENSION)
    if offered is not None:
        yield offered
        return
    wire = PulledWire()
    sending = asyncio.create_task(_send_all(websocket, wire))
    try:
        yield wire
    finally:
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)


async def _send_all(websocket: WebSocket, wire: PulledWire) -> None:
    try:
        async for message in wire.messages():
            await _send(websocket, message)
        await websocket.close(wire.closing or RESTARTING)
    except WebSocketDisconnect:
        wire.close(RESTARTING)  # nobody is there to read it


class _Connection:
    """One visitor's socket, from the seat in the room to the last frame."""

    def __init__(
        self,
        websocket: WebSocket,
        wire: ConnectedWire,
        visit: Visit,
        *,
        reception: Reception,
        inviting: Inviting,
    ) -> None:
        self._websocket = websocket
        self._wire = wire
        self._visit = visit
        self._reception = reception
        self._inviting = inviting
        self._watch = Watch(reception, visit, self._show_out)
        self._seat = wire.seat = Seat(wire, visit.attendee, on_rights=self._watch.look_again)
        self._answers = Answers(self._seat, on_accepted=reception.hub.acted)

    async def serve(self) -> None:
        """Take a seat, then take commands until either side ends it.

        While the room loads, commands wait in the socket, in order.
        """
        try:
            async with while_signed_in(self._websocket, self._visit.speaker, self._sign_out):
                await self._enter()
                while True:
                    self._take(await _received(self._websocket))
                    await self._answers.fewer()
                    await self._wire.idle()
        finally:
            self._reception.hub.leave(self._visit.talk, self._seat)
            self._watch.end()

    async def _enter(self) -> None:
        try:
            await self._reception.seat(self._visit, self._seat)
        except Exception:
            logger.warning("a seat could not be taken", exc_info=True)
            bye = Bye(reason="the talk can't be read right now", retry_in_s=2.0)
            self._wire.close(TRY_LATER, protocol.encode(bye))

    def _take(self, text: str | bytes) -> None:
        command_id = None
        try:
            raw = protocol.read(text)
            command_id = protocol.id_of(raw)
            self._submit(raw)
        except Refused as refused:
            self._answers.refuse(command_id, refused)

    def _submit(self, raw: dict[str, Any]) -> None:
        speaker = self._visit.speaker
        if speaker is None:
            raise why_nobody(self._websocket)
        if raw["type"] != "command":
            raise Invalid("hello has been said", field="type")
        command_id, command = decode(raw)
        answer = self._inviting.submit(self._visit.talk, command, command_id, speaker)
        self._answers.expect(command_id, answer)

    def _sign_out(self) -> None:
        """End the visit of somebody whom the host site does not vouch for as it did."""
        self._visit = replace(self._visit, speaker=None)
        bye = Bye(reason="the site tells anew whose session it is", retry_in_s=0.0)
        self._wire.close(NOT_ALLOWED, protocol.encode(bye))

    def _show_out(self, refused: Refused) -> None:
        """End the visit of somebody who may not see the view any more."""
        self._wire.close(NOT_ALLOWED, protocol.encode(protocol.refusal(None, refused)))


async def _send(websocket: WebSocket, message: protocol.Message) -> None:
    await websocket.send({"type": "websocket.send", "text": message.text})


async def _received(websocket: WebSocket) -> str | bytes:
    message = await websocket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1005))
    text: str | bytes | None = message.get("text")
    return text if text is not None else message["bytes"]

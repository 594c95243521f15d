"""A gateway with one door more: what is said there is delivered to a room as its patches are.

    HEARHEAR_PORT=… python tests/load/room_server.py

Its settings are the product's own. ``ws://…/bench/TALK`` takes one line of chat per message and
hands it to the hub in the form in which it comes from the broker, so that rooms are measured
without the way from command to view. Not part of any test run.
"""

import asyncio
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

sys.path.insert(0, str(Path(__file__).parents[2]))

from gateway.bootstrap import serve
from gateway.settings import Settings
from gateway.system import System
from projections.fanout import PATCHES

SHOWN = 200  # lines of a room's feed; each new one pushes the oldest out


@dataclass
class Chat:
    """The lines said in one room; their positions go on where its view stood."""

    talk: str
    epoch: str
    position: int
    said: int = 0

    def patches(self, text: str) -> bytes:
        """Tell of one more line, as a projector would."""
        self.said += 1
        feed: dict[str, Any] = {f"line-{self.said}": self._line(text)}
        if self.said > SHOWN:
            feed[f"line-{self.said - SHOWN}"] = None
        prev, self.position = self.position, self.position + 1
        patch = {
            "talk": self.talk,
            "view": "room",
            "epoch": self.epoch,
            "prev": prev,
            "position": self.position,
            "patch": {"feed": feed},
        }
        return orjson.dumps({"patches": [patch], "me": []})

    def _line(self, text: str) -> dict[str, Any]:
        return {
            "kind": "line",
            "by": {"id": f"attendee-{self.said % 97}", "name": "Ann"},
            "text": text,
            "at": "2026-03-02T12:00:00.000+00:00",
            "position": self.position,
            "about": "",
            "source": "",
            "url": "",
            "edited": False,
            "pinned": False,
        }


class ChatDoor:
    """Opens ``/bench/{talk}``."""

    def __init__(self) -> None:
        self._chats: dict[str, Chat] = {}
        self.system: System | None = None  # once it runs

    def opened(self, system: System) -> None:
        self.system = system

    async def open(self, websocket: WebSocket) -> None:
        await websocket.accept()
        assert self.system
        chat = await self._chat(websocket.path_params["talk"])
        async for text in websocket.iter_text():
            self.system.hub.deliver(PATCHES, chat.patches(text))

    async def _chat(self, talk: str) -> Chat:
        if talk not in self._chats:
            assert self.system
            view = await asyncio.to_thread(self.system.views.snapshot, talk, "room")
            assert view
            self._chats[talk] = Chat(talk, view.epoch, view.position)
        return self._chats[talk]


if __name__ == "__main__":
    door = ChatDoor()
    serve(
        Settings.from_env(os.environ),
        "serve",
        on_ready=door.opened,
        more_routes=[WebSocketRoute("/bench/{talk}", door.open)],
    )

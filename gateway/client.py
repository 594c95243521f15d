"""The typed client of the live door: ``hearhear.connect(url)``.

It keeps the view as it stands, resumes after every break where it was, and asks again with
the same command ids, so that what it sends is done once. Lives on the loop that enters it.
"""

import asyncio
import json
import random
import urllib.request
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Literal, Self, TypeVar
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

import websockets
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from gateway import protocol
from projections import patch as merge_patch

BEHIND_FOR_S = 3.0
"""Seconds a client may lack a patch that a beat told of before it asks again."""

_NEWEST_MESSAGE = 16 * 1024 * 1024  # bytes; a snapshot may be large
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.2, 10.0
_RETRY_S = 0.5  # after which a command is asked again that the store had no time for
_LASTING = frozenset({400, 401, 403, 404, 409})  # statuses that trying again won't change

State = Literal["connecting", "catching up", "live", "closed"]
T = TypeVar("T")


class Refusal(Exception):  # noqa: N818 - an answer of the server, not an error of ours
    """The server refused a command, or the connection; ``reason`` as in the contract."""

    def __init__(self, status: int, reason: str, detail: str, field: str = "") -> None:
        super().__init__(f"{reason}: {detail}")
        self.status = status
        self.reason = reason
        self.detail = detail
        self.field = field


@dataclass(frozen=True, slots=True)
class Accepted:
    """A command was accepted; without a position it changed nothing."""

    position: int | None
    result: Mapping[str, str]


@dataclass
class Folded:
    """What a client knows: the view at a position, and what concerns its person.

    Pure: frames in, documents out.
    """

    epoch: str = ""
    position: int = -1
    view: Mapping[str, Any] = field(default_factory=dict)
    me: Mapping[str, Any] = field(default_factory=dict)
    present: int = 0
    last_told: int = -1  # the last patch of the view, as the server's beat says
    is_whole: bool = False  # whether ``me`` was told since the connection or the last snapshot

    def take(self, frame: Mapping[str, Any]) -> bool:
        """Fold a frame; return False when a patch is missing before it."""
        match frame["type"]:
            case "snapshot":
                self.epoch, self.position = frame["epoch"], frame["position"]
                self.view, self.is_whole = frame["view"], False
            case "patch":
                return self._take_patch(frame)
            case "me":
                known = self.me if self.is_whole else {}
                part = {name: value for name, value in frame.items() if name != "type"}
                self.me, self.is_whole = merge_patch.apply(known, part), True
            case "beat":
                self.present, self.last_told = frame["present"], frame["position"]
        return True

    def _take_patch(self, frame: Mapping[str, Any]) -> bool:
        if frame["position"] <= self.position:
            return True
        if frame["epoch"] != self.epoch or frame["prev"] > self.position:
            return False
        self.view = merge_patch.apply(self.view, frame["patch"])
        self.position = frame["position"]
        return True


class Client:
    """One view of one talk, kept up to date while its ``async with`` block runs.

    ``view``, ``me``, ``position`` and ``present`` are as last heard of; ``state`` tells
    whether that is now.
    """

    def __init__(
        self,
        url: str,
        *,
        token: str = "",
        view: str = "room",
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._site, self.talk = _talk_in(url)
        self._token = token
        self._view = view
        self._jitter = jitter
        self._known = Folded()
        self._open: dict[str, _Command] = {}  # not answered yet, in the order they were sent
        self._outgoing: asyncio.Queue[str] | None = None  # while live
        self._changed = asyncio.Condition()
        self._running: asyncio.Task[None] | None = None
        self._failure: Refusal | None = None
        self._retry_in_s: float | None = None
        self._behind_since: float | None = None
        self.state: State = "connecting"

    async def __aenter__(self) -> Self:
        """Connect; returns when the view is there. Raises ``Refusal`` when not let in."""
        self._running = asyncio.create_task(self._run())
        try:
            await self.until(lambda client: client.state == "live")
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        await self.close()

    @property
    def view(self) -> Mapping[str, Any]:
        return self._known.view

    @property
    def me(self) -> Mapping[str, Any]:
        return self._known.me

    @property
    def epoch(self) -> str:
        return self._known.epoch

    @property
    def position(self) -> int:
        return self._known.position

    @property
    def present(self) -> int:
        return self._known.present

    async def send(self, command: str, *, command_id: str = "", **arguments: Any) -> Accepted:
        """Send a command and wait for its answer, over as many connections as it takes.

        Raises ``Refusal`` when it is refused. To repeat one safely, give its id again.
        """
        return await self.sending(command, command_id=command_id, **arguments)

    def sending(
        self, command: str, *, command_id: str = "", **arguments: Any
    ) -> "asyncio.Future[Accepted]":
        """Send a command, and return its answer to come; commands keep their order."""
        command_id = command_id or str(uuid4())
        body = {"type": "command", "command": command, "command_id": command_id, **arguments}
        sent = _Command(json.dumps(body), asyncio.get_running_loop().create_future())
        self._open[command_id] = sent
        if self._failure:
            self._fail(self._failure)
        elif self._outgoing is not None:
            self._outgoing.put_nowait(sent.text)
        return sent.answer

    async def until(self, condition: Callable[[Self], T], *, within_s: float | None = 10.0) -> T:
        """Wait until something is true of this client, and return it.

        Raises ``TimeoutError`` when it does not come about, ``Refusal`` when the server
        closed the door for good.
        """
        async with asyncio.timeout(within_s), self._changed:
            while not (answer := condition(self)):
                if self._failure:
                    raise self._failure
                await self._changed.wait()
            return answer

    async def changes(self) -> AsyncIterator[Mapping[str, Any]]:
        """Yield the view whenever it has changed; slow readers get the latest."""
        seen: Mapping[str, Any] = {}
        while self.state != "closed":
            await self.until(_has_another_view_than(seen), within_s=None)
            seen = self.view
            yield seen

    async def close(self) -> None:
        """Leave; commands without an answer raise ``Refusal``, their fate unknown."""
        if self._running is not None:
            self._running.cancel()
            with suppress(asyncio.CancelledError):
                await self._running
        self._fail(Refusal(503, "unavailable", "the client was closed before the answer came"))
        await self._turn("closed")

    # The connection.

    async def _run(self) -> None:
        failed = 0
        while self._failure is None:
            self._retry_in_s = None
            try:
                async with self._connection() as socket:
                    failed = 0
                    await self._turn("catching up")
                    await self._converse(socket)
            except InvalidStatus as denied:
                if denied.response.status_code in _LASTING:
                    self._fail(_refusal_in(denied))
                    break
            except (OSError, InvalidHandshake, TimeoutError):
                failed += 1
            await self._turn("connecting")
            await asyncio.sleep(self._wait_s(failed))
        await self._turn("closed")

    def _connection(self) -> websockets.connect:
        query = {"as": self._view}
        if self._known.epoch:
            query |= {"epoch": self._known.epoch, "after": str(self._known.position)}
        path = f"/api/talks/{self.talk}/live?{urlencode(query)}"
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        return websockets.connect(
            self._site.replace("http", "ws", 1) + path,
            additional_headers=headers,
            compression=None,
            max_size=_NEWEST_MESSAGE,
            proxy=None,
        )

    async def _converse(self, socket: ClientConnection) -> None:
        self._known.is_whole = False
        self._behind_since = None
        writing: asyncio.Task[None] | None = None
        try:
            async for text in socket:
                for frame in protocol.frames(text):
                    if not await self._take(socket, frame):
                        return
                if self._outgoing is None and self._known.epoch and self.state == "catching up":
                    writing = self._go_live(socket)
                await self._turn(self.state)
        except ConnectionClosed:
            pass
        finally:
            self._outgoing = None
            if writing is not None:
                writing.cancel()

    def _go_live(self, socket: ClientConnection) -> asyncio.Task[None]:
        """Send again what has no answer yet, in its order, then what comes."""
        self.state = "live"
        self._outgoing = asyncio.Queue()
        for command in self._open.values():
            self._outgoing.put_nowait(command.text)
        return asyncio.create_task(_write(socket, self._outgoing))

    async def _take(self, socket: ClientConnection, frame: Mapping[str, Any]) -> bool:
        """Act on a frame; return False to ask again on a new connection."""
        match frame["type"]:
            case "who":
                await socket.send(json.dumps(self._hello()))
            case "ack":
                if command := self._open.pop(frame["command_id"], None):
                    command.accept(Accepted(frame["position"], frame["result"]))
            case "refused":
                self._refuse(frame)
            case "bye":
                self._retry_in_s = frame["retry_in_s"]
            case _:
                return self._known.take(frame) and not self._is_behind()
        return True

    def _hello(self) -> dict[str, Any]:
        known = {"epoch": self._known.epoch, "after": max(self._known.position, 0)}
        return {"type": "hello", "token": self._token, **known}

    def _is_behind(self) -> bool:
        """Whether a patch that a beat told of has not come for some seconds."""
        now = asyncio.get_running_loop().time()
        if self._known.last_told <= self._known.position:
            self._behind_since = None
        elif self._behind_since is None:
            self._behind_since = now
        return self._behind_since is not None and now - self._behind_since > BEHIND_FOR_S

    def _refuse(self, frame: Mapping[str, Any]) -> None:
        refusal = Refusal(frame["status"], frame["reason"], frame["detail"], frame["field"])
        command = self._open.get(frame["command_id"] or "")
        if command is None:
            if frame["command_id"] is None and self.state != "live":
                self._fail(refusal)  # it was about who we are
        elif refusal.reason == "unavailable":  # it may have happened: its id makes that harmless
            asyncio.get_running_loop().call_later(_RETRY_S, self._ask_again, command)
        else:
            del self._open[frame["command_id"]]
            command.refuse(refusal)

    def _ask_again(self, command: "_Command") -> None:
        if self._outgoing is not None and not command.answer.done():
            self._outgoing.put_nowait(command.text)

    def _wait_s(self, failed: int) -> float:
        if self._retry_in_s is not None:
            return self._retry_in_s
        longest: float = min(_FIRST_WAIT_S * 2**failed, _LONGEST_WAIT_S)
        return longest * (0.5 + self._jitter() / 2)

    async def _turn(self, state: State) -> None:
        self.state = state
        async with self._changed:
            self._changed.notify_all()

    def _fail(self, refusal: Refusal) -> None:
        self._failure = self._failure or refusal
        while self._open:
            self._open.pop(next(iter(self._open))).refuse(refusal)


@dataclass(eq=False)
class _Command:
    """A command without an answer yet, as it is sent, and sent again."""

    text: str
    answer: "asyncio.Future[Accepted]"

    def accept(self, accepted: Accepted) -> None:
        if not self.answer.done():
            self.answer.set_result(accepted)

    def refuse(self, refusal: Refusal) -> None:
        if not self.answer.done():
            self.answer.set_exception(refusal)
            self.answer.exception()  # a command nobody waits for is no mistake


def connect(url: str, *, token: str = "", view: str = "room") -> Client:
    """Return a client of the talk at ``http://host/talks/ID``, for an ``async with`` block.

    Without a token it only reads.
    """
    return Client(url, token=token, view=view)


async def guest(site: str, name: str) -> str:
    """Sign in as a guest of a site, and return the token."""

    def post() -> str:
        request = urllib.request.Request(  # noqa: S310 - the caller's own site
            f"{site.rstrip('/')}/api/sessions",
            data=json.dumps({"name": name}).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            return str(json.load(answer)["token"])

    return await asyncio.to_thread(post)


def _has_another_view_than(seen: Mapping[str, Any]) -> Callable[[Client], bool]:
    return lambda client: client.view is not seen


async def _write(socket: ClientConnection, outgoing: "asyncio.Queue[str]") -> None:
    with suppress(ConnectionClosed):
        while True:
            await socket.send(await outgoing.get())


def _talk_in(url: str) -> tuple[str, str]:
    """Split a talk's address into its site and its id."""
    parts = urlsplit(url)
    path, _, talk = parts.path.rstrip("/").rpartition("/")
    if parts.scheme not in {"http", "https"} or not talk or not path.endswith("/talks"):
        raise ValueError(f"the address of a talk is http://host/talks/ID, not {url!r}")
    below = path.removesuffix("/talks").removesuffix("/api")
    return f"{parts.scheme}://{parts.netloc}{below}", talk


def _refusal_in(denied: InvalidStatus) -> Refusal:
    """Read the problem document of a refused connection."""
    response = denied.response
    try:
        told = json.loads(response.body or b"{}")
    except ValueError:
        told = {}
    return Refusal(
        response.status_code,
        told.get("reason", "unavailable"),
        told.get("detail", "the connection was refused"),
        told.get("field", ""),
    )

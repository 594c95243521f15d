"""Social networks on loopback: frames and answers of the documented shapes, told when a test says.

One server plays them all. A connection to a stream gets what is told after it came, and
from its cursor on what was told before, as the real ones do.
"""

import asyncio
import json
import socket
import threading
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Self

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect
from waiting import eventually

_EVERY_S = 0.005
DID = "did:plc:cat"


@dataclass
class Stream:
    """What one stream has told; ``cursor_of`` reads a frame's cursor, if it has one."""

    frames: list[str] = field(default_factory=list)
    connections: list[dict[str, str]] = field(default_factory=list)
    """Query and headers of each connection so far."""
    cursor_of: Callable[[str], int] = lambda _: 0
    dropped: int = 0

    def tell(self, *frames: Any) -> None:
        self.frames += [frame if isinstance(frame, str) else json.dumps(frame) for frame in frames]

    def drop(self) -> None:
        """Break all connections."""
        self.dropped += 1

    def wait(self, connections: int = 1) -> dict[str, str]:
        """Wait until somebody has connected, and tell how."""
        eventually(lambda: len(self.connections) >= connections, within_s=10)
        return self.connections[-1]

    async def coming(self, asked: dict[str, str]) -> AsyncIterator[str]:
        """Yield frames from the cursor on, else those to come, until dropped."""
        cursor, dropped = asked.get("cursor"), self.dropped
        at = 0 if cursor else len(self.frames)
        self.connections.append(asked)
        while self.dropped == dropped:
            while at < len(self.frames):
                frame = self.frames[at]
                at += 1
                if not cursor or self.cursor_of(frame) >= int(cursor):
                    yield frame
            await asyncio.sleep(_EVERY_S)


class Networks:
    """All of them; use it in a ``with`` block."""

    def __init__(self) -> None:
        self.mastodon_events, self.mastodon_socket = Stream(), Stream()
        self.jetstream = Stream(cursor_of=lambda frame: json.loads(frame)["time_us"])
        self.jetstream2 = Stream(cursor_of=lambda frame: json.loads(frame)["payload"]["seq"])
        self.x = Stream()
        self.statuses: dict[str, dict[str, Any]] = {}
        self.tweets: dict[str, dict[str, Any]] = {}
        self.rules: dict[str, dict[str, str]] = {}
        self.refusals: defaultdict[str, list[Response]] = defaultdict(list)
        """Answers that come first, by the beginning of the path."""
        self.asked: list[str] = []
        """Paths and queries, in order."""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        config = uvicorn.Config(
            Starlette(routes=self._routes()),
            lifespan="off",
            log_config=None,
            ws="websockets-sansio",
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def ws_url(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        eventually(lambda: self._server.started)
        return self

    def __exit__(self, *_: object) -> None:
        for stream in (
            self.mastodon_events,
            self.mastodon_socket,
            self.jetstream,
            self.jetstream2,
            self.x,
        ):
            stream.drop()
        self._server.should_exit = True
        self._thread.join()
        self._listener.close()

    def _serve(self) -> None:
        asyncio.run(self._server.serve(sockets=[self._listener]))

    # What a test tells.

    def toot(self, post_id: str, text: str, *, acct: str = "cat", **more: Any) -> dict[str, Any]:
        """Write a status: in the hashtag's timeline, and told on both streams."""
        status = {
            "id": post_id,
            "created_at": "2026-03-14T12:00:00.000Z",
            "account": {"id": "1", "username": acct.partition("@")[0], "acct": acct},
            "content": f"<p>{text}</p>",
            "visibility": "public",
            "spoiler_text": "",
            "sensitive": False,
            "uri": f"https://example.social/users/{acct}/statuses/{post_id}",
            "url": f"https://example.social/@{acct}/{post_id}",
            "reblog": None,
            "tags": [{"name": "pricing"}],
            **more,
        }
        self.statuses[post_id] = status
        self.mastodon("update", json.dumps(status))
        return status

    def mastodon(self, event: str, payload: str) -> None:
        """Tell an event on both streams."""
        self.mastodon_events.tell(f"event: {event}\ndata: {payload}\n\n:thump\n\n")
        self.mastodon_socket.tell(
            {"stream": ["hashtag", "pricing"], "event": event, "payload": payload}
        )

    def tweet(self, post_id: str, text: str, *, user: str = "cat", rule: str = "") -> None:
        """Write a post of X: found by the search, and told on the stream."""
        data = {"id": post_id, "text": text, "author_id": f"id-{user}"}
        self.tweets[post_id] = data
        users = [{"id": f"id-{user}", "name": user.title(), "username": user}]
        matching = [{"id": "1", "tag": rule}] if rule else list(self.rules.values())
        self.x.tell({"data": data, "includes": {"users": users}, "matching_rules": matching})

    # How they answer.

    def _routes(self) -> list[Any]:
        return [
            self._route("/api/v1/streaming/hashtag", self._events),
            self._socket("/api/v1/streaming", self.mastodon_socket),
            self._route("/api/v1/timelines/tag/{tag}", self._timeline),
            self._route("/api/v1/statuses/{id}", self._status),
            self._socket("/subscribe", self.jetstream),
            self._socket("/xrpc/network.bsky.jetstream.subscribeEvents", self.jetstream2),
            self._route("/xrpc/app.bsky.actor.getProfile", self._profile),
            self._route("/2/tweets/search/stream/rules", self._rules),
            self._route("/2/tweets/search/stream", self._lines),
            self._route("/2/tweets/search/recent", self._recent),
            self._route("/2/tweets", self._looked_up),
        ]

    def _route(self, path: str, answer: Callable[[Request], Any]) -> Route:
        async def answered(request: Request) -> Response:
            self.asked.append(f"{request.method} {request.url.path}?{request.url.query}")
            refusal = self._refusal(request.url.path)
            return refusal or await answer(request)

        return Route(path, answered, methods=["GET", "POST"])

    def _refusal(self, path: str) -> Response | None:
        waiting = next((w for begins, w in self.refusals.items() if path.startswith(begins)), [])
        return waiting.pop(0) if waiting else None

    def _socket(self, path: str, stream: Stream) -> WebSocketRoute:
        async def connected(websocket: WebSocket) -> None:
            refusal = self._refusal(path)
            if refusal:
                await websocket.send_denial_response(refusal)
                return
            offered = websocket.scope["subprotocols"]
            await websocket.accept(subprotocol=offered[0] if offered else None)
            asked = {**websocket.headers, **websocket.query_params, "query": websocket.url.query}
            with suppress(WebSocketDisconnect, RuntimeError):
                async for frame in stream.coming(asked):
                    await websocket.send_text(frame)
                await websocket.close()

        return WebSocketRoute(path, connected)

    async def _events(self, request: Request) -> Response:
        asked = {**request.headers, "query": request.url.query}
        frames = self.mastodon_events.coming(asked)
        return StreamingResponse(frames, media_type="text/event-stream")

    async def _timeline(self, request: Request) -> Response:
        newer = [s for s in self.statuses if int(s) > int(request.query_params["min_id"])]
        page = sorted(newer, key=int)[: int(request.query_params["limit"])]
        return JSONResponse([self.statuses[post_id] for post_id in reversed(page)])

    async def _status(self, request: Request) -> Response:
        status = self.statuses.get(request.path_params["id"])
        return JSONResponse(status or {"error": "Record not found"}, 200 if status else 404)

    async def _profile(self, request: Request) -> Response:
        did = request.query_params["actor"]
        handle = f"{did.rpartition(':')[2]}.bsky.social"
        return JSONResponse({"did": did, "handle": handle, "displayName": "Cat"})

    async def _rules(self, request: Request) -> Response:
        if request.method == "GET":
            return JSONResponse({"data": list(self.rules.values()), "meta": {}})
        asked = await request.json()
        for gone in asked.get("delete", {}).get("ids", []):
            del self.rules[gone]
        for added in asked.get("add", []):
            rule_id = str(len(self.rules) + 1)
            self.rules[rule_id] = {"id": rule_id, **added}
        return JSONResponse({"data": list(self.rules.values()), "meta": {}}, 201)

    async def _lines(self, request: Request) -> Response:
        asked = {**request.headers, "query": request.url.query}

        async def lines() -> AsyncIterator[str]:
            yield "\r\n"
            async for frame in self.x.coming(asked):
                yield f"{frame}\r\n"

        return StreamingResponse(lines(), media_type="application/json")

    async def _recent(self, request: Request) -> Response:
        newer = [t for t in self.tweets if int(t) > int(request.query_params["since_id"])]
        data = [self.tweets[post_id] for post_id in sorted(newer, key=int, reverse=True)]
        users = [{"id": t["author_id"], "username": t["author_id"][3:]} for t in data]
        return JSONResponse({"data": data, "includes": {"users": users}, "meta": {}})

    async def _looked_up(self, request: Request) -> Response:
        ids = request.query_params["ids"].split(",")
        problem = "https://api.x.com/2/problems/resource-not-found"
        missing = [
            {"resource_id": i, "title": "Not Found Error", "type": problem}
            for i in ids
            if i not in self.tweets
        ]
        found = [self.tweets[i] for i in ids if i in self.tweets]
        return JSONResponse({"data": found, "errors": missing})


def post_record(text: str, tag: str = "pricing") -> dict[str, Any]:
    """A record of ``app.bsky.feed.post`` with a hashtag in its facets."""
    facet = {
        "index": {"byteStart": 0, "byteEnd": len(tag) + 1},
        "features": [{"$type": "app.bsky.richtext.facet#tag", "tag": tag}],
    }
    return {
        "$type": "app.bsky.feed.post",
        "text": text,
        "createdAt": "2026-03-14T12:00:00.000Z",
        "langs": ["en"],
        "facets": [facet],
    }


def v1(time_us: int, rkey: str, operation: str = "create", **commit: Any) -> dict[str, Any]:
    """A commit as v1 of Jetstream tells it."""
    told = {"rev": "3l", "operation": operation, "collection": "app.bsky.feed.post", "rkey": rkey}
    return {
        "did": DID,
        "time_us": time_us,
        "kind": "commit",
        "commit": {**told, "cid": "bafy", **commit},
    }


def v2(seq: int, rkey: str, operation: str = "create", **more: Any) -> dict[str, Any]:
    """A commit as v2 of Jetstream tells it."""
    payload = {
        "$type": "network.bsky.jetstream.subscribeEvents#commit",
        "seq": seq,
        "did": DID,
        "time": "2026-03-14T12:00:00.000000Z",
        "rev": "3l",
        "operation": operation,
        "collection": "app.bsky.feed.post",
        "rkey": rkey,
        **more,
    }
    return {"$type": "message", "payload": payload}

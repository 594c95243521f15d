"""What an operator watches: counters and gauges in Prometheus' form, on a registry of our own."""

import time
from collections.abc import Callable, Iterable

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class Metrics:
    """The numbers of one process. Thread-safe."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "hearhear_requests",
            "Requests at the plain door, by the path's pattern.",
            ("method", "path", "status"),
            registry=self.registry,
        )
        self.request_seconds = Histogram(
            "hearhear_request_seconds",
            "Time from a request to the end of its answer.",
            ("path",),
            buckets=_SECONDS,
            registry=self.registry,
        )

    def watch(self, name: str, about: str, value: Callable[[], float]) -> None:
        """Ask for a number whenever somebody reads the metrics."""
        self.registry.register(_Watched(name, about, value))

    def text(self) -> bytes:
        """Write all numbers down; may block on what is watched."""
        return generate_latest(self.registry)


class _Watched(Collector):
    """A gauge that is asked for; left out while it can't be told."""

    def __init__(self, name: str, about: str, value: Callable[[], float]) -> None:
        self._name = name
        self._about = about
        self._value = value

    def describe(self) -> Iterable[Metric]:
        return [GaugeMetricFamily(self._name, self._about)]

    def collect(self) -> Iterable[Metric]:
        try:
            value = self._value()
        except Exception:  # noqa: BLE001 - whatever ails it, the other numbers are to be read
            return []
        return [GaugeMetricFamily(self._name, self._about, value=value)]


class Measured:
    """Counts requests and their time, by the pattern of their path, never by the path."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the request and count it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 500
        begun = time.perf_counter()

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, sending)
        finally:
            path = _pattern_of(scope)
            self._metrics.requests.labels(_method_of(scope), path, status).inc()
            self._metrics.request_seconds.labels(path).observe(time.perf_counter() - begun)


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def _method_of(scope: Scope) -> str:
    method: str = scope["method"]
    return method if method in _METHODS else "other"


def _pattern_of(scope: Scope) -> str:
    """Tell the path with its parameters named; paths nobody serves are one."""
    if "path_params" not in scope or "endpoint" not in scope:
        return "other"
    path: str = scope["path"]
    for name, value in scope["path_params"].items():
        path = path.replace(str(value), f"{{{name}}}", 1) if value else path
    return path

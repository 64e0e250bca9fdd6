"""Prometheus metrics: request latency, and the facts' counts read at scrape time."""

from __future__ import annotations

import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.bootstrap import Application

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """One registry an app, so that two apps in one process do not meet."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._latency = Histogram(
            "huiyin_http_request_seconds",
            "Time from request to the end of the answer.",
            ("method", "route", "status"),
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._faults = Counter(
            "huiyin_http_faults", "Answers with status 500.", registry=self._registry
        )
        self._facts = Gauge("huiyin_facts", "Rows by kind.", ("kind",), registry=self._registry)
        self._llm = Gauge(
            "huiyin_llm_configured",
            "1 when a chat model is configured; without one replies are rule-grounded templates.",
            registry=self._registry,
        )

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answered request."""
        self._latency.labels(method, route, str(status)).observe(seconds)
        if status == 500:
            self._faults.inc()

    async def render(self, application: Application) -> bytes:
        """The text exposition."""
        counts = await application.queries.counts()
        for kind, value in counts.model_dump().items():
            self._facts.labels(kind).set(value)
        self._llm.set(1 if application.chat is not None else 0)
        return bytes(generate_latest(self._registry))


class Timing:
    """Measures every request by its route template, never by its raw path."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, status = time.perf_counter(), 500

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watch)
        finally:
            route = getattr(scope.get("route"), "path", "unmatched")
            self._metrics.observe(scope["method"], route, status, time.perf_counter() - begun)

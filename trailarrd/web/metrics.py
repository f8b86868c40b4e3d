"""What Prometheus is told, from a registry of its own."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from aiohttp import web
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, generate_latest

from trailarrd import __version__
from trailarrd.domain.monitoring import MediaStatus, TrailerState
from trailarrd.domain.report import Outcome, RefreshReport
from trailarrd.domain.roots import RootState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiohttp.typedefs import Handler, Middleware

    from trailarrd.documents.health import Health
    from trailarrd.store.connections import ConnectionRow
    from trailarrd.web.snapshot import Snapshot

_LONG: Final = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600)
"""Seconds that work on a whole library may take."""
_SHORT: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
"""Seconds that an answer may take."""


class Metrics:
    """A `Meter`, and what is as it is when somebody asks."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._refreshes = self._counter("refreshes", "Refreshes that ended", "connection", "outcome")
        self._refresh_seconds = self._timer("refresh", "How long refreshes took", "connection", buckets=_LONG)
        self._scan_seconds = self._timer(
            "disk_scan", "How long a refresh looked at the disk", "connection", buckets=_LONG
        )
        self._arr_seconds = self._timer(
            "arr_request",
            "How long Arr servers took to begin an answer, by its status or 'error'",
            *("connection", "method", "status"),
            buckets=_SHORT,
        )
        self._http_seconds = self._timer(
            "http_request",
            "How long trailarrd took to answer",
            *("method", "route", "status"),
            buckets=_SHORT,
        )
        self._webhooks = self._counter(
            "webhook_events", "Webhook events that came in, by what became of them", "connection", "result"
        )
        self._downloads = self._counter(
            "downloads", "Downloads that ended, by what became of them", "site", "outcome"
        )
        self._download_bytes = self._counter("download_bytes", "Bytes of trailers that were placed", "site")
        self._download_seconds = self._timer("download", "How long downloads took", "site", buckets=_LONG)
        self._gauges = _Gauges(self.registry)
        build = Info("trailarrd_build", "Which trailarrd this is", registry=self.registry)
        build.info({"version": __version__})

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"trailarrd_{name}", text, labels, registry=self.registry)

    def _timer(self, name: str, text: str, *labels: str, buckets: Sequence[float]) -> Histogram:
        name = f"trailarrd_{name}_duration_seconds"
        return Histogram(name, text, labels, buckets=buckets, registry=self.registry)

    def refreshed(self, report: RefreshReport) -> None:
        self._refreshes.labels(report.connection, report.outcome.value).inc()
        self._refresh_seconds.labels(report.connection).observe(report.duration_s)

    def asked(self, connection: str, method: str, status: str, seconds: float) -> None:
        self._arr_seconds.labels(connection, method, status).observe(seconds)

    def looked(self, connection: str, seconds: float) -> None:
        self._scan_seconds.labels(connection).observe(seconds)

    def webhook(self, connection: str, result: str) -> None:
        """One has come in; `result` is `taken`, `not-understood` or `refused`."""
        self._webhooks.labels(connection, result).inc()

    def downloaded(self, site: str, outcome: str, seconds: float, size: int) -> None:
        """One has ended; `outcome` is `placed`, or why no trailer came of it."""
        self._downloads.labels(site, outcome).inc()
        self._download_seconds.labels(site).observe(seconds)
        self._download_bytes.labels(site).inc(size)

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """`route` is a pattern, or there would be too many."""
        self._http_seconds.labels(method, route, str(status)).observe(seconds)

    def exposition(self, snapshot: Snapshot, health: Health) -> bytes:
        self._gauges.update(snapshot, health)
        return generate_latest(self.registry)


class _Gauges:
    def __init__(self, registry: CollectorRegistry) -> None:
        self._of_connections: list[Gauge] = []

        def gauge(name: str, text: str, *labels: str) -> Gauge:
            return Gauge(f"trailarrd_{name}", text, labels, registry=registry)

        def each(name: str, text: str, *labels: str) -> Gauge:
            metric = gauge(name, text, "connection", *labels)
            self._of_connections.append(metric)
            return metric

        self._items = each("media_items", "Items by status", "status")
        self._trailers = each("media_trailer_items", "Items by trailer", "trailer")
        self._monitored = each("media_monitored_items", "Items that are monitored")
        self._held = each("removals_held_items", "Items whose removal waits for a decision")
        self._contradicted = each(
            "media_contradicted_items", "Items whose folder does not show the file that the server has"
        )
        self._vanishing = each(
            "media_vanishing_items", "Items whose trailer is held to be there, though it is not seen any more"
        )
        self._quarantined = each("quarantined_records", "Records that could not be read")
        self._unknown = each("roots_unknown", "Root folders that were not trusted")
        self._up = each("connection_up", "1 if the last refresh was applied, else 0")
        self._success = each("connection_last_success_timestamp_seconds", "When a refresh last succeeded")
        self._daemons = gauge(
            "daemon_connection", "1 for each connection that a daemon works at", "daemon", "connection"
        )
        self._database = gauge("database_up", "1 if the database can be used, else 0")
        self._lag = gauge("event_loop_lag_seconds", "How late the event loop was at worst in the last minute")
        self._well = gauge("healthy", "1 if /health says that all is well, else 0")

    def update(self, snapshot: Snapshot, health: Health) -> None:
        self._database.set(snapshot.error is None)
        self._lag.set(health.lag_s or 0.0)
        self._well.set(health.is_well)
        if snapshot.error is not None:
            return  # what was known is no longer, and 0 would be a lie
        for metric in self._of_connections:
            metric.clear()  # of a connection that is gone, nothing is told any more
        self._daemons.clear()
        for daemon in health.daemons:
            for one in daemon.connections:
                self._daemons.labels(f"{daemon.host}/{daemon.id}", one.connection).set(1)
        for row in snapshot.rows:
            if row.active:
                self._update(row, snapshot)

    def _update(self, row: ConnectionRow, snapshot: Snapshot) -> None:
        name = row.name
        for status in MediaStatus:
            self._items.labels(name, status.value).set(snapshot.tally[name, status])
        for trailer in TrailerState:
            self._trailers.labels(name, trailer.value).set(snapshot.tally[name, trailer])
        self._monitored.labels(name).set(row.monitored)
        self._held.labels(name).set(row.held)
        self._contradicted.labels(name).set(row.contradicted)
        self._vanishing.labels(name).set(row.vanishing)
        self._quarantined.labels(name).set(row.quarantined)
        unknown = [root for root in snapshot.roots.get(name, ()) if root.state is not RootState.OK]
        self._unknown.labels(name).set(len(unknown))
        if row.last_outcome is not None:
            self._up.labels(name).set(row.last_outcome is not Outcome.FAILED)
        if row.last_success is not None:
            self._success.labels(name).set(row.last_success.timestamp())


def timed(metrics: Metrics) -> Middleware:
    @web.middleware
    async def time_it(request: web.Request, handler: Handler) -> web.StreamResponse:
        began = time.monotonic()
        response = await handler(request)
        if response.content_type == "text/event-stream":
            return response  # how long somebody listened says nothing about us
        resource = request.match_info.route.resource
        method, route = (request.method, resource.canonical) if resource else ("any", "none")
        metrics.answered(method, route, response.status, time.monotonic() - began)
        return response

    return time_it

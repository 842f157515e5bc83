"""What Prometheus may ask for."""

import asyncio
from collections.abc import Iterable
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

from core.engine import Engine
from gateway.door.keeper import REASONS, Keeper

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)


class _EngineCollector:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def collect(self) -> Iterable[Any]:
        stats = self._engine.stats
        for name, value, text in (
            ("dragoman_engine_turns", stats.turns, "Turns of the engine."),
            ("dragoman_engine_commands", stats.commands, "Commands carried out or refused."),
            ("dragoman_engine_rejections", stats.rejected, "Commands refused."),
            ("dragoman_engine_reads", stats.reads, "Queries answered from the database."),
            ("dragoman_logins_throttled", stats.throttled, "Passwords that were not looked at."),
        ):
            yield CounterMetricFamily(name, text, value=value)
        turned_away = CounterMetricFamily(
            "dragoman_overload", "What was refused because others had waited for too long.", labels=("line",)
        )
        for line, count in (
            ("commands", stats.turned_away),
            ("reads", stats.reads_refused),
            ("passwords", stats.passwords_refused),
        ):
            turned_away.add_metric((line,), count)
        yield turned_away
        deliveries = CounterMetricFamily(
            "dragoman_deliveries", "Webhooks and mails: what came of an attempt.", labels=("dialect", "outcome")
        )
        for (dialect, outcome), count in stats.deliveries.items():
            deliveries.add_metric((dialect, outcome), count)
        yield deliveries
        yield GaugeMetricFamily("dragoman_engine_waiting", "Commands that wait for a turn.", value=stats.waiting)
        yield GaugeMetricFamily(
            "dragoman_passwords_waiting", "Passwords that are checked, or wait.", value=stats.checking
        )
        yield GaugeMetricFamily(
            "dragoman_maintenance", "1 in maintenance, else 0.", value=float(self._engine.maintenance)
        )


class _DoorCollector:
    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper

    def collect(self) -> Iterable[Any]:
        keeper = self._keeper
        yield GaugeMetricFamily("dragoman_connections", "Open connections.", value=len(keeper.connections))
        yield GaugeMetricFamily("dragoman_tasks", "Tasks of the event loop.", value=len(asyncio.all_tasks()))
        held = GaugeMetricFamily(
            "dragoman_held_bytes", "Unfinished heads, and bodies of requests without an answer.", labels=("part",)
        )
        held.add_metric(("heads",), keeper.heads)
        held.add_metric(("bodies",), keeper.bodies)
        yield held
        yield GaugeMetricFamily(
            "dragoman_requests_waiting", "Requests that have come and are not begun.", value=len(keeper.line)
        )
        refusals = CounterMetricFamily("dragoman_refusals", "Clients turned away before an answer.", labels=("kind",))
        for kind in REASONS:
            refusals.add_metric((kind,), keeper.refusals[kind])
        yield refusals


class Metrics:
    def __init__(self, engine: Engine, keeper: Keeper) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "dragoman_requests", "Requests answered.", ("dialect", "operation", "status"), registry=self.registry
        )
        self._seconds = Histogram(
            "dragoman_request_seconds", "Time to the answer.", ("dialect",), buckets=_BUCKETS, registry=self.registry
        )
        self.registry.register(_EngineCollector(engine))
        self.registry.register(_DoorCollector(keeper))
        self._known: dict[tuple[str, str, int], Any] = {}
        self._histograms: dict[str, Any] = {}

    def count(self, dialect: str, operation: str, status: int, seconds: float) -> None:
        labels = (dialect, operation, status)
        counter = self._known.get(labels)
        if counter is None:
            counter = self._known[labels] = self._requests.labels(dialect, operation, str(status))
            self._histograms[dialect] = self._seconds.labels(dialect)
        counter.inc()
        self._histograms[dialect].observe(seconds)

    def counted(self) -> tuple[tuple[str, str, int], ...]:
        """Every (dialect, operation, status) that there was."""
        return tuple(self._known)

    def render(self) -> bytes:
        return generate_latest(self.registry)

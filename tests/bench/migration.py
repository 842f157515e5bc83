"""How fast two recordings are compared, how much memory that takes, and how hard a replay drives a server."""

import itertools
import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from gateway.traffic.exchange import Exchange, Request, Response
from gateway.traffic.results import Result
from tests.bench.harness import BASIC, JSON, Line, completions, free_port, gateway, prepare, server
from tests.bench.load import Result as Loaded
from tests.bench.load import http, load
from tests.support.written import write

OLD, NEW = 1_700_000_000.0, 1_701_000_000.0
_HEADERS = ((b"Content-Type", b"application/json"), (b"Cache-Control", b"no-store"))
#: of the load client as of a replay
AT_ONCE = 32


class Used(NamedTuple):
    """By a process: seconds of the processor, and MB at its most."""

    seconds: float
    memory: float
    out: str


def migration_bars(folder: Path, seconds: float, quick: bool) -> list[Line]:
    return [*compared_bars(folder, 10_000 if quick else 100_000), *replayed_bars(folder, quick=quick)]


def used(*arguments: str | Path) -> Used:
    """By a command of ours."""
    with subprocess.Popen([sys.executable, "-m", "gateway", *arguments], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        out = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{arguments} ended with {process.returncode}: {out}")
    return Used(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, out)


def _tasks(count: int, salt: int, began: float) -> Iterator[Exchange]:
    """Pages of 2 kB, all of them different, with ids of the server's own."""
    chance, ids = random.Random(0), random.Random(salt)
    for number in range(1, count + 1):
        items = [
            {
                "id": f"{ids.getrandbits(128):032x}",
                "title": "".join(chance.choices("abcdefgh ", k=80)),
                "state": chance.choice(("OPEN", "DONE")),
                "priority": chance.randrange(100),
                "due": None,
                "tags": ["a", "b"],
                "text": "".join(chance.choices("abcdefgh ", k=160)),
            }
            for _ in range(6)
        ]
        body = json.dumps({"items": items, "page": {"total": len(items)}}).encode()
        request = Request("GET", b"/api/tasks?page=%d" % number, ((b"Host", b"old.example"),))
        at = began + number / 100
        yield Exchange(number, at, at + 0.005, number % 8, request, response=Response(200, "OK", _HEADERS, body))


def compared_bars(folder: Path, count: int) -> list[Line]:
    """The memory for all of them beside that for a tenth."""
    taken = []
    for part in (count // 10, count):
        old, new = (
            write(folder / f"{name}{part}.rec", _tasks(part, salt, began))
            for name, salt, began in (("old", 1, OLD), ("new", 2, NEW))
        )
        taken.append(used("diff", old, new))
        for file in (old, new):
            file.unlink()
    few, all_ = taken
    if f"{count} equal" not in all_.out:
        raise SystemExit(all_.out)
    # what it takes to start is not taken again
    per_100_000 = few.seconds + (all_.seconds - few.seconds) / (0.9 * count) * (100_000 - 0.1 * count)
    return [
        Line(
            what="compare 100,000 exchanges of 2 kB, processor",
            value=per_100_000,
            unit="s",
            bar="<= 60",
            good=per_100_000 <= 60,
            note=f"{count:,} of them in {all_.seconds:.1f} s",
        ),
        Line(
            what=f"memory for {count:,} against that for a tenth",
            value=all_.memory / few.memory,
            unit="x",
            bar="<= 1.5",
            good=all_.memory / few.memory <= 1.5,
            note=f"{all_.memory:.0f} MB, {few.memory:.0f} MB",
        ),
    ]


def replayed_bars(folder: Path, *, quick: bool) -> list[Line]:
    """The rate while it sends, against that of the load client with the same requests and the same server."""
    count = 2_000 if quick else 8_000
    url = f"sqlite:///{folder}/replayed.db"
    keys = prepare(url, 4 * count)
    port = free_port()
    lines = []
    with server(gateway(port, url), port, "/ready"):
        reads = [(b"GET", b"/v2/user-tasks/%d" % key, b"") for key in keys[:200]] * (count // 200)
        completed = [(b"POST", b"/v2/user-tasks/%d/completion" % key, b"{}") for key in keys[-count:]]
        work: dict[str, tuple[list[tuple[bytes, bytes, bytes]], Iterator[bytes], int]] = {
            "reading": (
                reads,
                (http("GET", f"/v2/user-tasks/{key}", BASIC) for key in itertools.cycle(keys[:200])),
                200,
            ),
            "completing": (completed, completions(iter(keys[200 : 200 + 2 * count])), 204),
        }
        for name, (requests, sent, status) in work.items():
            file = write(folder / f"{name}.rec", _asked(port, requests, status))
            loaded = load(port, sent, status=status, connections=AT_ONCE, seconds=1.5)
            taken = used("replay", file, "--target", f"http://127.0.0.1:{port}", "--force")
            lines.append(_driven(name, file, loaded, taken.seconds))
    return lines


def _asked(port: int, requests: list[tuple[bytes, bytes, bytes]], status: int) -> Iterator[Exchange]:
    """As many at once as the load client has under way, each recorded with what the server answers to the first."""
    import urllib.request

    authorization = BASIC.partition(": ")[2]
    headers: tuple[tuple[bytes, bytes], ...] = ((b"Host", b"old.example"), (b"Authorization", authorization.encode()))
    answers: dict[bytes, Response] = {}
    for number, (method, target, body) in enumerate(requests, 1):
        if method == b"GET" and target not in answers:
            url = f"http://127.0.0.1:{port}{target.decode()}"
            with urllib.request.urlopen(
                urllib.request.Request(url, headers={"Authorization": authorization})
            ) as answer:
                said = tuple((name.encode(), value.encode()) for name, value in answer.getheaders())
                answers[target] = Response(answer.status, "OK", said, answer.read())
        response = answers.get(target) or Response(status, "No Content", ((b"X-Content-Type-Options", b"nosniff"),))
        request = Request(
            method.decode(),
            target,
            headers + (((b"Content-Type", JSON.partition(": ")[2].encode()),) if body else ()),
            body,
        )
        at = OLD + number / 1000
        yield Exchange(number, at, at + (AT_ONCE - 0.5) / 1000, number % AT_ONCE, request, response=response)


def _driven(name: str, file: Path, loaded: Loaded, seconds: float) -> Line:
    with Result(file.with_name(f"{file.name}.replay")) as result:
        times = [(entry.began, entry.ended) for entry in result.entries()]
    rate = len(times) / (max(ended for _, ended in times) - min(began for began, _ in times))
    return Line(
        what=f"replay drives the server, {name}, against the load client",
        value=rate / loaded.rate,
        unit="x",
        bar=">= 0.5",
        good=rate / loaded.rate >= 0.5,
        note=f"{rate:,.0f}/s and {loaded.rate:,.0f}/s; {1000 * seconds / len(times):.2f} ms of the processor for each",
    )

"""What the sections of the bench share: servers to measure, data to measure them with, lines of the result."""

import asyncio
import base64
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from core.engine import Engine
from core.principal import system
from core.storage import open_store
from core.task.commands import CreateTask
from gateway import demo
from tests.bench.load import Result, http

BASIC = "Authorization: Basic " + base64.b64encode(b"demo:demo").decode()
JSON = "Content-Type: application/json"


@dataclass
class Line:
    what: str
    value: float
    unit: str
    bar: str
    good: bool | None
    note: str = ""

    def show(self) -> str:
        mark = "  " if self.good is None else "ok" if self.good else "NO"
        return f"{mark}  {self.what:58} {self.value:9.2f} {self.unit:6} {self.bar:10} {self.note}"


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def wait_for(url: str, seconds: float = 60.0) -> float:
    began = time.perf_counter()
    while time.perf_counter() - began < seconds:
        try:
            with urllib.request.urlopen(url) as answer:
                answer.read()
            return time.perf_counter() - began
        except urllib.error.HTTPError:
            return time.perf_counter() - began
        except OSError:
            time.sleep(0.005)
    raise SystemExit(f"{url} did not answer")


@contextmanager
def server(command: list[str], port: int, path: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    # as where it is installed: compiled modules are kept
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    process = subprocess.Popen(
        command, env={**inherited, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_for(f"http://127.0.0.1:{port}{path}")
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def uvicorn(app: str, port: int) -> list[str]:
    options = ["--log-level", "critical", "--no-access-log", "--no-server-header"]
    return [sys.executable, "-m", "uvicorn", app, "--port", str(port), *options]


def gateway(port: int, url: str) -> list[str]:
    return [sys.executable, "-m", "gateway", "serve", "--port", str(port), "--database-url", url]


async def _prepare(url: str, tasks: int) -> list[int]:
    engine = Engine(open_store(url))
    await engine.start()
    await demo.load(engine)
    who = system(engine.default_tenant)
    keys: list[int] = []
    for start in range(0, tasks, 2000):
        commands = (
            engine.execute(
                CreateTask(f"Task {start + n}", assignee=f"user{n % 200}", candidate_groups=("Managers",)), who
            )
            for n in range(min(2000, tasks - start))
        )
        keys += [started.tasks[0].key for started in await asyncio.gather(*commands)]
    await engine.stop()
    return keys


def prepare(url: str, tasks: int) -> list[int]:
    return asyncio.run(_prepare(url, tasks))


def memory(pid: int) -> float:
    """Resident MB of a process."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def completions(keys: Iterator[int]) -> Iterator[bytes]:
    return (http("POST", f"/v2/user-tasks/{key}/completion", BASIC, JSON, body=b"{}") for key in keys)


def soap(key: str) -> bytes:
    body = (
        '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>'
        f'<isValidTicket xmlns="http://tempuri.org/"><AuthenticationTicket>{key}</AuthenticationTicket>'
        "</isValidTicket></soap:Body></soap:Envelope>"
    ).encode()
    action = 'SOAPAction: "http://tempuri.org/isValidTicket"'
    return http("POST", "/srv.asmx", "Content-Type: text/xml; charset=utf-8", action, body=body)


def wrong(result: Result) -> str:
    return f"{result.wrong} wrong: {result.sample[:120]!r}" if result.wrong else ""


def ratio_of(what: str, result: Result, against: Result, bar: float) -> Line:
    value = result.rate / against.rate
    times = f"p50 {result.percentile(0.5):.1f} ms, p99 {result.percentile(0.99):.1f} ms"
    note = f"{result.rate:,.0f}/s, {times} {wrong(result)}"
    return Line(what=what, value=value, unit="x", bar=f">= {bar}", good=value >= bar and not result.wrong, note=note)


def median(results: list[Result]) -> Result:
    return sorted(results, key=lambda r: r.rate)[len(results) // 2]

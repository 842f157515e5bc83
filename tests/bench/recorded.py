"""What the recorder adds to an answer: one client asks a server directly, through what passes on, and recorded."""

import http.client
import sys
import time
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.bench.harness import Line, free_port, server, uvicorn
from tests.support.recorders import recorder

#: a small one, and one as pages of lists are
BODIES = {
    "200 bytes": b'{"title": "%s"}' % (b"x" * 180),
    "10 KB": b"[%s]" % (b'{"id": 123456, "title": "some title"}, ' * 256),
}


async def constant(request: Request) -> Response:
    """A server that takes a body as it comes and says the same to all."""
    await request.body()
    return JSONResponse({"status": "ok"})


app = Starlette(routes=[Route("/", constant, methods=["GET", "POST"])])


def recorded_bars(folder: Path, seconds: float, quick: bool) -> list[Line]:
    bare, passing = free_port(), free_port()
    pass_on = [sys.executable, "-m", "tests.bench.passing", str(passing), str(bare)]
    lines = []
    with (
        server(uvicorn("tests.bench.recorded:app", bare), bare, "/"),
        server(pass_on, passing, "/"),
        recorder(folder / "a.rec", f"http://127.0.0.1:{bare}") as running,
    ):
        ports = {"direct": bare, "passed": passing, "recorded": int(running.url.rpartition(":")[2])}
        clients = {name: http.client.HTTPConnection("127.0.0.1", port) for name, port in ports.items()}
        for what, body in BODIES.items():
            times: dict[str, list[float]] = {name: [] for name in ports}
            end = time.perf_counter() + seconds * 2
            while time.perf_counter() < end:
                for name, client in clients.items():
                    began = time.perf_counter()
                    client.request("POST", "/", body, {"Content-Type": "application/json", "Cookie": "sid=0123456789"})
                    client.getresponse().read()
                    times[name].append((time.perf_counter() - began) * 1000)
            middle = {name: sorted(taken)[len(taken) // 2] for name, taken in times.items()}
            note = ", ".join(f"{name} {value:.2f} ms" for name, value in middle.items())
            lines.append(
                Line(
                    what=f"recorder: p50 more than passed on, {what}",
                    value=middle["recorded"] - middle["passed"],
                    unit="ms",
                    bar="<= 1",
                    good=middle["recorded"] - middle["passed"] <= 1,
                    note=f"{note}; {len(times['direct'])} of each",
                )
            )
        for client in clients.values():
            client.close()
    return lines

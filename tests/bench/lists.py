"""Lists of 100,000 cases (ProcessMaker) against lists of 1,000, and the way through all their pages."""

import asyncio
import itertools
import json
import time
import urllib.parse
import urllib.request
from pathlib import Path

from core.engine import Engine
from core.instance.commands import StartInstance
from core.principal import system
from core.process.queries import ActivityByUid
from core.storage import open_store
from gateway import demo
from tests.bench.harness import Line, free_port, gateway, median, ratio_of, server
from tests.bench.load import Result, http, load

USER = "mary"
ROUNDS = 3
PAGE = 100
CLIENTS = 8
LISTS = {
    "inbox, first page": "/cases/paged?limit=25",
    "inbox, filtered by title": "/cases/paged?limit=25&search=plums",
    "inbox, by date of update": "/cases/paged?limit=25&sort=APP_UPDATE_DATE&dir=DESC",
    "participated, first page": "/cases/participated/paged?limit=25",
    "search by status and day": "/cases/advanced-search/paged?limit=25&app_status=TO_DO&date_from=2020-01-01",
}
THROUGH = {"by number": "/cases/paged", "by date of update": "/cases/paged?sort=APP_UPDATE_DATE&dir=DESC"}


async def _prepare(url: str, cases: int) -> None:
    """So many cases for the user, and as many for somebody else."""
    engine = Engine(open_store(url))
    await engine.start()
    await demo.load(engine)
    who = system(engine.default_tenant)
    process = (await engine.ask(ActivityByUid(demo.PHP_ACTIVITY), who)).process_key
    for start in range(0, cases, 1000):
        commands = (
            StartInstance(process, assignee=user, title=f"Case {n} of {('apples', 'pears', 'plums')[n % 3]}")
            for n in range(start, min(cases, start + 1000))
            for user in (USER, "robert")
        )
        await asyncio.gather(*(engine.execute(command, who) for command in commands))
    await engine.stop()


def _token(base: str) -> str:
    fields = {"grant_type": "password", "scope": "*", "username": USER, "password": USER}
    fields |= {"client_id": demo.CLIENT_ID, "client_secret": demo.CLIENT_SECRET}
    with urllib.request.urlopen(f"{base}/workflow/oauth2/token", urllib.parse.urlencode(fields).encode()) as answer:
        return str(json.load(answer)["access_token"])


def _through(base: str, token: str, path: str) -> float:
    """Seconds for a row, one page after the other until one is empty."""
    began, start = time.perf_counter(), 0
    while True:
        url = f"{base}/api/1.0/workflow{path}{'&' if '?' in path else '?'}limit={PAGE}&start={start}"
        request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
        with urllib.request.urlopen(request) as answer:
            rows = len(json.load(answer)["data"])
        if not rows:
            return (time.perf_counter() - began) / start
        start += rows


def list_bars(folder: Path, seconds: float, quick: bool) -> list[Line]:
    big = 20_000 if quick else 100_000
    servers = {}
    for size in (1_000, big):
        url = f"sqlite:///{folder}/cases{size}.db"
        asyncio.run(_prepare(url, size))
        servers[size] = free_port(), url
    small_port, large_port = servers[1_000][0], servers[big][0]
    lines = []
    with (
        server(gateway(*servers[1_000]), small_port, "/ready"),
        server(gateway(*servers[big]), large_port, "/ready"),
    ):
        bases = {port: f"http://127.0.0.1:{port}" for port in (small_port, large_port)}
        tokens = {port: _token(base) for port, base in bases.items()}

        def measure(port: int, path: str) -> Result:
            request = http("GET", f"/api/1.0/workflow{path}", f"Authorization: Bearer {tokens[port]}")
            load(port, itertools.repeat(request), connections=CLIENTS, seconds=0.3)
            return load(port, itertools.repeat(request), connections=CLIENTS, seconds=seconds / ROUNDS)

        for name, path in LISTS.items():
            rounds = [(measure(small_port, path), measure(large_port, path)) for _ in range(ROUNDS)]
            small, large = median([r[0] for r in rounds]), median([r[1] for r in rounds])
            lines.append(ratio_of(f"{name}: {big:,} cases against 1,000", large, small, 0.7))
        for name, path in THROUGH.items():
            few, many = (_through(bases[port], tokens[port], path) for port in (small_port, large_port))
            note, ratio = f"{few * 1e6:.0f} and {many * 1e6:.0f} us a row", many / few
            lines.append(
                Line(
                    what=f"all pages {name}: a row of {big:,}",
                    value=ratio,
                    unit="x",
                    bar="<= 1.5",
                    good=ratio <= 1.5,
                    note=note,
                )
            )
    return lines

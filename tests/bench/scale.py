"""A million tasks against a thousand; and that a search sees what was just made."""

import asyncio
import itertools
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from core.engine import Engine
from core.principal import system
from core.storage import open_store
from core.task.commands import CreateTask, TransferTasks
from core.task.queries import SearchTasks
from gateway import demo
from tests.bench.harness import BASIC, JSON, Line, completions, free_port, gateway, prepare, ratio_of, server
from tests.bench.load import Result, http, load

#: what is asked of both sizes: (name, path, body)
SEARCHES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("tasks of somebody", "user-tasks", {"filter": {"assignee": "jdoe", "state": "CREATED"}, "sort": "creationDate"}),
    ("all tasks by date", "user-tasks", {"sort": "creationDate"}),
    ("tasks of a process", "user-tasks", {"filter": {"processDefinitionId": "approve"}}),
    ("tasks of a candidate", "user-tasks", {"filter": {"candidateUser": "lisa"}, "sort": "priority"}),
    ("tasks of many candidates", "user-tasks", {"filter": {"candidateGroup": "Managers"}}),
    ("instances by date", "process-instances", {"sort": "startDate"}),
    ("instances of a process", "process-instances", {"filter": {"processDefinitionId": "approve", "state": "ACTIVE"}}),
    ("all elements", "element-instances", {}),
)


def _request(path: str, wanted: dict[str, Any]) -> bytes:
    body = {**wanted, "page": {"limit": 20}}
    if "sort" in wanted:
        body["sort"] = [{"field": wanted["sort"], "order": "desc"}]
    return http("POST", f"/v2/{path}/search", BASIC, JSON, body=orjson.dumps(body))


def scale_bars(folder: Path, seconds: float, quick: bool) -> list[Line]:
    found: dict[int, dict[str, Result]] = {}
    big = 100_000 if quick else 1_000_000
    lines = []
    for size in (1_000, big):
        url = f"sqlite:///{folder}/scale{size}.db"
        prepare(url, size)
        keys = prepare(url, 30_000)
        port = free_port()
        with server(gateway(port, url), port, "/ready"):
            results = found[size] = {}
            for name, path, wanted in SEARCHES:
                requests = itertools.repeat(_request(path, wanted))
                results[name] = load(port, requests, connections=8, seconds=seconds / 2)
            results["completion"] = load(port, completions(iter(keys)), status=204, seconds=seconds)
            if size == 1_000:
                lines.append(_pairs(port, 5_000 if quick else 100_000))
    small, large = found[1_000], found[big]
    against = f"{big:,} tasks against 1,000"
    lines.append(ratio_of(f"completion, {against}", large["completion"], small["completion"], 0.9))
    lines += [ratio_of(f"{name}, {against}", large[name], small[name], 0.7) for name, _, _ in SEARCHES]
    many = 10_000 if quick else 100_000
    took = asyncio.run(_transfer(f"sqlite:///{folder}/transfer.db", many))
    lines.append(Line(f"transfer {many:,} open tasks", took, "s", "<= 3", took <= 3))
    return lines


async def _transfer(url: str, count: int) -> float:
    engine = Engine(open_store(url))
    await engine.start()
    await demo.load(engine)
    who = system(engine.default_tenant)
    for _ in range(0, count, 2000):
        await asyncio.gather(*(engine.execute(CreateTask("Task", assignee="mark"), who) for _ in range(2000)))
    began = time.perf_counter()
    moved = await engine.execute(TransferTasks("mark", "mary"), who)
    took = time.perf_counter() - began
    assert moved.moved == count, moved
    await engine.ask(SearchTasks(), who)
    await engine.stop()
    return took


# Read your writes


CREATE = http("POST", "/v2/process-instances", BASIC, JSON, body=b'{"processDefinitionId":"approve"}')


async def _exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> bytes:
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    start = head.index(b"content-length: ") + 16
    return await reader.readexactly(int(head[start : head.index(b"\r", start)]))


async def _client(port: int, rounds: Iterator[int]) -> int:
    """How many searches did not find what was made just before."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    stale = 0
    for _ in rounds:
        made = await _exchange(reader, writer, CREATE)
        start = made.index(b'"processInstanceKey":"') + 22
        key = made[start : made.index(b'"', start)].decode()
        search = {"filter": {"processInstanceKey": key, "state": "CREATED"}}
        body = orjson.dumps(search)
        seen = await _exchange(reader, writer, http("POST", "/v2/user-tasks/search", BASIC, JSON, body=body))
        stale += b'"totalItems":1,' not in seen
    writer.close()
    await writer.wait_closed()
    return stale


def _pairs(port: int, count: int) -> Line:
    async def run() -> int:
        rounds = iter(range(count))
        return sum(await asyncio.gather(*(_client(port, rounds) for _ in range(16))))

    began = time.perf_counter()
    stale = asyncio.run(run())
    rate = count / (time.perf_counter() - began)
    return Line(
        what=f"stale answers to {count:,} searches for what was just made",
        value=stale,
        unit="",
        bar="<= 0",
        good=stale == 0,
        note=f"{rate:,.0f} pairs/s",
    )

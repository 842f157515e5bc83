"""What clients were told of their work, and whether a database agrees: all acknowledged is there, nothing twice."""

import asyncio
import itertools
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import orjson

from tests.support.asgi import basic

Rows = Callable[[str], list[tuple[Any, ...]]]


@dataclass(frozen=True)
class Told:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return orjson.loads(self.body)


async def ask(port: int, method: str, path: str, body: str = "", user: str = "demo") -> Told:
    """On a connection of its own. Raises OSError or EOFError if there is no whole answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {basic(user)}\r\nConnection: close\r\n"
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        writer.write(head.encode())
        raw = await reader.readuntil(b"\r\n\r\n")
        first, *lines = raw.decode().strip().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines)
        if headers.get("transfer-encoding") == "chunked":
            raise AssertionError("an answer has a length")
        text = await reader.readexactly(int(headers.get("content-length", 0)))
        return Told(int(first.split()[1]), headers, text)
    finally:
        writer.close()


@dataclass
class History:
    """Each start has a number of its own, which the database keeps as a variable."""

    acknowledged: dict[str, str] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    completed: set[str] = field(default_factory=set)
    refused: int = 0
    numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    @property
    def done(self) -> int:
        return len(self.acknowledged) + len(self.completed)

    def check(self, rows: Rows) -> None:
        """`rows` asks the database."""
        started = Counter(value for (value,) in rows("SELECT value FROM variable WHERE name = 'number'"))
        assert max(started.values(), default=1) == 1, "a start is there twice"
        there = {value.strip('"') for value in started}
        assert set(self.acknowledged) <= there, "an acknowledged start is lost"
        assert there <= self.asked
        tasks = rows("SELECT key, state FROM task")
        states = {str(key): state for key, state in tasks}
        for key in self.completed:
            assert states[key] == "COMPLETED", "an acknowledged completion is lost"
        counted = rows("SELECT entity_key, kind, count(*) FROM event WHERE entity = 'task' GROUP BY 1, 2")
        events = {(str(key), kind): count for key, kind, count in counted}
        for key, state in states.items():
            assert events.get((key, "task.created")) == 1, "each change has one event"
            assert events.get((key, "task.completed"), 0) == (state == "COMPLETED"), "each change has one event"


@dataclass
class Clients:
    """They start processes, look for the task of each, and complete it, until they are told to stop."""

    port: int
    history: History
    stopping: bool = False

    async def run(self, count: int) -> None:
        await asyncio.gather(*(self._client() for _ in range(count)))

    async def _client(self) -> None:
        while not self.stopping:
            try:
                await self._work()
            except (OSError, EOFError):
                self.history.refused += 1

    async def _ask(self, method: str, path: str, body: str) -> Told | None:
        """None where nobody knows whether it was done."""
        told = await ask(self.port, method, path, body)
        if told.status == 503:
            assert told.headers["content-type"] == "application/problem+json", told
            assert int(told.headers["retry-after"]) > 0
            self.history.refused += 1
            await asyncio.sleep(0.05)
            return None
        assert told.status < 300, told
        return told

    async def _work(self) -> None:
        history = self.history
        number = f"n{next(history.numbers)}"
        history.asked.add(number)
        start = f'{{"processDefinitionId":"approve","variables":{{"number":"{number}"}}}}'
        started = await self._ask("POST", "/v2/process-instances", start)
        if started is None:
            return
        instance = started.json()["processInstanceKey"]
        history.acknowledged[number] = instance
        search = f'{{"filter":{{"processInstanceKey":"{instance}"}}}}'
        seen = await self._ask("POST", "/v2/user-tasks/search", search)
        if seen is None:
            return
        (task,) = seen.json()["items"]  # whoever answers, what was acknowledged is seen
        if await self._ask("POST", f"/v2/user-tasks/{task['userTaskKey']}/completion", "{}") is not None:
            history.completed.add(task["userTaskKey"])

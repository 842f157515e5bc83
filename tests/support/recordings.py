"""Recordings that a test writes."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from gateway.traffic.exchange import Exchange, Request, Response
from gateway.traffic.writer import Writer


def recorded(path: Path, exchanges: Iterable[Exchange], host: str = "old.example", port: str = "9100") -> Path:
    with Writer(path, source="a test", about={"scheme": "http", "host": host, "port": port}) as writer:
        for number, exchange in enumerate(exchanges, 1):
            writer.put(replace(exchange, number=number), wait=True)
    return path


class Server:
    """Of tasks, in JSON: with ids, numbers and tokens of its own, and a clock."""

    def __init__(self, began: float, salt: int, host: str = "old.example:9100") -> None:
        self.said: list[Exchange] = []
        self._now = began
        self._salt = salt
        self._host = host
        self._made = 0

    def id(self) -> str:
        self._made += 1
        return f"{self._salt:08x}-0000-4000-8000-{self._made:012x}"

    def number(self) -> int:
        return self._salt * 1000 + self._made

    def moment(self) -> str:
        seconds = int(self._now)
        hours, rest = divmod(seconds % 86_400, 3600)
        # both runs are on one day of the test's own
        return f"{DAYS[seconds // 86_400]}T{hours:02}:{rest // 60:02}:{rest % 60:02}Z"

    def answer(self, method: str, target: str, body: str, sent: str = "", status: int = 200) -> None:
        headers = ((b"Host", self._host.encode()), (b"Content-Type", b"application/json"))
        request = Request(method, target.encode(), headers, sent.encode())
        response = Response(status, "", ((b"Content-Type", b"application/json"),), body.encode())
        self.said.append(
            Exchange(len(self.said) + 1, self._now, self._now + 0.1, 1, request=request, response=response)
        )
        self._now += 1


#: by their number since 1970
DAYS = {19_675: "2023-11-14", 20_717: "2026-09-21"}

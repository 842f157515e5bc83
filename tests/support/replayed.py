"""Exchanges that are recorded and replayed in this process, without files."""

import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway import dialects
from gateway.compare.compare import Setting
from gateway.compare.grades import Grade
from gateway.compare.judgement import Judgement
from gateway.compare.noise import Rules
from gateway.replay.identities import Identities
from gateway.replay.judging import Bench
from gateway.replay.kinds import AllKinds, Kinds
from gateway.replay.plan import Plan, plan
from gateway.replay.player import Played, Player
from gateway.replay.targets import InProcess, Target
from gateway.traffic.exchange import Exchange, Request, Response


@dataclass
class Recorder:
    """Sends to an app, and keeps what was said."""

    app: ASGIApp
    exchanges: list[Exchange] = field(default_factory=list)
    numbers: int = 0

    async def ask(
        self,
        method: str,
        target: str,
        body: Any = None,
        headers: dict[str, str] | None = None,
        *,
        connection: int = 1,
    ) -> Response:
        self.numbers += 1
        number = self.numbers
        sent = {"Host": "old.example.com", **(headers or {})}
        data = b""
        if body is not None:
            data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json" if not isinstance(body, str) else "text/xml")
            sent["Content-Length"] = str(len(data))
        request = Request(
            method, target.encode(), tuple((name.encode(), value.encode()) for name, value in sent.items()), data
        )
        began = time.time()
        response = await InProcess(self.app).send(request)
        await asyncio.sleep(0)
        self.exchanges.append(Exchange(number, began, time.time(), connection, request, response=response))
        return response

    @property
    def recorded(self) -> list[Exchange]:
        return sorted(self.exchanges, key=lambda exchange: exchange.number)


@dataclass
class Listener:
    """An app, and what is said to it and by it."""

    app: ASGIApp
    exchanges: list[Exchange] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        began, asked, answered = time.time(), bytearray(), bytearray()
        status, headers = 0, list[tuple[bytes, bytes]]()

        async def heard() -> Message:
            message = await receive()
            asked.extend(message.get("body", b""))
            return message

        async def said(message: Message) -> None:
            nonlocal status, headers
            if message["type"] == "http.response.start":
                status, headers = message["status"], list(message["headers"])
            answered.extend(message.get("body", b""))
            await send(message)

        await self.app(scope, heard, said)
        query = b"?" + scope["query_string"] if scope["query_string"] else b""
        request = Request(scope["method"], scope["raw_path"] + query, tuple(scope["headers"]), bytes(asked))
        response = Response(status, "", tuple(headers), bytes(answered))
        number = len(self.exchanges) + 1
        self.exchanges.append(Exchange(number, began, time.time(), 1, request, response=response))


@dataclass
class Replay:
    """What came of one."""

    plan: Plan
    identities: Identities
    bench: Bench
    played: dict[int, tuple[Played, Judgement]]

    @property
    def differing(self) -> list[int]:
        """The numbers of those that differ for a client."""
        return sorted(
            number
            for number, (_, judgement) in self.played.items()
            if any(one.grade.reaches(Grade.SUSPICIOUS) for one in judgement.differences)
        )

    def told(self) -> str:
        return "\n".join(
            f"{number} {played.old.request.method} {played.old.request.target!r}: {one}"
            for number, (played, judgement) in sorted(self.played.items())
            for one in judgement.differences
            if one.grade.reaches(Grade.SUSPICIOUS)
        )


async def replayed(
    exchanges: list[Exchange],
    target: ASGIApp | Target,
    *,
    one_by_one: bool = False,
    kinds: Kinds | None = None,
    rules: Rules | None = None,
    starts: tuple[float, float] | None = None,
) -> Replay:
    """`starts` are when the two servers were made, where that is earlier than the first request."""
    known = AllKinds([dialects.load(name) for name in dialects.names()], kinds)
    made = plan(lambda: exchanges, known, one_by_one=one_by_one)
    identities = Identities(made.survey)
    by_number = {exchange.number: exchange for exchange in exchanges}
    played: dict[int, tuple[Played, Judgement]] = {}

    def keep(one: Played, judgement: Judgement) -> None:
        played[one.old.number] = one, judgement

    player = Player(
        made,
        identities,
        target if hasattr(target, "prepared") else InProcess(target),  # type: ignore[arg-type]
        get=by_number.__getitem__,
        put_in=lambda request: request,
        readdressed=lambda text, exchange: text,
    )
    old_start, new_start = starts or (exchanges[0].began, time.time())
    setting = Setting(rules or Rules(), old_start=old_start, new_start=new_start)
    bench = Bench(identities, known, setting, lambda exchange: "", limit=Grade.SUSPICIOUS, keep=keep)
    await player.play(bench)
    return Replay(made, identities, bench, played)

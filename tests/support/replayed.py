"""Exchanges that are recorded and replayed in this process, without files."""

import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import Any

from starlette.types import ASGIApp

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

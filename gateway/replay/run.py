"""A replay from its beginning to its end: what is asked for, what is in the way of it, and what came of it."""

import asyncio
import gc
import re
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from gateway import dialects
from gateway.compare import terms
from gateway.compare.addresses import Address
from gateway.compare.compare import Setting
from gateway.compare.grades import Grade
from gateway.compare.judgement import Judgement
from gateway.compare.terms import Terms
from gateway.exits import Unreachable, Usage
from gateway.replay import files
from gateway.replay.identities import Identities
from gateway.replay.judging import Bench
from gateway.replay.kinds import AllKinds, Kinds
from gateway.replay.plan import Plan, plan
from gateway.replay.player import AT_ONCE, Played, Player
from gateway.replay.progress import Progress
from gateway.replay.results import Earlier, Kept, make_room
from gateway.replay.targets import InProcess, Target, network, same_server
from gateway.traffic.exchange import Exchange
from gateway.traffic.labels import operation_of
from gateway.traffic.recording import Recording
from gateway.traffic.restoring import MARK, restored

if TYPE_CHECKING:
    from gateway.settings import Settings


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody asked for. One of `target`, `demo` and `settings` says where it goes."""

    file: Path
    out: Path
    target: str = ""
    demo: bool = False
    settings: "Settings | None" = None
    one_by_one: bool = False
    paced: float = 0.0
    noise: tuple[Path, ...] = ()
    waivers: Path | None = None
    identities: tuple[Path, ...] = ()
    secrets: Mapping[str, str] = field(default_factory=dict)
    resume: bool = False
    only_failed: bool = False
    force: bool = False
    fail_on: Grade = Grade.BREAKING

    @property
    def where(self) -> str:
        return self.target or ("the demo world" if self.demo else "a gateway of this process")


@dataclass(frozen=True, slots=True)
class Outcome:
    bench: Bench
    identities: Identities
    plan: Plan
    seconds: float


class Source:
    """The recording that is replayed."""

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self._operations = {entry.number: entry.operation for entry in recording.entries() if entry.operation}
        hosts = {exchange.request.header(b"host") or b"" for exchange in recording.exchanges()}
        called = [f"http://{host.decode('latin-1')}" for host in sorted(hosts) if host]
        self.addresses = tuple(dict.fromkeys([recording.meta.upstream, *called] if recording.meta.upstream else called))

    def get(self, number: int) -> Exchange:
        exchange = self.recording.exchange(number)
        assert exchange is not None
        return exchange

    def operation(self, exchange: Exchange) -> str:
        """As it was recorded, or as it looks."""
        return self._operations.get(exchange.number) or operation_of(exchange.request)


def kinds_of(wanted: Wanted) -> tuple[AllKinds, files.Said]:
    """Raises Usage."""
    said = files.read(wanted.identities)
    known = [dialects.load(name) for name in dialects.names()]
    return AllKinds(known, Kinds.of(said.numbers)), said


def missing_secrets(made: Plan, secrets: Mapping[str, str]) -> list[str]:
    """Marks that clients sent, that no answer gave them, and behind which nobody says what there is."""
    return sorted(key.text for key in made.survey.clients if MARK.fullmatch(key.text) and key.text not in secrets)


def check(wanted: Wanted, source: Source, made: Plan) -> None:
    """Raises Usage for what cannot or must not be sent."""
    if not made.exchanges:
        raise Usage(f"{wanted.file} has no exchanges")
    if wanted.target and not wanted.force and same_server(wanted.target, source.addresses):
        raise Usage(f"{wanted.target} is the server that was recorded; --force sends it there all the same")
    if missing := missing_secrets(made, wanted.secrets):
        raise Usage("\n".join(f"missing secret {mark} (--secret {mark}=VALUE)" for mark in missing))


def readdressing(source: Source, target: Target) -> Callable[[str, Exchange], str]:
    """What clients say of the server's own address, for the address of the new one."""
    if not target.address or not source.addresses:
        return lambda text, exchange: text
    names = "|".join(re.escape(urlsplit(address).netloc) for address in source.addresses if address)
    own = re.compile(rf"https?://(?:{names})(?![\w.:-])", re.IGNORECASE)
    return lambda text, exchange: own.sub(target.address, text) if "://" in text else text


@asynccontextmanager
async def opened(wanted: Wanted) -> AsyncIterator[Target]:
    """Where it goes. Raises Unreachable, and what keeps a gateway from starting."""
    if wanted.target:
        parts = urlsplit(wanted.target)
        try:
            port = parts.port or (443 if parts.scheme == "https" else 80)
            _, writer = await asyncio.wait_for(asyncio.open_connection(parts.hostname, port), 10)
        except (OSError, TimeoutError) as error:
            reason = getattr(error, "strerror", None) or str(error) or "no answer"
            raise Unreachable(f"nothing answers at {wanted.target}: {reason}") from None
        writer.close()
        async with network(wanted.target, connections=AT_ONCE) as target:
            yield target
        return
    from gateway.server import create_app

    async with AsyncExitStack() as stack:
        settings = wanted.settings
        assert settings is not None
        if wanted.demo:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="dragoman-replay-"))
            settings = settings.model_copy(update={"database_url": f"sqlite:///{folder}/world.db"})
        app = create_app(settings, demo=wanted.demo)
        await app.start()
        stack.push_async_callback(app.stop)
        yield InProcess(app)


async def replay(wanted: Wanted, target: Target | None = None) -> Outcome:
    """To a target that somebody has open already, or to the one that is wanted. Raises Usage, Unreachable,
    NotARecording."""
    gc.enable()  # failures leave cycles behind
    began = time.time()
    with Recording(wanted.file) as recording:
        source = Source(recording)
        kinds, said = kinds_of(wanted)
        judged_by = terms_of(wanted)
        made = plan(recording.exchanges, kinds, one_by_one=wanted.one_by_one)
        check(wanted, source, made)
        identities = Identities(made.survey)
        for one in said.given:
            identities.give(one.kind, one.old, one.new)
        async with nullcontext(target) if target is not None else opened(wanted) as there:
            bench = await _played(wanted, source, made, identities, kinds, judged_by=judged_by, target=there)
    return Outcome(bench, identities, made, time.time() - began)


def terms_of(wanted: Wanted) -> Terms:
    """Raises BadTables, and OSError."""
    shipped = (rule for name in dialects.names() for rule in dialects.load(name).noise)
    return terms.read(wanted.noise, wanted.waivers, shipped)


def dry(wanted: Wanted) -> Iterator[str]:
    """What would be sent, and what is known beforehand; nothing is sent."""
    with Recording(wanted.file) as recording:
        source = Source(recording)
        made = plan(recording.exchanges, kinds_of(wanted)[0], one_by_one=wanted.one_by_one)
        for entry in recording.entries():
            session = made.sessions.names[entry.number]
            waits = made.before.get(entry.number, frozenset())
            behind = f"  behind {', '.join(map(str, sorted(waits)))}" if waits else ""
            yield f"{entry.number:6} {session:12} {entry.method} {entry.target.decode('latin-1')}{behind}"
        for key, origin in made.survey.origins.items():
            if origin.times:
                yield f"{key.text} ({origin.place} of the answer to {origin.exchange}) is sent {origin.times} times"
        for mark in missing_secrets(made, wanted.secrets):
            yield f"missing secret {mark} (--secret {mark}=VALUE)"
        if wanted.target and same_server(wanted.target, source.addresses):
            yield f"{wanted.target} is the server that was recorded: it would be refused"


async def _played(
    wanted: Wanted,
    source: Source,
    made: Plan,
    identities: Identities,
    kinds: AllKinds,
    *,
    judged_by: Terms,
    target: Target,
) -> Bench:
    earlier = Earlier.of(wanted.out) if wanted.resume or wanted.only_failed else None
    done = frozenset[int]()
    if earlier is not None:
        done = earlier.good(wanted.fail_on) if wanted.only_failed else frozenset(earlier.grades)
    else:
        make_room(wanted.out, force=wanted.force)
    # a result that is done again in part stays until the new one is whole
    path = wanted.out.with_name(f"{wanted.out.name}.new") if wanted.only_failed else wanted.out
    if wanted.only_failed:
        make_room(path, force=True)
    player = Player(
        made,
        identities,
        target,
        get=source.get,
        put_in=lambda request: restored(request, wanted.secrets),
        readdressed=readdressing(source, target),
        paced=wanted.paced,
    )
    setting = Setting(
        judged_by.rules,
        # the demo world is made just now, whenever it was that the recorded one was made
        old_start=0.0 if wanted.demo else source.get(min(made.sessions.names)).began,
        new_start=time.time(),
        old_addresses=_addresses(source.addresses),
        new_addresses=_addresses((target.address,)),
    )
    progress = Progress(sys.stderr, made.exchanges)
    about = {"recording": wanted.file.name, "target": wanted.where}
    with Kept(path, about, made, wanted.file, source.operation) as kept:

        def keep(played: Played, judgement: Judgement) -> None:
            if played.old.number not in done:
                kept.put(played, judgement)
            progress.step(failed=any(one.grade.reaches(wanted.fail_on) for one in judgement.differences))

        bench = Bench(identities, kinds, setting, source.operation, limit=wanted.fail_on, keep=keep)
        for verdict, new in earlier.answers() if earlier is not None else ():
            if verdict.exchange not in done:
                continue
            old = source.get(verdict.exchange)
            if old.number in made.sessions.logins:  # what it gave is not in the file
                await player.send(old)
            elif new.response is not None:
                identities.learn(old, new.response)
            bench.grades[verdict.grade] += 1
            progress.step(failed=False)
            if wanted.only_failed:
                kept.copy(new, verdict)
        await player.play(bench, units=lambda unit: not _is_done(unit, made, done))
        progress.end()
        kept.finish(identities, {"fail_on": wanted.fail_on.value, **judged_by.meta()})
    if wanted.only_failed:
        path.replace(wanted.out)
    return bench


def _is_done(unit: int, made: Plan, done: frozenset[int]) -> bool:
    poll = made.polls.get(unit)
    return done.issuperset(poll.numbers) if poll is not None else unit in done


def _addresses(those: Iterable[str]) -> tuple[Address, ...]:
    parts = [urlsplit(address) for address in those if address]
    return tuple(Address((one.hostname or "").lower(), str(one.port or "")) for one in parts)

"""Every `.http` file beside this one, against a world of its own."""

import asyncio
from pathlib import Path

import pytest

from gateway import dialects
from gateway.compare.noise import Rules
from gateway.traffic.exchange import Exchange
from tests.support.elsewhere import move_on
from tests.support.exchange import Exchanges, add, read, run, settings_of
from tests.support.once import once
from tests.support.postgresql import fresh_database
from tests.support.replayed import Listener, replayed
from tests.support.world import World, make_demo, open_world, open_world_at

HERE = Path(__file__).parent
FILES = sorted(HERE.glob("*/*.http"))
SHARED = [HERE / "inforouter" / f"{name}.http" for name in ("accounts", "definitions", "groups", "libraries", "login")]
SHARED += [HERE / "inforouter" / f"{name}.http" for name in ("reassigned", "redirections", "tasks", "transfers")]
SHARED += [HERE / "inforouter" / "workflows.http"]
SHARED += [
    HERE / "all" / f"{name}.http"
    for name in ("deleted_in_a_call", "deleted_tasks", "one_task_through_all_hands", "put_back")
]

CASES = ("case", "case_flow", "case_lists", "case_start", "groups", "light", "oauth", "projects", "reassign", "users")
SHARED += [HERE / "processmaker" / f"{name}.http" for name in CASES]
FRONT = ("forms", "front", "imports", "parameters", "suite", "two_starts", "variables")
SHARED += [HERE / "processmaker" / f"{name}.http" for name in FRONT]
PROCESSES = ("called", "create", "feeds", "participants", "processes", "registry", "stages", "user_tasks", "webhooks")
SHARED += [HERE / "facilioo" / f"{name}.http" for name in PROCESSES]
SHARED += [
    HERE / "inubit" / f"{name}.http" for name in ("delegation", "filters", "locks", "standalone", "taskfilter", "work")
]


@pytest.fixture(scope="session")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo world whose keys, ids and numbers are others."""

    def make(path: Path) -> None:
        asyncio.run(make_demo(f"sqlite:///{path}"))
        move_on(path)

    return once(tmp_path_factory, "elsewhere.db", make)


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is some time behind a request is as far apart as one of both runs is slow."""
    monkeypatch.setattr("gateway.compare.judge._TOLERANCE", 3600.0)


@pytest.mark.parametrize("path", FILES, ids=[str(p.relative_to(HERE)) for p in FILES])
async def test_exchanges(path: Path, template: Path, elsewhere: Path, tmp_path: Path) -> None:
    """And what was said is a recording, which a gateway answers alike whose keys, ids and numbers start elsewhere."""
    exchanges = read(path)
    assert exchanges.cases
    async with open_world(template, tmp_path, dialects=settings_of(exchanges.directives)) as world:
        await add(world, exchanges.directives)
        listener = Listener(world.gateway)
        await run(world, exchanges.cases, listener)
        declared = {(p.dialect.name, o.name): o.statuses for p in world.gateway.plans for o in p.dialect.operations}
        for dialect, operation, status in world.gateway.metrics.counted():
            if (dialect, operation) in declared:
                assert status in declared[dialect, operation], (
                    f"{operation} answered {status}, which it does not declare"
                )
    if is_script(exchanges):
        starts = made_at(template), made_at(elsewhere)
        for one_by_one in (False, True) if path.parent.name == "all" else (False,):
            async with open_world(elsewhere, tmp_path, dialects=settings_of(exchanges.directives)) as world:
                await add(world, exchanges.directives)
                await check_replay(listener.exchanges, world, starts, one_by_one=one_by_one)


def made_at(world: Path) -> float:
    """A minute before it was whole."""
    return world.stat().st_mtime - 60


def is_script(exchanges: Exchanges) -> bool:
    """All that happens is a request."""
    return "world broken storage" not in exchanges.directives and not any(case.before for case in exchanges.cases)


async def check_replay(
    exchanges: list[Exchange], world: World, starts: tuple[float, float], *, one_by_one: bool = False
) -> None:
    """As concurrently as it may be; what goes through all dialects also one by one."""
    shipped = [rule for name in dialects.names() for rule in dialects.load(name).noise]
    replay = await replayed(exchanges, world.gateway, one_by_one=one_by_one, rules=Rules((), shipped), starts=starts)
    assert replay.told() == ""
    assert not replay.identities.stale
    assert not replay.identities.conflicts
    assert replay.bench.compared == len(exchanges)


@pytest.mark.postgresql
@pytest.mark.parametrize("path", SHARED, ids=[f"{p.parent.name}/{p.stem}" for p in SHARED])
async def test_exchanges_on_postgresql(path: Path, postgresql: str, demo_postgresql: str) -> None:
    """The cases that write most, on the other database."""
    exchanges = read(path)
    url = fresh_database(postgresql, demo_postgresql)
    async with open_world_at(url, dialects=settings_of(exchanges.directives)) as world:
        await add(world, exchanges.directives)
        await run(world, exchanges.cases)

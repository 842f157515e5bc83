"""Every `.http` file beside this one, against a world of its own."""

from pathlib import Path

import pytest

from tests.support.exchange import add, read, run, settings_of
from tests.support.postgresql import fresh_database
from tests.support.world import open_world, open_world_at

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


@pytest.mark.parametrize("path", FILES, ids=[str(p.relative_to(HERE)) for p in FILES])
async def test_exchanges(path: Path, template: Path, tmp_path: Path) -> None:
    exchanges = read(path)
    assert exchanges.cases
    async with open_world(template, tmp_path, dialects=settings_of(exchanges.directives)) as world:
        await add(world, exchanges.directives)
        await run(world, exchanges.cases)
        declared = {(p.dialect.name, o.name): o.statuses for p in world.gateway.plans for o in p.dialect.operations}
        for dialect, operation, status in world.gateway.metrics.counted():
            if (dialect, operation) in declared:
                assert status in declared[dialect, operation], (
                    f"{operation} answered {status}, which it does not declare"
                )


@pytest.mark.postgresql
@pytest.mark.parametrize("path", SHARED, ids=[f"{p.parent.name}/{p.stem}" for p in SHARED])
async def test_exchanges_on_postgresql(path: Path, postgresql: str, demo_postgresql: str) -> None:
    """The cases that write most, on the other database."""
    exchanges = read(path)
    url = fresh_database(postgresql, demo_postgresql)
    async with open_world_at(url, dialects=settings_of(exchanges.directives)) as world:
        await add(world, exchanges.directives)
        await run(world, exchanges.cases)

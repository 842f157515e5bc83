"""Every `.http` file beside this one, against a world of its own."""

from pathlib import Path

import pytest

from tests.support.exchange import add, read, run, settings_of
from tests.support.world import open_world

HERE = Path(__file__).parent
FILES = sorted(HERE.glob("*/*.http"))


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

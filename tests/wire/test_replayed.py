"""Every golden file is a recording, which a gateway answers alike whose keys, ids and numbers start elsewhere."""

import asyncio
from pathlib import Path

import pytest

from gateway import dialects
from gateway.compare.noise import Rules
from gateway.traffic.exchange import Exchange
from tests.support.asgi import Answer
from tests.support.elsewhere import move_on
from tests.support.exchange import Case, add, bind, filled, read, settings_of
from tests.support.replayed import Recorder, replayed
from tests.support.world import World, make_demo, open_world

HERE = Path(__file__).parent


def _is_script(path: Path) -> bool:
    """All that happens is a request."""
    exchanges = read(path)
    return "world broken storage" not in exchanges.directives and not any(case.before for case in exchanges.cases)


FILES = [path for path in sorted(HERE.glob("*/*.http")) if _is_script(path)]


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("elsewhere") / "world.db"
    asyncio.run(make_demo(f"sqlite:///{path}"))
    move_on(path)
    return path


@pytest.fixture(scope="module")
def starts(template: Path, elsewhere: Path) -> tuple[float, float]:
    """A minute before the two worlds were whole."""
    return template.stat().st_mtime - 60, elsewhere.stat().st_mtime - 60


async def recorded(world: World, cases: list[Case]) -> list[Exchange]:
    recorder, bound = Recorder(world.gateway), dict[str, str]()
    for case in cases:
        target, headers, body = filled(case, bound)
        response = await recorder.ask(case.method, target, body or None, headers)
        answer = Answer(response.status, {n.decode(): v.decode("latin-1") for n, v in response.headers}, response.body)
        for name, value in case.expected:
            if not name.startswith("!"):
                bind(value, answer.headers.get(name, ""), bound)
        bind(case.answer, response.body.decode("utf-8", "replace"), bound)
    return recorder.recorded


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is some time behind a request is as far apart as one of both runs is slow."""
    monkeypatch.setattr("gateway.compare.judge._TOLERANCE", 3600.0)


@pytest.mark.parametrize("path", FILES, ids=[str(p.relative_to(HERE)) for p in FILES])
async def test_replayed(
    path: Path, template: Path, elsewhere: Path, starts: tuple[float, float], tmp_path: Path
) -> None:
    """As concurrently as it may be; what goes through all dialects also one by one."""
    script = read(path)
    settings = settings_of(script.directives)
    shipped = [rule for name in dialects.names() for rule in dialects.load(name).noise]
    async with open_world(template, tmp_path, dialects=settings) as world:
        await add(world, script.directives)
        exchanges = await recorded(world, script.cases)
    for one_by_one in (False, True) if path.parent.name == "all" else (False,):
        async with open_world(elsewhere, tmp_path, dialects=settings) as world:
            await add(world, script.directives)
            replay = await replayed(
                exchanges,
                world.gateway,
                one_by_one=one_by_one,
                rules=Rules((), shipped),
                starts=starts,
            )
        assert replay.told() == ""
        assert not replay.identities.stale
        assert not replay.identities.conflicts
        assert replay.bench.compared == len(exchanges)

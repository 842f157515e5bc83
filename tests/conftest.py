"""Fixtures: worlds in this process, real servers, a real PostgreSQL. And what a run leaves out, and its chance."""

import asyncio
import gc
import os
import random
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, is_hypothesis_test, settings

import gateway.cli  # noqa: F401
from core.engine import Engine
from core.storage import open_store
from tests.support.clock import MovableClock
from tests.support.databases import KINDS, new_database
from tests.support.left_out import LeftOut, look
from tests.support.once import once
from tests.support.postgresql import fresh_database as fresh_database
from tests.support.postgresql import serve, template_database, tidy
from tests.support.rounds import rounds
from tests.support.server import Server, start
from tests.support.world import World, make_demo, make_empty, make_quick, open_world

# a slow machine is no reason to fail
settings.register_profile(
    "house",
    deadline=None,
    max_examples=rounds(100),
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("house")

# the command turns the collector off while it is imported; what there is now stays
gc.enable()
gc.freeze()

# workers inherit it
if os.environ.setdefault("SEED", "0") == "random":
    os.environ["SEED"] = str(random.SystemRandom().randrange(10**9))
SEED = pytest.StashKey[int]()


def pytest_xdist_auto_num_workers() -> int:
    """As many as there are processors for this process; more than eight wait for the disk."""
    return min(len(os.sched_getaffinity(0)), 8)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Whatever is random comes from one number; what is left out is told by the one process that hears of all."""
    if config.option.hypothesis_seed is None:
        config.option.hypothesis_seed = os.environ["SEED"]
    config.stash[SEED] = int(config.option.hypothesis_seed)
    if "PYTEST_XDIST_WORKER" not in os.environ:
        config.pluginmanager.register(LeftOut())


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes that are no text are told by a number: what a library made of a text may hold the time."""
    if isinstance(val, bytes) and not (val.isascii() and val.decode("ascii").isprintable()):
        return argname
    return None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if is_hypothesis_test(getattr(item, "obj", None)):
            item.add_marker("rounds")


def pytest_runtest_setup(item: pytest.Item) -> None:
    look(item)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if terminalreporter.stats.get("failed") or terminalreporter.stats.get("error"):
        terminalreporter.write_line(f"what was random came from SEED={config.stash[SEED]}")


@pytest.fixture(scope="session")
def seed(pytestconfig: pytest.Config) -> int:
    """Where a test takes its chance from."""
    return pytestconfig.stash[SEED]


@pytest.fixture(autouse=True, scope="session")
def _clean_environment() -> None:
    """The caller's own settings have no say in tests."""
    for name in [name for name in os.environ if name.startswith("DRAGOMAN_")]:
        del os.environ[name]


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo world, to be copied."""
    return once(tmp_path_factory, "world.db", lambda path: asyncio.run(make_quick(f"sqlite:///{path}")))


@pytest.fixture(scope="session")
def slow_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo world as it is loaded, with passwords that take their time."""
    return once(tmp_path_factory, "slow.db", lambda path: asyncio.run(make_demo(f"sqlite:///{path}")))


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a gateway has after its first start, to be copied."""
    return once(tmp_path_factory, "empty.db", lambda path: asyncio.run(make_empty(f"sqlite:///{path}")))


@pytest.fixture
async def world(template: Path, tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(template, tmp_path) as opened:
        yield opened


@pytest.fixture(scope="session")
def server(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A gateway with the demo world in a process of its own, on a real port."""
    with start(tmp_path_factory.mktemp("server"), template) as running:
        yield running


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The address of a PostgreSQL server that is started for the tests."""
    with serve() as url:
        yield url


@pytest.fixture
def clock() -> MovableClock:
    """What time it is for `engine`."""
    return MovableClock()


@pytest.fixture(scope="session")
def empty_postgresql(postgresql: str) -> str:
    """The name of a database with what a gateway has after its first start, to be copied."""
    return template_database(postgresql, "empty", make_empty)


@pytest.fixture(scope="session")
def demo_postgresql(postgresql: str) -> str:
    """The name of a database with the demo world, to be copied."""
    return template_database(postgresql, "demo", make_quick)


@pytest.fixture(autouse=True)
def _databases() -> Iterator[None]:
    yield
    tidy()


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A new database, once of each kind."""
    return new_database(request, tmp_path)


@pytest.fixture
async def engine(database_url: str, clock: MovableClock) -> AsyncIterator[Engine]:
    opened = Engine(open_store(database_url), clock=clock, monotonic=clock)
    await opened.start()
    yield opened
    await opened.stop()

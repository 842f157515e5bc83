"""What one command may cost, on both databases: it is refused as a whole, and nobody else waits for it."""

import psycopg
import pytest

from adapters.common.bpmn import graphs
from core.engine import Engine
from core.instance.commands import StartInstance
from core.instance.fields import InstanceWhere
from core.instance.queries import InstanceByKey, SearchInstances, Variables
from core.people.commands import CreateUser
from core.principal import Principal, system
from core.process.commands import DeployProcess
from core.rejections import ExecutionFailed, Unavailable
from core.search.query import Where
from core.storage import open_store
from core.turn.command import Command
from tests.support.bpmn import document, element, flow, row
from tests.support.postgresql import fresh_database
from tests.support.world import World


def who(engine: Engine) -> Principal:
    return system(engine.default_tenant)


async def deploy(engine: Engine, id: str, content: str) -> int:
    (graph,) = graphs(document(id, content).encode())
    return (await engine.execute(DeployProcess(graph), who(engine))).process_key


def script(expression: str, result: str = "r", id: str = "compute") -> str:
    return element("scriptTask", id, f'<zeebe:script expression="={expression}" resultVariable="{result}"/>')


async def test_a_number_beyond_64_bits_is_cut_and_nothing_else_happens(engine: Engine) -> None:
    process = await deploy(engine, "p", row(script("n * n")))
    started = await engine.execute(StartInstance(process, variables={"n": 9_007_199_254_740_993}), who(engine))
    assert (await engine.ask(Variables(started.key), who(engine)))["r"] == 9_007_199_254_740_993**2 % 2**64


async def test_half_a_character_can_be_stored(engine: Engine) -> None:
    whole = "&quot;\U0001f600&quot;"
    process = await deploy(engine, "p", row(script(f"{whole} + substring({whole}, 2)")))
    started = await engine.execute(StartInstance(process), who(engine))
    assert (await engine.ask(Variables(started.key), who(engine)))["r"] == "\U0001f600?"


async def test_a_value_that_grows_in_depth_is_stopped(engine: Engine) -> None:
    again = flow("x", "end", "=false") + flow("x", "compute", "=true")
    content = (
        f'<bpmn:startEvent id="start"/>{script("[r]")}<bpmn:endEvent id="end"/>'
        f"{element('exclusiveGateway', 'x')}{flow('start', 'compute')}{flow('compute', 'x')}{again}"
    )
    process = await deploy(engine, "p", content)
    with pytest.raises(ExecutionFailed, match="nested deeper"):
        await engine.execute(StartInstance(process), who(engine))


async def test_the_expressions_of_one_command_share_their_steps(engine: Engine) -> None:
    """Each of them alone would do."""
    loop = "count(for i in 1..9000 return i)"
    process = await deploy(engine, "p", row(*(script(loop, id=f"s{n}") for n in range(3))))
    with pytest.raises(ExecutionFailed, match="more than 200000 steps"):
        await engine.execute(StartInstance(process), who(engine))
    single = await deploy(engine, "q", row(script(loop)))
    for _ in range(3):
        await engine.execute(StartInstance(single), who(engine))


async def test_processes_that_call_each_other_share_their_moves(engine: Engine) -> None:
    """Ten calls on each of four levels would be ten thousand instances."""
    await deploy(engine, "p0", row(element("userTask", "work")))
    for level in range(1, 5):
        calls = [
            element("callActivity", f"c{n}", f'<zeebe:calledElement processId="p{level - 1}"/>') for n in range(10)
        ]
        flows = "".join(flow("fork", f"c{n}") + flow(f"c{n}", "join") for n in range(10))
        process = await deploy(
            engine,
            f"p{level}",
            f'<bpmn:startEvent id="start"/><bpmn:endEvent id="end"/>{element("parallelGateway", "fork")}'
            f"{element('parallelGateway', 'join')}{''.join(calls)}{flow('start', 'fork')}{flow('join', 'end')}{flows}",
        )
    with pytest.raises(ExecutionFailed, match="did not come to rest within 10000 steps"):
        await engine.execute(StartInstance(process), who(engine))
    assert (await engine.ask(SearchInstances(), who(engine))).total == 0


async def test_what_needs_long_is_taken_off_the_event_loop(world: World) -> None:
    """There it is done over again: with the whole allowance, and with nothing left of the first try."""
    engine = world.engine
    light = await deploy(engine, "light", row(script("count([1, 2])")))
    heavy = await deploy(engine, "heavy", row(script("count(for i in 1..12000 return i)")))
    many = await deploy(engine, "many", row(*(element("task", f"t{n}") for n in range(500))))
    await engine.execute(StartInstance(light), who(engine))  # so that there are numbers at hand
    for process, fits in ((light, True), (heavy, False), (many, False)):
        asked = [(StartInstance(process), who(engine))]
        begun = engine._runner.begin(asked)
        assert (begun is not None) is fits
        (started,) = engine._runner.finish(asked, begun).outcomes
        assert (await engine.ask(InstanceByKey(started.key), who(engine))).instance.state == "COMPLETED"
    where: tuple[InstanceWhere, ...] = (Where("process_key", "in", [light, heavy, many]),)
    assert (await engine.ask(SearchInstances(where), who(engine))).total == 4


@pytest.mark.postgresql
async def test_a_connection_that_breaks_in_a_decision_is_no_defect(postgresql: str, empty_postgresql: str) -> None:
    """New numbers come over a connection of their own; without it the turn is run again."""
    url = fresh_database(postgresql, empty_postgresql)
    engine = Engine(open_store(url))
    await engine.start()
    outcomes = []
    with psycopg.connect(url, autocommit=True) as other:
        for round in range(8):
            # more numbers than are at hand
            for n in range(70):
                outcomes.append(await _done(engine, CreateUser(f"u{round}-{n}")))
                if n == 35:
                    other.execute(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                    )
    assert set(map(type, outcomes)) <= {type(None), Unavailable}
    assert outcomes.count(None) > len(outcomes) // 2
    await engine.stop()


async def _done(engine: Engine, command: Command[object]) -> Exception | None:
    try:
        await engine.execute(command, who(engine))
    except Exception as error:
        return error
    return None

"""Steps that fail at random: no token is lost or doubled, whatever is resolved, and in which order."""

import random
from dataclasses import replace
from typing import Literal

import pytest

from core.graph.elements import Assign, Element, ElementKind, Flow, Script, TaskTemplate, Work
from core.graph.graph import Graph
from core.incident.commands import ResolveIncident, ResolveIncidents
from core.incident.queries import SearchIncidents
from core.instance.commands import SetVariables, StartInstance
from core.instance.queries import InstanceByKey, SearchElements
from core.job.commands import ActivateJobs, CompleteJob, FailJob, UpdateJob
from core.process.commands import DeployProcess
from core.search.query import Is, PageRequest, Where
from core.task.commands import CompleteTask
from core.task.queries import SearchTasks
from tests.support.rounds import rounds
from tests.unit.conftest import Living

#: fails as long as `bad` is true
_FAILS = "if bad then assert(missing, missing != null) else 1"


def _element(id: str, kind: int) -> Element:
    """Of eight kinds, five of which may fail."""
    match kind:
        case 0:
            return Element(id, ElementKind.USER_TASK, id, task=TaskTemplate())
        case 1:
            return Element(id, ElementKind.SERVICE_TASK, work=Work("work"))
        case 2:
            return Element(id, ElementKind.SCRIPT_TASK, script=Script(_FAILS, id))
        case 3:
            return Element(id, ElementKind.TASK, inputs=(Assign(f"={_FAILS}", "a"),))
        case 4:
            return Element(id, ElementKind.USER_TASK, id, task=TaskTemplate(), outputs=(Assign(f"={_FAILS}", id),))
        case 5:
            return Element(id, ElementKind.SERVICE_TASK, work=Work(f'=if {_FAILS} = 1 then "work" else "none"'))
        case 6:
            return Element(id, ElementKind.TASK, outputs=(Assign(f"={_FAILS}", id),))
    return Element(id, ElementKind.TASK)


def _graph(dice: random.Random, number: int) -> Graph:
    """Branches side by side, each some elements long, that come together; behind them one more."""
    elements = [Element("s", ElementKind.START_EVENT), Element("fork", ElementKind.PARALLEL_GATEWAY)]
    elements += [Element("join", ElementKind.PARALLEL_GATEWAY), Element("e", ElementKind.END_EVENT)]
    flows = [Flow("in", "s", "fork")]
    for branch in range(dice.randint(1, 3)):
        before = "fork"
        for place in range(dice.randint(1, 4)):
            id = f"b{branch}{place}"
            elements.append(_element(id, dice.randrange(8)))
            flows.append(Flow(f"f-{id}", before, id))
            before = id
        flows.append(Flow(f"f-{branch}", before, "join"))
    last = _element("last", dice.randrange(8))
    flows += [Flow("out", "join", "last"), Flow("end", "last", "e")]
    return replace(Graph(f"p{number}", "P", (*elements, last), tuple(flows)), incidents=True)


@pytest.mark.parametrize("living", ["sqlite"], indirect=True)
def test_no_token_is_lost_or_doubled(living: Living) -> None:
    dice = random.Random(7)
    seen = [living.run(_one(living, dice, number)) for number in range(rounds(20))]
    assert any(seen)


async def _one(living: Living, dice: random.Random, number: int) -> int:
    """How many incidents there were."""

    async def do(command: object) -> object:
        return await living.engine.execute(command, living.who)  # type: ignore[arg-type]

    graph = _graph(dice, number)
    deployed = await living.engine.execute(DeployProcess(graph), living.who)
    started = await living.engine.execute(
        StartInstance(deployed.process_key, variables={"bad": dice.random() < 0.7}), living.who
    )
    key = started.key
    everything = PageRequest(limit=None)
    while True:
        instance = (await living.engine.ask(InstanceByKey(key), living.who)).instance
        of_instance: Where[Literal["instance_key"]] = Where("instance_key", "eq", key)
        in_state: Where[Literal["state"]] = Where("state", "eq", "ACTIVE")
        is_open: Where[Literal["state"]] = Where("state", "eq", "CREATED")
        still = await living.engine.ask(SearchIncidents((of_instance, in_state), page=everything), living.who)
        standing = await living.engine.ask(SearchElements((of_instance, Is("standing")), page=everything), living.who)
        assert instance.incidents == len(still.items)
        assert {v.element.key for v in standing.items} == {
            *(i.incident.element_instance_key for i in still.items),
            *((key,) if still.items else ()),
        }
        if instance.state != "ACTIVE":
            break
        tasks = await living.engine.ask(SearchTasks((of_instance, is_open), page=everything), living.who)
        jobs = await living.engine.execute(ActivateJobs("work", "w", 0, 100), living.who)
        possible: list[object] = [SetVariables(key, {"bad": dice.random() < 0.3})]
        possible += [CompleteTask(view.task.key) for view in tasks.items]
        possible += [
            dice.choice((CompleteJob(job.key), FailJob(job.key, 0))) for job in jobs if job.instance_key == key
        ]
        possible += [ResolveIncidents(key)] if still.items else []
        for view in still.items:
            if view.incident.job_key:
                await do(UpdateJob(view.incident.job_key, retries=1))
            possible.append(ResolveIncident(view.incident.key))
        await do(dice.choice(possible))
    assert (instance.state, still.items) == ("COMPLETED", ())
    page = await living.engine.ask(SearchElements((of_instance,), page=everything), living.who)
    # each element once, and all of them have ended
    assert sorted(v.element.element_id for v in page.items) == sorted((graph.id, *(e.id for e in graph.elements)))
    assert {v.element.state for v in page.items} == {"COMPLETED"}
    return (await living.engine.ask(SearchIncidents((of_instance,)), living.who)).total

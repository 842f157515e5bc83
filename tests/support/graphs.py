"""Processes of user tasks, without a document."""

from core.engine import Engine
from core.graph.elements import Element, ElementKind, Flow, TaskTemplate
from core.graph.graph import Graph
from core.instance.commands import CancelInstance, StartInstance
from core.instance.queries import InstanceByKey
from core.principal import Principal, system
from core.process.commands import DeployProcess
from core.process.queries import ActivitiesByKey
from core.tables.process import Activity


def row(process_id: str, *names: str) -> Graph:
    """User tasks one after the other."""
    tasks = [Element(name, ElementKind.USER_TASK, name, task=TaskTemplate()) for name in names]
    ids = ["start", *names, "end"]
    flows = tuple(Flow(f"f{n}", ids[n], ids[n + 1]) for n in range(len(ids) - 1))
    start, end = Element("start", ElementKind.START_EVENT), Element("end", ElementKind.END_EVENT)
    return Graph(process_id, process_id.title(), (start, *tasks, end), flows)


async def deploy(engine: Engine, who: Principal, graph: Graph) -> tuple[int, dict[str, Activity]]:
    """(the process's key, its activities by element id)"""
    deployed = await engine.execute(DeployProcess(graph), who)
    probe = await engine.execute(StartInstance(deployed.process_key), who)
    known = (await engine.ask(InstanceByKey(probe.key), who)).known
    await engine.execute(CancelInstance(probe.key), who)
    found = await engine.ask(ActivitiesByKey(tuple(known.activities.values())), who)
    return deployed.process_key, {id: found[key] for id, key in known.activities.items()}


def me(engine: Engine) -> Principal:
    return system(engine.default_tenant, dialect="test")

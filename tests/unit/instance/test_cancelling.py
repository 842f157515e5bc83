"""Who may cancel an instance when only its one holder may."""

import dataclasses

import pytest

from core.engine import Engine
from core.graph.elements import Element, ElementKind, Flow, Participants, TaskTemplate
from core.graph.graph import Graph
from core.instance.commands import CancelInstance, StartInstance
from core.instance.queries import InstanceByKey
from core.people.commands import CreateUser
from core.people.queries import ListUsers
from core.process.commands import DeployProcess
from core.rejections import Conflict, Forbidden
from core.task.commands import ReassignTask
from core.types import InstanceState
from tests.support.graphs import deploy, me, row


async def test_only_the_one_who_has_it_alone_cancels(engine: Engine) -> None:
    who = me(engine)
    process, _ = await deploy(engine, who, row("mine", "work"))
    started = await engine.execute(StartInstance(process, assignee="ann"), who)
    with pytest.raises(Forbidden):
        await engine.execute(CancelInstance(started.key, sole_holder="bob"), who)
    await engine.execute(CancelInstance(started.key, sole_holder="ann"), who)
    assert (await engine.ask(InstanceByKey(started.key), who)).instance.state == InstanceState.TERMINATED
    both = Graph(
        "both",
        "Both",
        (
            Element("start", ElementKind.START_EVENT),
            Element("split", ElementKind.PARALLEL_GATEWAY),
            *(Element(n, ElementKind.USER_TASK, task=TaskTemplate(assignee="ann")) for n in ("a", "b")),
            *(Element(f"end-{n}", ElementKind.END_EVENT) for n in ("a", "b")),
        ),
        (
            Flow("f", "start", "split"),
            *(Flow(f"to-{n}", "split", n) for n in ("a", "b")),
            *(Flow(f"from-{n}", n, f"end-{n}") for n in ("a", "b")),
        ),
    )
    process, _ = await deploy(engine, who, both)
    started = await engine.execute(StartInstance(process), who)
    with pytest.raises(Conflict):
        await engine.execute(CancelInstance(started.key, sole_holder="ann"), who)


async def test_what_is_only_planned_is_in_nobodys_way(engine: Engine) -> None:
    """The holder of the one open task cancels, although the task of a later element is there already."""
    who = me(engine)
    for name in ("ann", "bob", "cec"):
        await engine.execute(CreateUser(name), who)
    keys = {u.username: u.key for u in await engine.ask(ListUsers(), who)}
    graph = row("planned", "one", "two")
    several = {"one": Participants((keys["ann"],)), "two": Participants((keys["bob"],))}
    elements = tuple(
        dataclasses.replace(e, task=TaskTemplate(participants=several[e.id])) if e.task is not None else e
        for e in graph.elements
    )
    deployed = await engine.execute(DeployProcess(dataclasses.replace(graph, elements=elements)), who)
    started = await engine.execute(StartInstance(deployed.process_key), who)
    await engine.execute(ReassignTask(started.tasks[0].key, "cec"), who)
    with pytest.raises(Forbidden):
        await engine.execute(CancelInstance(started.key, sole_holder="bob"), who)
    await engine.execute(CancelInstance(started.key, sole_holder="cec"), who)

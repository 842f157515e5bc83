"""Each plan asks for the rows that its decision looks for, whatever the process has and whatever happened before."""

import asyncio
from typing import Any

import pytest

from core.graph.elements import Call, Completion, Element, ElementKind, Listener, Participants, TaskTemplate
from core.graph.graph import Graph
from core.instance.commands import CancelInstance, FinishInstance, RemoveInstance, ReopenInstance, StartInstance
from core.job.commands import UpdateJob
from core.people.commands import AddMember, CreateGroup, CreateUser, DeleteUser, RemoveMember, UpdateGroup, UpdateUser
from core.people.queries import GroupByName
from core.process.commands import AddAssignee, DeleteResource, DeployProcess, DraftProcess, ReviseProcess
from core.registry.commands import UpdateReference
from core.tables.instance import Instance
from core.tables.job import Job
from core.tables.people import Membership, User
from core.tables.process import Process
from core.tables.task import Task
from core.task.commands import CancelTask, CompleteTask, DeleteTask
from core.task.queries import TaskByKey
from core.turn.command import Command, Done, Several, Started
from core.turn.context import HANDLERS, Context, handles
from core.turn.workingset import Unplanned
from core.types import AssigneeKind, AssignmentKind
from tests.support.examples import HEARD, LATER, chain, rows, work
from tests.support.running import Running

CALL = Element("call", ElementKind.CALL_ACTIVITY, call=Call("inner"))
CANCELING = TaskTemplate(listeners=(Listener("canceling", "audit"),))


async def start(run: Running, *graphs: Graph, **more: Any) -> Started:
    """An instance of the last of them."""
    for graph in graphs:
        made = await run.do(DeployProcess(graph))
    started: Started = await run.do(StartInstance(made.process_key, **more))
    return started


async def test_a_decision_that_looks_for_what_nobody_asked_for_is_a_defect(run: Running) -> None:
    class Guess(Command[Done]):
        pass

    @handles(Guess, lambda cmd, who, ws, known: iter(()))
    def guess(cmd: Guess, ctx: Context) -> Done:
        ctx.ws.find(Job, "instance_key", 1)
        return Done()

    try:
        with pytest.raises(Unplanned, match="instance_key"):
            await run.do(Guess())
    finally:
        del HANDLERS[Guess]


# Instances and tasks of processes that hold nothing but tasks, and of those that hold more

PLAIN = (chain("plain", work(), work("next")),)
TIMED = (chain("timed", work(), LATER),)
HELD = (chain("held", work(template=HEARD)),)
LAST = (chain("last", work(template=CANCELING)),)
CALLING = (chain("inner", work()), chain("calling", CALL, work("next")))
PROCESSES = pytest.mark.parametrize("graphs", [PLAIN, TIMED, HELD, LAST, CALLING], ids=lambda graphs: graphs[-1].id)


@PROCESSES
async def test_an_instance_is_canceled(run: Running, graphs: tuple[Graph, ...]) -> None:
    started = await start(run, *graphs)
    await run.do(CancelInstance(started.key))
    assert {row.state for row in rows(run.engine, Instance)} == {"TERMINATED"}


@PROCESSES
async def test_an_instance_is_finished(run: Running, graphs: tuple[Graph, ...]) -> None:
    started = await start(run, *graphs)
    await run.do(FinishInstance(started.key))
    assert await run.state(started.key) == "COMPLETED"


@PROCESSES
async def test_an_instance_is_removed(run: Running, graphs: tuple[Graph, ...]) -> None:
    started = await start(run, *graphs)
    await run.do(RemoveInstance(started.key))
    assert await run.state(started.key) == "TERMINATED"


@PROCESSES
async def test_an_instance_ends_as_soon_as_it_is_started(run: Running, graphs: tuple[Graph, ...]) -> None:
    started = await start(run, *graphs, finished=True)
    assert started.ended


@PROCESSES
async def test_a_task_is_deleted(run: Running, graphs: tuple[Graph, ...]) -> None:
    started = await start(run, *graphs)
    await run.do(DeleteTask(started.tasks[0].key))
    assert [(row.state, row.removed) for row in rows(run.engine, Task)] == [("CANCELED", 1)]
    assert {row.state for row in rows(run.engine, Instance)} == {"TERMINATED"}


@PROCESSES
async def test_a_task_is_canceled(run: Running, graphs: tuple[Graph, ...]) -> None:
    started = await start(run, *graphs)
    await run.do(CancelTask(started.tasks[0].key))
    assert (await run.task(started.tasks[0].key)).state == "CANCELED"


# What tasks are made from


async def people(run: Running, *names: str) -> list[int]:
    return [(await run.do(CreateUser(name))).key for name in names]


async def test_a_called_process_gives_its_tasks_to_its_participants(run: Running) -> None:
    ann, bob, cec = await people(run, "ann", "bob", "cec")
    template = TaskTemplate(participants=Participants((ann, bob), completion=Completion.ALL), supervisor_key=cec)
    started = await start(run, chain("inner", work("a", template), work("b", template)), chain("outer", CALL))
    tasks = rows(run.engine, Task)
    assert [(t.element_id, t.assignee, t.supervisor, t.state) for t in tasks] == [
        ("a", "ann", "cec", "CREATED"),
        ("a", "bob", "cec", "CREATED"),
        ("b", "ann", "cec", "PLANNED"),
        ("b", "bob", "cec", "PLANNED"),
    ]
    for task in tasks:
        await run.do(CompleteTask(task.key))
    assert await run.state(started.key) == "COMPLETED"


async def test_behind_a_call_tasks_go_to_participants(run: Running) -> None:
    (ann,) = await people(run, "ann")
    template = TaskTemplate(participants=Participants((ann,)))
    started = await start(run, chain("inner", work("a")), chain("outer", CALL, work("b", template)))
    await run.do(CompleteTask(next(t.key for t in rows(run.engine, Task) if t.element_id == "a")))
    assert [(t.assignee, t.state) for t in rows(run.engine, Task) if t.element_id == "b"] == [("ann", "CREATED")]
    assert started.tasks[0].key


async def test_any_task_has_a_supervisor(run: Running) -> None:
    (cec,) = await people(run, "cec")
    started = await start(run, chain("p", work(template=TaskTemplate(supervisor_key=cec))))
    assert (await run.task(started.tasks[0].key)).supervisor == "cec"


async def test_what_goes_on_again_in_a_deleted_version_has_its_assignees(run: Running) -> None:
    (ann,) = await people(run, "ann")
    started = await start(run, chain("p", work()))
    activity = (await run.task(started.tasks[0].key)).activity_key
    (uid,) = (row.uid for row in rows(run.engine, User) if row.key == ann)
    await run.do(AddAssignee(activity, AssignmentKind.ORDINARY, AssigneeKind.USER, uid))
    await run.do(CompleteTask(started.tasks[0].key))
    await run.do(DeleteResource(started.definition_key))
    await run.do(ReopenInstance(started.key))
    (task,) = (await run.tasks(started.key)).values()
    assert list((await run.task(task)).candidate_users) == ["ann"]


async def test_a_draft_becomes_a_version_of_whatever_its_graph_says(run: Running) -> None:
    await run.do(DeployProcess(chain("there", work())))
    draft = (await run.do(DraftProcess("draft", "Draft", {}))).key
    await run.do(ReviseProcess(draft, 0, graph=chain("there", work("other"))))
    assert sorted(row.process_id for row in rows(run.engine, Process)) == ["core-tasks", "draft", "there"]


async def test_a_job_of_which_nothing_is_changed_stays_as_it_is(run: Running) -> None:
    started = await start(run, *HELD)
    await run.do(CompleteTask(started.tasks[0].key))
    job = await run.job("audit")
    assert await run.do(UpdateJob(job.key)) == Done()


# What earlier commands of a turn did


async def test_what_is_started_in_the_turn_of_a_deployment_is_the_new_version(run: Running) -> None:
    made = await run.do(DeployProcess(chain("p", work("old"))))
    deployed, started = await asyncio.gather(
        run.do(DeployProcess(chain("p", work("new")))), run.do(StartInstance(made.process_key))
    )
    assert started.definition_key == deployed.definition_key
    assert list(await run.tasks()) == ["new"]
    await run.do(CompleteTask(started.tasks[0].key))
    assert await run.state(started.key) == "COMPLETED"


async def test_of_a_refused_deployment_nobody_hears(run: Running) -> None:
    made = await run.do(DeployProcess(chain("p", work("old"))))
    refused = asyncio.create_task(run.do(Several((DeployProcess(chain("p", work("new"))), UpdateReference(404)))))
    started = asyncio.create_task(run.do(StartInstance(made.process_key)))
    await asyncio.wait((refused, started))
    assert refused.exception() is not None
    assert started.result().definition_key == made.definition_key


async def test_names_are_found_as_they_are_now(run: Running) -> None:
    (ann, _) = await people(run, "ann", "bob")
    await run.do(CreateGroup("staff"))
    await run.do(
        Several(
            (
                UpdateGroup("staff", new_name="crew"),
                AddMember("crew", "ann"),
                CreateUser("cec"),
                UpdateUser("cec", first_name="Cecilia"),
                AddMember("crew", "cec"),
                RemoveMember("crew", "ann"),
                AddMember("crew", "bob"),
                DeleteUser("cec"),
            )
        )
    )
    group = await run.engine.ask(GroupByName("crew"), run.who)
    members = [row for row in rows(run.engine, Membership) if row.group_key == group.key]
    assert len(members) == 1
    assert members[0].user_key != ann


async def test_a_new_assignee_gets_the_tasks_of_the_same_turn(run: Running) -> None:
    started = await start(run, chain("p", work()))
    activity = (await run.engine.ask(TaskByKey(started.tasks[0].key), run.who)).task.activity_key
    process = rows(run.engine, Instance)[0].process_key
    _, user, _, again = await asyncio.gather(
        run.do(CreateGroup("staff", uid="5" * 32)),
        run.do(CreateUser("ann", uid="6" * 32)),
        run.do(AddAssignee(activity, AssignmentKind.ORDINARY, AssigneeKind.USER, "6" * 32)),
        run.do(StartInstance(process)),
    )
    assert user.uid == "6" * 32
    assert list((await run.task(again.tasks[0].key)).candidate_users) == ["ann"]

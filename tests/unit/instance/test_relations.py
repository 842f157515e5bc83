"""Master data, stages, who has to do with what, instances that are revised, and commands that belong together."""

import pytest

from core.engine import Engine
from core.instance.commands import (
    AddComment,
    ChangeInstance,
    FinishInstance,
    Involve,
    RemoveInstance,
    ReopenInstance,
    ReviseComment,
    StartInstance,
)
from core.instance.queries import InstanceByKey, InvolvedIn, SearchComments, SearchInstances
from core.process.commands import CreateStage, UpdateStage
from core.process.queries import ActivitiesByKey, SearchStages
from core.registry.commands import CreateReference, PutReference, UpdateReference
from core.registry.queries import ReferenceByNumber, ReferencesByKey, SearchReferences
from core.rejections import Conflict, NotFound, WrongState
from core.search.query import Sort, Where
from core.task.commands import AssignTask, ClaimTask, CompleteTask, UpdateTask
from core.task.queries import TaskByKey
from core.turn.command import Several
from core.types import Involved
from tests.support.bpmn import element, flow, row
from tests.unit.flow.test_flow_elements import Running

WORK = element("userTask", "work")


@pytest.fixture
def run(engine: Engine) -> Running:
    return Running(engine)


# commands that belong together


async def test_several_commands_are_carried_out_together_or_not_at_all(run: Running) -> None:
    made = await run.do(Several((CreateReference("unit", "a"), CreateReference("unit", "b"))))
    assert [created.number for created in made] == [1, 2]
    rename = UpdateReference(made[0].key, name="lost")
    with pytest.raises(NotFound):
        await run.do(Several((rename, UpdateReference(99))))
    assert (await run.engine.ask(ReferenceByNumber("unit", 1), run.who)).name == "a"
    await run.do(Several(()))


async def test_a_command_sees_what_the_one_before_it_did(run: Running) -> None:
    key = await run.run(row(WORK))
    (task,) = (await run.tasks(key)).values()
    with pytest.raises(WrongState):
        await run.do(Several((CompleteTask(task), AssignTask(task, "ann"))))
    await run.do(Several((AssignTask(task, "ann"), CompleteTask(task, holder="ann"))))
    assert await run.state(key) == "COMPLETED"


async def test_whoever_claims_what_must_be_free_gets_it_once(run: Running) -> None:
    key = await run.run(row(WORK))
    (task,) = (await run.tasks(key)).values()
    await run.do(ClaimTask(task, "ann", unclaimed=True))
    with pytest.raises(Conflict):
        await run.do(ClaimTask(task, "ann", unclaimed=True))
    await run.do(ClaimTask(task, "ann"))


# master data and stages


async def test_master_data_has_parents_and_numbers_of_its_kind(run: Running) -> None:
    await run.do(PutReference("property", 501, "House"))
    house = await run.do(CreateReference("property", "Next", external_id="4711"))
    assert house.number == 502
    unit = await run.do(CreateReference("unit", "Flat", parent_key=house.key, ext={"a": 1}))
    assert unit.number == 1
    for where in (Where("parent_key", "in", [house.key]), Where("external_id", "eq", "4711")):
        found = await run.engine.ask(SearchReferences((where,)), run.who)
        assert len(found.items) == 1
    await run.do(UpdateReference(unit.key, ext={"b": 2}))
    row = (await run.engine.ask(ReferencesByKey((unit.key,)), run.who))[unit.key]
    assert (row.name, row.parent_key, row.ext) == ("Flat", house.key, {"a": 1, "b": 2})
    await run.do(UpdateReference(unit.key, deleted=True))
    with pytest.raises(NotFound):
        await run.do(UpdateReference(unit.key, name="x"))


async def test_stages_are_made_beside_the_flow(run: Running) -> None:
    process = await run.deploy("p", row(WORK))
    stage = await run.do(CreateStage("Parked", process, 5))
    for_all = await run.do(CreateStage("Anywhere"))
    (built_in,) = [
        s for s in (await run.engine.ask(SearchStages((Where("process_key", "eq", process),)), run.who)).items
        if s.key != stage.key
    ]  # fmt: skip
    for change in (UpdateStage(built_in.key, deleted=True), UpdateStage(built_in.key, process_key=0)):
        with pytest.raises(Conflict):
            await run.do(change)
    await run.do(UpdateStage(built_in.key, name="Working", position=9))
    await run.do(UpdateStage(stage.key, process_key=0, deleted=True))
    with pytest.raises(NotFound):
        await run.do(UpdateStage(stage.key, name="x"))
    with pytest.raises(NotFound):
        await run.do(CreateStage("x", 99))
    rows = await run.engine.ask(ActivitiesByKey((stage.key, built_in.key, for_all.key)), run.who)
    assert [rows[key].name for key in sorted(rows)] == ["Working", "Parked", "Anywhere"]


# who has to do with it


async def test_nobody_is_involved_twice(run: Running) -> None:
    party = await run.do(CreateReference("party", "Tenant"))
    process = await run.deploy("p", row(WORK))
    begin = StartInstance(process, involved=((Involved.ACCESSOR, "party", party.key),))
    key = (await run.do(begin)).key
    other = await run.start(process)
    again = Involve("instance", key, Involved.ACCESSOR, "party", party.key)
    await run.do(again)
    assert [r.member_key for r in await run.engine.ask(InvolvedIn(key, Involved.ACCESSOR), run.who)] == [party.key]

    async def seen() -> list[int]:
        found = await run.engine.ask(SearchInstances((Where("involved", "in", [party.key]),)), run.who)
        return [view.instance.key for view in found.items]

    assert await seen() == [key]
    await run.do(Involve("instance", other, Involved.SPECTATOR, "party", party.key))
    assert await seen() == [key, other]
    await run.do(Involve("instance", key, Involved.ACCESSOR, "party", party.key, involved=False))
    await run.do(Involve("instance", key, Involved.ACCESSOR, "party", party.key, involved=False))
    assert await seen() == [other]
    with pytest.raises(NotFound):
        await run.do(Involve("instance", 99, Involved.ACCESSOR, "party", party.key))


async def test_instances_are_found_by_what_they_are_about(run: Running) -> None:
    house = await run.do(CreateReference("property", "House"))
    flat = await run.do(CreateReference("unit", "Flat", parent_key=house.key))
    process = await run.deploy("p", row(WORK))
    key = (await run.do(StartInstance(process, reference_key=flat.key))).key
    await run.start(process)
    for field, value in (("within", house.key), ("within", flat.key), ("reference_key", flat.key)):
        found = await run.engine.ask(SearchInstances((Where(field, "in", [value]),)), run.who)
        assert [view.instance.key for view in found.items] == [key], field


async def test_what_is_said_of_an_instance_is_numbered_and_can_be_revised(run: Running) -> None:
    key = await run.run(row(WORK))
    first, second = [await run.do(AddComment(key, text, {"n": 1})) for text in ("one", "two")]
    assert (first.number, second.number) == (1, 2)
    await run.do(ReviseComment(first.key, "uno", {"m": 2}))
    await run.do(ReviseComment(second.key, deleted=True))
    with pytest.raises(NotFound):
        await run.do(ReviseComment(second.key, "dos"))
    rows = (await run.engine.ask(SearchComments((), (Sort("key"),)), run.who)).items
    assert [(r.text, r.ext, r.deleted_at is None) for r in rows] == [
        ("uno", {"n": 1, "m": 2}, True),
        ("two", {"n": 1}, False),
    ]


# instances that are revised


async def test_what_is_known_of_an_instance_changes_and_the_rest_stays(run: Running) -> None:
    key = await run.run(row(WORK))
    (task,) = (await run.tasks(key)).values()
    await run.do(ChangeInstance(key, title="New", business_id="B-1", ext={"x": {"a": 1}}))
    await run.do(ChangeInstance(key, description="Text", ext={"x": {"b": 2}, "y": {"c": 3}}))
    row_ = (await run.engine.ask(InstanceByKey(key), run.who)).instance
    assert (row_.title, row_.description, row_.business_id, row_.state) == ("New", "Text", "B-1", "ACTIVE")
    assert row_.ext == {"x": {"a": 1, "b": 2}, "y": {"c": 3}}
    assert (await run.task(task)).business_id == "B-1"


async def test_a_finished_instance_goes_on_where_it_ended(run: Running) -> None:
    """Its last tasks are open again, as new ones; what was done before them is not."""
    key = await run.run(row(element("userTask", "first"), element("userTask", "last")))
    await run.do(CompleteTask((await run.tasks(key))["first"]))
    last = (await run.tasks(key))["last"]
    await run.do(FinishInstance(key))
    assert (await run.state(key), (await run.task(last)).state) == ("COMPLETED", "COMPLETED")
    for _ in range(2):
        await run.do(ReopenInstance(key))
        tasks = await run.tasks(key)
        assert list(tasks) == ["last"]
        assert tasks["last"] != last
        assert await run.state(key) == "ACTIVE"
        await run.do(CompleteTask(tasks["last"]))
        assert await run.state(key) == "COMPLETED"


async def test_side_by_side_all_that_ended_together_is_open_again(run: Running) -> None:
    content = (
        '<bpmn:startEvent id="start"/><bpmn:endEvent id="end"/>'
        + element("parallelGateway", "split")
        + element("parallelGateway", "join")
        + element("userTask", "a")
        + element("userTask", "b")
        + flow("start", "split")
        + "".join(flow("split", id) + flow(id, "join") for id in "ab")
        + flow("join", "end")
    )
    key = await run.run(content)
    await run.do(FinishInstance(key))
    await run.do(ReopenInstance(key))
    tasks = await run.tasks(key)
    assert set(tasks) == {"a", "b"}
    await run.do(CompleteTask(tasks["a"]))
    assert await run.state(key) == "ACTIVE", "the join waits for both"
    await run.do(CompleteTask(tasks["b"]))
    assert await run.state(key) == "COMPLETED"


async def test_inside_a_sub_process_it_goes_on_at_the_sub_process(run: Running) -> None:
    inner = row(element("userTask", "deep")).replace('id="start"', 'id="s2"').replace('id="end"', 'id="e2"')
    inner = inner.replace('"start', '"s2').replace('end"', 'e2"')
    key = await run.run(row(element("subProcess", "sub", more=inner)))
    await run.do(CompleteTask((await run.tasks(key))["deep"]))
    assert await run.state(key) == "COMPLETED"
    await run.do(ReopenInstance(key))
    await run.do(CompleteTask((await run.tasks(key))["deep"]))
    assert await run.state(key) == "COMPLETED"


async def test_what_another_instance_called_ends_with_that(run: Running) -> None:
    await run.deploy("inner", row(WORK))
    call = element("callActivity", "call", '<zeebe:calledElement processId="inner"/>')
    outer = await run.start(await run.deploy("outer", row(call)))
    called = await run.called(outer)
    for change in (FinishInstance(called), RemoveInstance(called)):
        with pytest.raises(Conflict):
            await run.do(change)
    await run.do(ChangeInstance(called, title="but told what it is about"))
    await run.do(FinishInstance(outer))
    assert (await run.state(outer), await run.state(called)) == ("COMPLETED", "TERMINATED")
    with pytest.raises(WrongState):
        await run.do(ReopenInstance(called))


async def test_a_removed_instance_is_terminated_and_does_not_come_back(run: Running) -> None:
    key = await run.run(row(WORK))
    (task,) = (await run.tasks(key)).values()
    await run.do(RemoveInstance(key))
    assert (await run.state(key), (await run.task(task)).state) == ("TERMINATED", "CANCELED")
    with pytest.raises(WrongState):
        await run.do(ReopenInstance(key))


async def test_a_draft_of_the_vendors_is_kept_with_an_ended_task(run: Running) -> None:
    key = await run.run(row(WORK))
    (task,) = (await run.tasks(key)).values()
    await run.do(CompleteTask(task))
    await run.do(UpdateTask(task, ext={"x": {"deletedAt": 1}}))
    assert (await run.engine.ask(TaskByKey(task), run.who)).task.ext == {"x": {"deletedAt": 1}}
    with pytest.raises(WrongState):
        await run.do(UpdateTask(task, name="new", ext={"x": {}}))

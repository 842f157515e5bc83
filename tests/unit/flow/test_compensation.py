"""Compensation: what was done is undone, and whatever asked for it waits for that."""

import pytest

from adapters.common.bpmn import NotDeployable
from core.job.commands import ThrowError
from core.task.commands import CompleteTask
from tests.support.bpmn import element, error, loop, mapping, row, sub, undo, undoing, within
from tests.support.running import Running

BEHIND = element("userTask", "behind")


def user(id: str, extensions: str = "", more: str = "") -> str:
    return element("userTask", id, extensions, more)


def undone(host: str, extensions: str = "", more: str = "") -> str:
    return undoing(host, user(f"un-{host}", extensions, more))


def back(activity: str = "", tag: str = "intermediateThrowEvent", id: str = "back") -> str:
    return element(tag, id, "", undo(activity))


async def done(run: Running, *ids: str) -> None:
    for id in ids:
        await run.do(CompleteTask((await run.tasks())[id]))


async def test_what_was_done_is_undone_at_once_and_waited_for(run: Running) -> None:
    more = undone("one") + undone("two") + undone("three")
    key = await run.run(row(user("one"), user("two"), back(), BEHIND, user("three"), more=more))
    await done(run, "one", "two")
    assert list(await run.tasks()) == ["un-one", "un-two"]
    await done(run, "un-two")
    assert list(await run.tasks()) == ["un-one"]
    await done(run, "un-one")
    assert list(await run.tasks()) == ["behind"]
    await done(run, "behind", "three")
    states = await run.elements(key)
    assert (await run.state(key), states["back"], "undo-one" in states) == ("COMPLETED", "COMPLETED", False)


async def test_nothing_is_undone_twice(run: Running) -> None:
    key = await run.run(row(user("one"), back(), back(id="again"), BEHIND, more=undone("one")))
    await done(run, "one", "un-one", "behind")
    assert await run.state(key) == "COMPLETED"


async def test_where_nothing_was_done_it_goes_on(run: Running) -> None:
    key = await run.run(row(back(), user("one"), more=undone("one")))
    await done(run, "one")
    assert await run.state(key) == "COMPLETED"


async def test_one_activity_alone_is_undone(run: Running) -> None:
    more = undone("one") + undone("two")
    key = await run.run(row(user("one"), user("two"), back("one"), back("two", id="then"), more=more))
    await done(run, "one", "two", "un-one", "un-two")
    assert await run.state(key) == "COMPLETED"


async def test_an_end_undoes_too(run: Running) -> None:
    content = row(user("one"), more=undone("one"))
    content = content.replace('<bpmn:endEvent id="end"/>', back(tag="endEvent", id="end"))
    key = await run.run(content)
    await done(run, "one")
    assert await run.state(key) == "ACTIVE"
    await done(run, "un-one")
    assert await run.state(key) == "COMPLETED"


async def test_what_a_sub_process_did_is_undone_with_the_variables_it_had(run: Running) -> None:
    inner = sub("inner", within("i", user("one")) + undone("one", '<zeebe:assignmentDefinition assignee="=who"/>'),
                extensions=mapping(('="ann"', "who")).replace('"="ann""', "'=&quot;ann&quot;'"))  # fmt: skip
    key = await run.run(row(sub("outer", within("o", inner)), back()), who="bob")
    await done(run, "one")
    tasks = await run.tasks()
    assert (await run.task(tasks["un-one"])).assignee == "ann"
    await done(run, "un-one")
    assert await run.state(key) == "COMPLETED"


async def test_from_within_a_sub_process_only_what_is_in_it(run: Running) -> None:
    inside = sub("inner", within("i", user("two"), back()) + undone("two"))
    key = await run.run(row(user("one"), inside, more=undone("one")))
    await done(run, "one", "two")
    assert list(await run.tasks()) == ["un-two"]
    await done(run, "un-two")
    assert await run.state(key) == "COMPLETED"


async def test_what_an_error_ended_is_not_undone(run: Running) -> None:
    """Only what was completed is, in the scope around the event sub-process."""
    served = element("serviceTask", "served", '<zeebe:taskDefinition type="pay"/>')
    reaction = sub("react", within("r", back(), BEHIND, start=error("broke")), event=True)
    key = await run.run(row(user("one"), served, more=undone("one") + undone("served") + reaction))
    await done(run, "one")
    await run.do(ThrowError((await run.job("pay")).key, "broke"))
    assert list(await run.tasks()) == ["un-one"]
    await done(run, "un-one", "behind")
    assert await run.state(key) == "COMPLETED"


async def test_several_times_are_undone_once_unless_that_is_a_loop_too(run: Running) -> None:
    each, undo_each = user("each", more=loop("=[1, 2]")), undone("each", more=loop("=[1, 2]"))
    key = await run.run(row(each, user("one", more=loop("=[1, 2]")), back(), more=undo_each + undone("one")))
    await done(run, "each", "each", "one", "one")
    await done(run, "un-each", "un-one", "un-each")
    assert (await run.state(key), await run.tasks()) == ("COMPLETED", {})


async def test_as_many_times_as_it_was_done(run: Running) -> None:
    repeated = sub("sub", within("i", user("one")) + undone("one"), more=loop("=[1, 2]", sequential=True))
    key = await run.run(row(repeated, back()))
    await done(run, "one", "one", "un-one", "un-one")
    assert (await run.state(key), await run.tasks()) == ("COMPLETED", {})


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            row(user("one"), back("two"), user("two")),
            "back: Must refer to an activity that can be undone, not to 'two'",
        ),
        (
            row(user("one"), more=element("boundaryEvent", "b", "", undo(), attachedToRef="one")),
            "b: Must be associated",
        ),
    ],
)
async def test_what_cannot_be_undone_is_refused(run: Running, content: str, said: str) -> None:
    with pytest.raises(NotDeployable, match=said):
        await run.deploy("p", content)

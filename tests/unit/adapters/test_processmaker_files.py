"""Projects that ProcessMaker 3 exported: what becomes of them, and what is told of the rest."""

from contextlib import suppress
from typing import Any

import pytest

from adapters.common.bpmn import NotDeployable, graph
from adapters.processmaker.imports import STEPS, import_project
from core.people.commands import CreateGroup
from core.people.queries import GroupByName, GroupByUid
from core.process.queries import ActivitiesOf, Assigned, ProcessByUid
from core.task.commands import CompleteTask
from core.types import AssignmentKind, Distribution
from schemas.processmaker.pmx import BadProject, is_project, read_project
from tests.support import pmx
from tests.support.running import Running
from tests.support.work import counted


async def test_ids_that_something_else_has_are_refused(run: Running) -> None:
    document = pmx.written(*pmx.requests())
    await import_project(run.engine, run.who, read_project(document))
    other = read_project(document.replace(pmx.PROJECT.encode(), b"1" * 32))
    with pytest.raises(BadProject, match="belongs to something else here"):
        await import_project(run.engine, run.who, other)


def refusals(drawing: pmx.Tables, of_server: pmx.Tables, *, loose: bool = False) -> str:
    with pytest.raises(NotDeployable) as refused:
        graph(read_project(pmx.written(drawing, of_server), loose=loose).process)
    return str(refused.value)


def notes(drawing: pmx.Tables, of_server: pmx.Tables, *, loose: bool = False) -> tuple[str, ...]:
    project = read_project(pmx.written(drawing, of_server), loose=loose)
    graph(project.process)
    return project.left_out


async def test_a_project_keeps_its_ids_and_its_people(run: Running) -> None:
    document = pmx.written(*pmx.requests())
    assert is_project(document)
    imported = await import_project(run.engine, run.who, read_project(document))
    assert imported.deployed.version == 1
    assert imported.left_out == (
        "2 triggers: scripts are not run",
        "Tell: the user 00000000000000000000000000000001 is not here",
        "Tell: the user 0000000000000000000000000000dead is not here",
    )
    process = await run.engine.ask(ProcessByUid(pmx.PROJECT), run.who)
    assert process.name == "Requests & more"
    activities = {a.uid: a for a in await run.engine.ask(ActivitiesOf(process.key), run.who)}
    assert {uid: a.name for uid, a in activities.items()} == {pmx.ASK: "Ask", pmx.DECIDE: "Decide", pmx.TELL: "Tell"}
    asking, deciding = activities[pmx.ASK], activities[pmx.DECIDE]
    assert (asking.distribution, deciding.distribution) == (Distribution.OFFER, Distribution.BALANCE)
    assert deciding.ext["processmaker"]["tas_description"] == "Yes or no"
    (step,) = asking.ext[STEPS]["steps"]
    assert (step["step_uid_obj"], step["obj_title"], step["step_position"]) == (pmx.FORM, "Request", 1)
    (group,) = await run.engine.ask(Assigned(deciding.key, AssignmentKind.ORDINARY), run.who)
    assert group.uid == pmx.CLERKS
    assert (await run.engine.ask(GroupByUid(pmx.CLERKS), run.who)).name == "Clerks"


async def test_the_same_again_is_no_new_version(run: Running) -> None:
    project = pmx.written(*pmx.requests())
    first = await import_project(run.engine, run.who, read_project(project))
    again = await import_project(run.engine, run.who, read_project(project))
    assert (again.deployed.version, again.deployed.changed, again.left_out) == (1, False, first.left_out)
    drawing, of_server = pmx.requests()
    drawing["ACTIVITY"][0] = pmx.activity(pmx.ASK, "Ask nicely")
    changed = await import_project(run.engine, run.who, read_project(pmx.written(drawing, of_server)))
    assert changed.deployed.version == 2


async def test_a_group_of_the_same_name_is_the_one_that_is_meant(run: Running) -> None:
    await run.do(CreateGroup("Clerks"))
    await import_project(run.engine, run.who, read_project(pmx.written(*pmx.requests())))
    clerks = await run.engine.ask(GroupByName("Clerks"), run.who)
    assert clerks.uid != pmx.CLERKS
    process = await run.engine.ask(ProcessByUid(pmx.PROJECT), run.who)
    (deciding,) = [a for a in await run.engine.ask(ActivitiesOf(process.key), run.who) if a.uid == pmx.DECIDE]
    assert [v.uid for v in await run.engine.ask(Assigned(deciding.key, AssignmentKind.ORDINARY), run.who)] == [
        clerks.uid
    ]


@pytest.mark.parametrize(
    ("variables", "reached"),
    [
        ({"granted": "yes", "days": "3"}, {pmx.TELL}),
        ({"granted": "no"}, set()),
        ({"granted": "yes"}, {pmx.TELL}),
    ],
)
async def test_conditions_lead_where_they_led(run: Running, variables: dict[str, Any], reached: set[str]) -> None:
    imported = await import_project(run.engine, run.who, read_project(pmx.written(*pmx.requests())))
    instance = await run.start(imported.deployed.process_key)
    for element in (pmx.ASK, pmx.DECIDE):
        await run.do(CompleteTask((await run.tasks())[element], variables))
    assert set(await run.tasks(instance)) == reached
    assert await run.state(instance) == ("ACTIVE" if reached else "COMPLETED")


async def test_the_first_form_of_a_task_is_its_form(run: Running) -> None:
    imported = await import_project(run.engine, run.who, read_project(pmx.written(*pmx.requests())))
    await run.start(imported.deployed.process_key)
    assert (await run.task((await run.tasks())[pmx.ASK])).form_id == pmx.FORM


@pytest.mark.parametrize(
    ("document", "text"),
    [
        (b"", "no element found"),
        (b"<ProcessMaker-Project", "Couldn't find end of Start Tag"),
        (b'<!DOCTYPE a><ProcessMaker-Project version="3.0"/>', "document type declarations are not read"),
        (b"<other/>", "the root element is not ProcessMaker-Project"),
        (b"<ProcessMaker-Project/>", "version is missing"),
        (b'<ProcessMaker-Project version="3.0"/>', 'BPMN table: "Project"'),
        (pmx.written({"PROJECT": [{"prj_uid": "x"}]}, {}), "not 32 hexadecimal digits"),
        (pmx.written({"PROJECT": [{"prj_uid": pmx.PROJECT}] * 2}, {}), 'BPMN table: "Project"'),
    ],
)
def test_what_is_no_project_says_why(document: bytes, text: str) -> None:
    with pytest.raises(BadProject, match=text):
        read_project(document)


def test_what_changes_the_flow_is_refused_by_element() -> None:
    drawing, of_server = pmx.requests()
    drawing["ACTIVITY"].append(pmx.activity("called", "Buy", act_type="SUB_PROCESS"))
    drawing["EVENT"] += [pmx.event("mail", "START", "MESSAGECATCH"), pmx.event("over", "END", "TERMINATE")]
    drawing["EVENT"] += [pmx.event("caught", "INTERMEDIATE", "MESSAGECATCH", "CATCH")]
    drawing["GATEWAY"] += [pmx.gateway("some", "INCLUSIVE"), pmx.gateway("hand", "COMPLEX")]
    drawing["FLOW"][3] = pmx.flow("f5", pmx.GATEWAY, pmx.END, "strlen(@@x) > 2", 2)
    of_server["subProcess"] = [{"SP_UID": "s", "TAS_PARENT": "called", "PRO_UID": pmx.CLERKS, "SP_SYNCHRONOUS": "0"}]
    of_server["tasks"][2] = pmx.task(pmx.TELL, "MULTIPLE_INSTANCE")
    always = ("some: A gateway of kind INCLUSIVE", "over: An end by TERMINATE", "caught: An event of kind INTERMEDIATE")
    only_then = (
        "called: The sub-process 'Buy' is not waited for",
        "mail: A start by MESSAGECATCH",
        "hand: A gateway of kind COMPLEX",
        "f5: Condition 'strlen(@@x) > 2'",
        f"{pmx.TELL}: The task 'Tell' is given to several people at once",
    )
    strictly, loosely = refusals(drawing, of_server), refusals(drawing, of_server, loose=True)
    for text in (*always, *only_then):
        assert text in strictly
        assert (text in loosely) == (text in always), text


async def test_loosely_a_variable_says_what_a_condition_cannot(run: Running) -> None:
    drawing, of_server = pmx.requests()
    drawing["FLOW"][4] = pmx.flow("f4", pmx.GATEWAY, pmx.TELL, "strlen(@@x) > 2", 1)
    project = read_project(pmx.written(drawing, of_server), loose=True)
    variable = f"way_{pmx.GATEWAY}"
    assert project.left_out[0] == f"f4: is taken if {variable} is its id, since 'strlen(@@x) > 2' cannot be read"
    imported = await import_project(run.engine, run.who, project)
    instance = await run.start(imported.deployed.process_key)
    for element in (pmx.ASK, pmx.DECIDE):
        await run.do(CompleteTask((await run.tasks())[element], {variable: "f4"}))
    assert set(await run.tasks(instance)) == {pmx.TELL}


def test_what_only_tells_somebody_is_left_out_and_named() -> None:
    drawing, of_server = pmx.requests()
    drawing["EVENT"][1] = pmx.event(pmx.END, "END", "EMAIL")
    drawing["EVENT"].append(pmx.event("said", "INTERMEDIATE", "MESSAGETHROW", "THROW"))
    drawing["ACTIVITY"] += [
        pmx.activity("script", "Compute", act_task_type="SCRIPTTASK"),
        pmx.activity("sent", "Send", act_task_type="SENDTASK"),
    ]
    of_server["tasks"].append(pmx.task("script", tas_type="SCRIPT-TASK"))
    of_server["tasks"][0] = pmx.task(pmx.ASK, "EVALUATE")
    assert notes(drawing, of_server)[:4] == (
        "Ask: no variable says whose it is",
        "Compute: a SCRIPT-TASK does nothing",
        f"{pmx.END}: nothing is sent (EMAIL)",
        "said: nothing is sent (MESSAGETHROW)",
    )


def test_a_gateway_without_conditions_is_one_that_nobody_gets_beyond() -> None:
    drawing, of_server = pmx.requests()
    drawing["FLOW"][3:5] = [pmx.flow("f4", pmx.GATEWAY, pmx.TELL), pmx.flow("f5", pmx.GATEWAY, pmx.END)]
    assert "Granted?: no way out has a condition, so none is taken" in notes(drawing, of_server)
    drawing["FLOW"][3] = pmx.flow("f4", pmx.GATEWAY, pmx.TELL, kind="DEFAULT")
    assert not any("no way out" in note for note in notes(drawing, of_server))


async def test_other_projects_are_called_with_the_variables_that_go_there(run: Running) -> None:
    drawing, of_server = pmx.requests()
    await import_project(run.engine, run.who, read_project(pmx.written(drawing, of_server)))
    other = pmx.PROJECT.replace("a1", "b1")
    start, call, end = (f"700000000000000000000000000000{n}" for n in ("b1", "b2", "b3"))
    outer: pmx.Tables = {
        "PROJECT": [{"prj_uid": other, "prj_name": "Outer"}],
        "ACTIVITY": [pmx.activity(call, "Request", act_type="SUB_PROCESS")],
        "EVENT": [pmx.event(start, "START"), pmx.event(end, "END")],
        "FLOW": [pmx.flow("f1", start, call), pmx.flow("f2", call, end)],
    }
    calls: pmx.Tables = {
        "subProcess": [
            {
                "SP_UID": "s",
                "PRO_UID": pmx.PROJECT,
                "TAS_PARENT": call,
                "SP_SYNCHRONOUS": "1",
                "SP_VARIABLES_OUT": 'a:1:{s:8:"@@amount";s:7:"@@total";}',
                "SP_VARIABLES_IN": 'a:1:{s:9:"@@granted";s:4:"@@ok";}',
            }
        ]
    }
    imported = await import_project(run.engine, run.who, read_project(pmx.written(outer, calls)))
    assert imported.left_out == (f"Request: calls the project {pmx.PROJECT}, which has to be imported, too",)
    instance = await run.start(imported.deployed.process_key, amount=5, secret=1)
    called = await run.called(instance)
    assert await run.variables(called) == {"total": 5}
    for element in (pmx.ASK, pmx.DECIDE):
        await run.do(CompleteTask((await run.tasks())[element], {"granted": "no"}))
    assert await run.state(instance) == "COMPLETED"
    assert (await run.variables(instance))["ok"] == "no"


def test_timers_that_wait_for_some_time() -> None:
    drawing, of_server = pmx.requests()
    drawing["EVENT"].append(pmx.event("later", "INTERMEDIATE", "TIMER", "CATCH"))
    assert "later: An event of kind INTERMEDIATE TIMER" in refusals(drawing, of_server)
    of_server["timerEvent"] = [
        {"TMREVN_UID": "t", "EVN_UID": "later", "TMREVN_OPTION": "WAIT-FOR", "TMREVN_DAY": "1", "TMREVN_HOUR": "2"}
    ]
    project = read_project(pmx.written(drawing, of_server))
    assert [n.timing for n in project.process.nodes if n.timing] == [("duration", "P1DT2H0M")]


def many(count: int) -> bytes:
    """So many of everything that refers to something else."""
    numbers = range(count)
    drawing: pmx.Tables = {
        "PROJECT": [{"prj_uid": pmx.PROJECT, "prj_name": "Many"}],
        "ACTIVITY": [pmx.activity(f"a{n}", "A") for n in numbers]
        + [pmx.activity(f"c{n}", "C", act_type="SUB_PROCESS") for n in numbers],
        "EVENT": [pmx.event(f"e{n}", "INTERMEDIATE", "TIMER", "CATCH") for n in numbers],
        "GATEWAY": [pmx.gateway(f"g{n}") for n in numbers],
        "FLOW": [pmx.flow(f"f{n}", f"g{n % 9}", f"a{n}", "strlen(@@x)", n) for n in numbers],
    }
    of_server: pmx.Tables = {
        "tasks": [pmx.task(f"a{n}") for n in numbers],
        "taskusers": [{"TAS_UID": f"a{n}", "USR_UID": "u", "TU_TYPE": "1", "TU_RELATION": "1"} for n in numbers],
        "steps": [{"TAS_UID": f"a{n}", "STEP_TYPE_OBJ": "DYNAFORM", "STEP_UID_OBJ": "d"} for n in numbers],
        "subProcess": [{"TAS_PARENT": f"c{n}", "PRO_UID": pmx.PROJECT} for n in numbers],
        "timerEvent": [{"EVN_UID": f"e{n}", "TMREVN_OPTION": "WAIT-FOR", "TMREVN_DAY": "1"} for n in numbers],
    }
    return pmx.written(drawing, of_server)


def test_four_times_as_much_is_about_four_times_the_work() -> None:
    read_project(many(10), loose=True)  # what is made at the first use
    works = []
    for count in (100, 400):
        document = many(count)
        with counted() as work, suppress(NotDeployable):
            graph(read_project(document, loose=True).process)
        works.append(work.calls)
    assert works[1] < 6 * works[0]

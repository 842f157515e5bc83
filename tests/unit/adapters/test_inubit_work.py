"""INUBIT: forms made from variables and sent back, follow-up tasks, and the next task for each of many."""

import asyncio
import re

from adapters.common.bpmn import graphs
from adapters.common.tokens import STATIC
from core.identity.commands import IssueCredential
from core.instance.commands import StartInstance
from core.instance.queries import Variables
from core.people.queries import UserByName
from core.process.commands import DeployProcess
from core.task.commands import CreateTask
from core.task.queries import TaskByUid
from core.types import CredentialKind
from schemas.common.uuids import dashed, undashed
from tests.support.asgi import basic
from tests.support.bpmn import document, element, row
from tests.support.world import World

POOL = '<zeebe:assignmentDefinition candidateUsers="testuser,jdoe"/>'
TWO = document("two", row(element("userTask", "first", POOL), element("userTask", "second", POOL)))


async def start(world: World, **variables: object) -> str:
    (graph,) = graphs(TWO.encode())
    process = (await world.engine.execute(DeployProcess(graph), world.system)).process_key
    started = await world.engine.execute(StartInstance(process, variables=variables), world.system)
    uid = started.tasks[0].uid
    return f"{uid[:8]}-{uid[8:12]}-{uid[12:16]}-{uid[16:20]}-{uid[20:]}"


async def test_a_form_is_made_from_variables_and_comes_back_as_such(world: World) -> None:
    task = await start(world, count=1, ok=True, text="a<b", long="x" * 100, some=[1], rate=0.5)
    mine = {"authorization": basic("testuser")}
    form = (await world.call("GET", f"/ibis/rest/task/data/{task}", mine)).text
    widgets = dict(re.findall(r"<Label>(\w+)</Label></Column><Column><\w+ [^>]*name=\"(\w+)\"", form))
    kinds = {name: widget.partition("_")[0] for name, widget in widgets.items()}
    field, area = "TextField", "TextArea"
    assert kinds == {"count": field, "ok": "ComboBox", "text": field, "long": area, "some": area, "rate": field}
    assert ">a&lt;b</TextField>" in form
    values = {"count": "2", "ok": "false", "text": "7", "some": "[2]", "rate": "nothing"}
    sent = "".join(f"<{widgets[name]}>{value}</{widgets[name]}>" for name, value in values.items())
    body = f'<Form><Response submitter="value"><Panel>{sent}<Other_1>new</Other_1></Panel></Response></Form>'
    answer = await world.call("POST", f"/ibis/rest/task/submit/{task}", mine, body=body)
    assert (answer.status, answer.headers["content-type"], len(answer.text)) == (201, "application/plain", 36)
    view = await world.engine.ask(TaskByUid(undashed(answer.text) or ""), world.system)
    assert view.task.element_id == "second"
    variables = await world.engine.ask(Variables(view.task.instance_key), world.system)
    expected = {
        "count": 2,
        "ok": False,
        "text": "7",
        "some": [2],
        "rate": "nothing",
        "Other_1": "new",
        "long": "x" * 100,
    }
    assert variables == expected
    last = await world.call("POST", f"/ibis/rest/task/submit/{answer.text}", mine)
    assert (last.status, last.text) == (204, "")


async def test_of_two_who_submit_one_does(world: World) -> None:
    task = await start(world)
    both = [{"authorization": basic(name)} for name in ("testuser", "jdoe")]
    answers = await asyncio.gather(
        *(world.call("POST", f"/ibis/rest/task/submit/{task}", headers) for headers in both for _ in range(3))
    )
    assert sorted(answer.status for answer in answers) == [201, 404, 404, 404, 404, 404]


async def test_nobody_gets_the_same_task_twice(world: World) -> None:
    started = [await start(world) for _ in range(6)]
    both = [{"authorization": basic(name)} for name in ("testuser", "jdoe")]
    answers = await asyncio.gather(*(world.call("GET", "/ibis/rest/task/next", both[n % 2]) for n in range(9)))
    got = [match[1] for answer in answers if (match := re.search(r'id="([^"]*)"', answer.text))]
    assert len(got) == len(set(got))
    assert set(started) <= set(got)
    assert all(answer.status == 200 for answer in answers)


async def test_a_lock_is_a_claim_in_the_other_dialects(world: World) -> None:
    task = await start(world)
    locked = await world.call(
        "PUT", f"/ibis/rest/task/tasks/{task}?path=@locked&value=jdoe", {"authorization": basic("jdoe")}
    )
    assert 'locked="jdoe"' in locked.text
    view = await world.engine.ask(TaskByUid(undashed(task) or ""), world.system)
    seen = (await world.call("GET", f"/v2/user-tasks/{view.task.key}", {"authorization": basic("demo")})).json()
    assert seen["assignee"] == "jdoe"


async def test_a_task_of_no_activity_with_assignees_may_be_passed_on_to_everybody(world: World) -> None:
    made = await world.engine.execute(CreateTask("Read", assignee="jdoe"), world.system)
    target = f"/ibis/rest/task/delegation/{dashed(made.tasks[0].uid)}"
    jdoe = {"authorization": basic("jdoe")}
    offered = (await world.call("GET", f"{target}?user=jdoe", jdoe)).text
    assert re.findall(r'<orgRole name="([^"]*)"', offered) == [
        *("Corporate/Legal", "Employees", "HR_Sachbearbeiter", "Managers"),
    ]
    people = re.findall(r'<orgPerson name="([^"]*)"', offered)
    assert people == sorted(people)
    assert "mary" in people
    assert "jdoe" not in people, "they have it already"
    assert "svacation" not in people, "who is not there does not get it"
    path = re.findall(r'<orgPerson name="mary" path="([^"]*)"', offered)[0]
    assert (await world.call("PUT", f"{target}?user=jdoe&path={path}", jdoe)).status == 204
    assert (
        'user="mary" total="1"'
        in (await world.call("GET", "/ibis/rest/task/tasks", {"authorization": basic("mary")})).text
    )


async def test_a_token_that_was_made_by_hand_opens_the_door(world: World) -> None:
    user = await world.engine.ask(UserByName("jdoe"), world.system)
    issue = IssueCredential(CredentialKind.ACCESS, user.key, 60_000, client_id=STATIC)
    token = (await world.engine.execute(issue, world.system.speaking("inubit"))).text
    frontend = {"x-auth-token": f"Bearer {token}"}
    assert 'user="jdoe"' in (await world.call("GET", "/ibis/rest/task/tasks", frontend)).text
    wrong = {**frontend, "authorization": basic("jdoe", "wrong")}
    assert (await world.call("GET", "/ibis/rest/task/tasks", wrong)).status == 401, "credentials go first"
    other = await world.token("jdoe")
    of_a_client = {"x-auth-token": other["authorization"]}
    assert (await world.call("GET", "/ibis/rest/task/tasks", of_a_client)).status == 401, "one for ProcessMaker"

"""The old Tasklist API, up to 8.9. Source: dossier camunda.md, section 5.3.

It works on all tasks, though the real product refuses Camunda user tasks to programs: old clients are why it is here.
"""

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.responses import Response

from adapters.camunda import errors
from adapters.camunda.calls import DEFAULT_TENANT, Call, Endpoints, reply
from adapters.camunda.errors import Problem
from adapters.camunda.forms import embedded_form, form_of
from adapters.common.http import Raw
from core.instance.fields import VariableWhere
from core.instance.queries import ScopesOf, SearchVariables, VariableByKey, VariableView
from core.process.queries import DefinitionByKey, LatestResources
from core.rejections import Conflict, NotFound
from core.search.query import PageRequest, Sort, Where
from core.tables.process import Resource
from core.tables.task import Task
from core.task.commands import AssignTask, ClaimTask, CompleteTask, UnassignTask, UpdateTask
from core.task.queries import TaskByKey, TaskView
from core.times import iso_utc
from core.turn.command import Command, Done
from core.types import OPEN_TASK_STATES, ResourceKind, TaskState
from schemas.camunda.tasklist import (
    parse_named_values,
    parse_task_assignment,
    parse_variable_search,
)
from schemas.common.numbers import whole

endpoints = Endpoints()

READ = (200, 401, 403, 404, 405, 406, 500, 503)
COMMAND = (200, 400, 401, 403, 404, 405, 406, 413, 415, 500, 503, 504)
#: characters of a value that is not shown whole
PREVIEW = 8191

STATES = {
    "CREATED": [s.value for s in OPEN_TASK_STATES if s is not TaskState.FAILED],
    **{s.value: [s.value] for s in (TaskState.COMPLETED, TaskState.CANCELED, TaskState.FAILED)},
}
_SHOWN = {state: shown for shown, states in STATES.items() for state in states}
_DRAFTS = "drafts"
JOB_WORKER, USER_TASK = "JOB_WORKER", "ZEEBE_USER_TASK"


def _date(milliseconds: int | None) -> str | None:
    return None if milliseconds is None else iso_utc(milliseconds).replace("Z", "+0000")


def _refused(status: int, message: str) -> Problem:
    return Problem(status, "", message)


def record(view: TaskView, form: Resource | None) -> dict[str, Any]:
    task, definition = view.task, view.known.definition
    return {
        "id": str(task.key),
        "name": task.name,
        "taskDefinitionId": task.element_id,
        "processName": definition.name or definition.process_id,
        "creationDate": _date(task.created_at),
        "completionDate": _date(task.ended_at),
        "assignee": task.assignee,
        "taskState": _SHOWN.get(task.state, task.state),
        "formKey": str(form.key) if form is not None else task.form_reference or None,
        "formId": form.resource_id if form is not None else None,
        "formVersion": form.version if form is not None else None,
        "isFormEmbedded": False if form is not None else True if task.offered else None,
        "processDefinitionKey": str(definition.key),
        "processInstanceKey": str(task.instance_key),
        "tenantId": DEFAULT_TENANT,
        "dueDate": _date(task.due_at),
        "followUpDate": _date(task.follow_up_at),
        "candidateGroups": task.candidate_groups,
        "candidateUsers": task.candidate_users,
        "implementation": JOB_WORKER if task.offered else USER_TASK,
        "priority": task.priority,
    }


async def _view(call: Call) -> TaskView:
    """Raises Problem."""
    id = call.request.path_params["taskId"]
    try:
        view = await call.ask(TaskByKey(whole(id) or 0))
    except NotFound:
        raise _refused(404, f"Task with id {id} was not found") from None
    call.check_task(view)
    return view


async def _shown(call: Call) -> Response:
    view = await _view(call)
    return reply(record(view, await form_of(call, view.task, view.known)))


# Variables


async def variables_of(call: Call, view: TaskView, names: tuple[str, ...]) -> list[VariableView]:
    """What the task sees, each name once, in alphabetical order."""
    scopes = await call.ask(ScopesOf(view.task.element_instance_key)) or (view.task.instance_key,)
    where: list[VariableWhere] = [Where("scope_key", "in", scopes)]
    if names:
        where.append(Where("name", "in", list(names)))
    page = await call.ask(SearchVariables(tuple(where), (Sort("name"),), PageRequest(limit=None, cap=None)))
    innermost: dict[str, VariableView] = {}
    for row in sorted(page.items, key=lambda row: -scopes.index(row.variable.scope_key)):
        innermost[row.variable.name] = row
    return [innermost[name] for name in sorted(innermost)]


def _value(text: str, whole: bool) -> dict[str, Any]:
    cut = len(text) > PREVIEW and not whole
    return {"value": None if cut else text, "isValueTruncated": cut, "previewValue": text[:PREVIEW]}


def variable_record(row: VariableView, whole: bool) -> dict[str, Any]:
    return {"id": str(row.variable.key), "name": row.variable.name, **_value(row.variable.value, whole)}


def _drafts(task: Task) -> Mapping[str, str]:
    drafts: Mapping[str, str] = task.ext.get("camunda", {}).get(_DRAFTS, {})
    return drafts


@endpoints("searchTasklistVariables", "POST", "/tasks/{taskId}/variables/search", (*READ, 400, 413, 415), prefix="/v1")
async def variables(call: Call) -> Response:
    """Also what was only drafted."""
    names, included = parse_variable_search(await call.body())
    view = await _view(call)
    whole = {i.name for i in included if i.whole}
    drafts = {name: text for name, text in _drafts(view.task).items() if not names or name in names}
    by_name = {
        r.variable.name: variable_record(r, r.variable.name in whole) for r in await variables_of(call, view, names)
    }
    for name, text in drafts.items():
        nothing = {"id": f"{view.task.key}-{name}", "name": name, "value": None}
        members = by_name.setdefault(name, {**nothing, "isValueTruncated": False, "previewValue": None})
        members["draft"] = _value(text, name in whole)
    return reply([by_name[name] for name in sorted(by_name)])


def _json(name: str, text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        raise _refused(400, f"The value of variable {name} is not valid JSON") from None


@endpoints("saveTasklistDrafts", "POST", "/tasks/{taskId}/variables", (204, *COMMAND[1:]), prefix="/v1")
async def save_drafts(call: Call) -> Response:
    """In place of those that were there; only whoever has the task may."""
    call.means(errors.UPDATE)
    drafts = parse_named_values(await call.body())
    for name, text in drafts.items():
        _json(name, text)
    view = await _view(call)
    _check_holder(call, view.task)
    await call.do(UpdateTask(view.task.key, ext={"camunda": {_DRAFTS: drafts}}))
    return Raw(204)


@endpoints("getTasklistVariable", "GET", "/variables/{variableId}", READ, prefix="/v1")
async def variable(call: Call) -> Response:
    """By its key, or by task and name if it was only drafted."""
    id = call.request.path_params["variableId"]
    digits, dash, name = id.partition("-")
    absent = _refused(404, f"Variable with id {id} not found.")
    key = whole(digits)
    if key is None:
        raise absent
    try:
        if dash:
            task = await call.ask(TaskByKey(key))
            call.check_task(task)
            text = _drafts(task.task)[name]
            return reply({"id": id, "name": name, "value": None, "draft": {"value": text}, "tenantId": DEFAULT_TENANT})
        row = await call.ask(VariableByKey(key))
    except (NotFound, KeyError):
        raise absent from None
    call.check_reading(("READ_PROCESS_INSTANCE", "PROCESS_DEFINITION"), id=row.instance.known.definition.process_id)
    members = {"id": id, "name": row.variable.name, "value": row.variable.value, "draft": None}
    return reply({**members, "tenantId": DEFAULT_TENANT})


# One task


@endpoints("getTasklistTask", "GET", "/tasks/{taskId}", READ, prefix="/v1")
async def get(call: Call) -> Response:
    return await _shown(call)


def _check_active(task: Task) -> None:
    if task.state != TaskState.CREATED:
        raise _refused(400, "Task is not active")


def _is_program(call: Call) -> bool:
    """Programs act for others; people for themselves."""
    return not call.principal.username or call.principal.via == "none"


def _check_holder(call: Call, task: Task) -> None:
    _check_active(task)
    if _is_program(call):
        return
    if not task.assignee:
        raise _refused(400, '{ "title": "TASK_NOT_ASSIGNED", "detail": "Task is not assigned" }')
    if task.assignee != call.principal.username:
        raise _refused(400, f"Task is not assigned to {call.principal.username}")


async def _do(call: Call, command: Command[Done]) -> Response:
    """The task as it is then; a listener may still hold it."""
    try:
        await call.do(command)
    except Conflict as error:
        raise _refused(400, "Task is already assigned" if error.reason == "claimed" else "Task is not active") from None
    return await _shown(call)


@endpoints("assignTasklistTask", "PATCH", "/tasks/{taskId}/assign", COMMAND, prefix="/v1")
async def assign(call: Call) -> Response:
    call.means(errors.ASSIGN)
    assignee, override = parse_task_assignment(await call.body())
    view = await _view(call)
    me = "" if _is_program(call) else call.principal.username
    if not assignee and not me:
        raise _refused(400, "Assignee must be specified")
    if me and assignee not in ("", me):
        raise _refused(403, "User doesn't have the permission to assign another user to this task")
    _check_active(view.task)
    if override:
        return await _do(call, AssignTask(view.task.key, assignee or me))
    call.means(errors.CLAIM)
    if view.task.assignee is not None:
        raise _refused(400, "Task is already assigned")
    return await _do(call, ClaimTask(view.task.key, assignee or me))


@endpoints("unassignTasklistTask", "PATCH", "/tasks/{taskId}/unassign", COMMAND, prefix="/v1")
async def unassign(call: Call) -> Response:
    call.means(errors.ASSIGN)
    await call.body()
    view = await _view(call)
    _check_active(view.task)
    if view.task.assignee is None:
        raise _refused(400, "Task is not assigned")
    return await _do(call, UnassignTask(view.task.key))


@endpoints("completeTasklistTask", "PATCH", "/tasks/{taskId}/complete", COMMAND, prefix="/v1")
async def complete(call: Call) -> Response:
    call.means(errors.COMPLETE)
    values = {name: _json(name, text) for name, text in parse_named_values(await call.body()).items()}
    view = await _view(call)
    _check_holder(call, view.task)
    return await _do(call, CompleteTask(view.task.key, values))


@endpoints("getTasklistForm", "GET", "/forms/{formId}", (*READ, 400), prefix="/v1")
async def form(call: Call) -> Response:
    """A form inside of a process, or beside it: then the newest version, or the one that is asked for."""
    form_id, query = call.request.path_params["formId"], call.request.query_params
    key, version = query.get("processDefinitionKey", ""), query.get("version", "")
    if not key:
        raise _refused(400, "Required request parameter 'processDefinitionKey' is not present")
    absent = _refused(404, f"Form with id {form_id} was not found")
    number = whole(key)
    if number is None:
        raise absent
    try:
        known = await call.ask(DefinitionByKey(number))
    except NotFound:
        raise absent from None
    call.check_reading(("READ_PROCESS_DEFINITION", "PROCESS_DEFINITION"), id=known.definition.process_id)
    inside = None if version else await embedded_form(call, known.definition, form_id)
    if inside is not None:
        return _form(form_id, key, inside, None)
    row = (await call.ask(LatestResources(ResourceKind.FORM, (form_id,), _version(version)))).get(form_id)
    if row is None:
        raise absent
    return _form(form_id, key, row.content, row.version)


def _form(id: str, definition_key: str, schema: str, version: int | None) -> Response:
    members = {"id": id, "processDefinitionKey": definition_key, "title": None, "schema": schema, "version": version}
    return reply({**members, "tenantId": DEFAULT_TENANT, "isDeleted": False})


def _version(text: str) -> int:
    number = whole(text, 9) if text else 0
    if number is None:
        raise _refused(400, f"Version '{text}' is not a number")
    return number

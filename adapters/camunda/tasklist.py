"""The old Tasklist API, up to 8.9. Source: dossier camunda.md, section 5.3.

It works on all tasks, though the real product refuses Camunda user tasks to programs: old clients are why it is here.
"""

from typing import Any

import orjson
from starlette.responses import Response

from adapters.camunda import errors
from adapters.camunda.calls import DEFAULT_TENANT, Call, Endpoints, reply
from adapters.camunda.errors import Problem
from adapters.common.http import Raw
from core import commands as c
from core.engine.search import edge_value
from core.queries import (
    DefinitionByKey,
    LatestResources,
    PageRequest,
    ScopesOf,
    SearchTasks,
    SearchVariables,
    Sort,
    TaskByKey,
    TaskView,
    VariableByKey,
    VariableView,
    Where,
)
from core.rejections import Conflict, NotFound
from core.storage.records import Resource, Task
from core.times import iso_utc, parse_timestamp
from core.types import OPEN_TASK_STATES, ResourceKind, TaskState
from schemas.camunda.body import BadRequest
from schemas.camunda.tasklist import (
    Included,
    Order,
    TaskSearch,
    parse_named_values,
    parse_task_assignment,
    parse_task_search,
    parse_variable_search,
)

endpoints = Endpoints()

READ = (200, 400, 401, 403, 404, 405, 500, 503)
COMMAND = (200, 400, 401, 403, 404, 405, 413, 415, 500, 503, 504)
#: characters of a value that is not shown whole
PREVIEW = 8191

_STATES = {
    "CREATED": [s.value for s in OPEN_TASK_STATES if s is not TaskState.FAILED],
    **{s.value: [s.value] for s in (TaskState.COMPLETED, TaskState.CANCELED, TaskState.FAILED)},
}
_SHOWN = {state: shown for shown, states in _STATES.items() for state in states}
_FIELDS = {
    "assignee": "assignee",
    "taskDefinitionId": "element_id",
    "candidateGroup": "candidate_group",
    "candidateUser": "candidate_user",
    "assignees": "assignee",
    "candidateGroups": "candidate_group",
    "candidateUsers": "candidate_user",
    "followUpDate": "follow_up_at",
    "dueDate": "due_at",
    "completionTime": "ended_at",
    "creationTime": "created_at",
    "name": "name",
    "priority": "priority",
}
_DRAFTS = "drafts"


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
        "isFormEmbedded": False if form is not None else None,
        "processDefinitionKey": str(definition.key),
        "processInstanceKey": str(task.instance_key),
        "tenantId": DEFAULT_TENANT,
        "dueDate": _date(task.due_at),
        "followUpDate": _date(task.follow_up_at),
        "candidateGroups": orjson.loads(task.candidate_groups),
        "candidateUsers": orjson.loads(task.candidate_users),
        "implementation": "ZEEBE_USER_TASK",
        "priority": task.priority,
    }


async def _forms(call: Call, views: tuple[TaskView, ...]) -> dict[str, Resource]:
    ids = tuple({view.task.form_id for view in views if view.task.form_id})
    return dict(await call.ask(LatestResources(ResourceKind.FORM, ids))) if ids else {}


async def _view(call: Call) -> TaskView:
    """Raises Problem."""
    id = call.request.path_params["taskId"]
    try:
        view = await call.ask(TaskByKey(int(id) if id.isdecimal() and len(id) < 19 else 0))
    except NotFound:
        raise _refused(404, f"Task with id {id} was not found") from None
    call.check_task(view)
    return view


async def _shown(call: Call) -> Response:
    view = await _view(call)
    forms = await _forms(call, (view,))
    return reply(record(view, forms.get(view.task.form_id)))


# Search


def _where(wanted: TaskSearch) -> list[Where]:
    """Raises BadRequest."""
    found: list[Where] = []
    for name, value in wanted.texts.items():
        if name == "state":
            found.append(Where("state", "in", _STATES.get(value, [])))
        elif name in ("processDefinitionKey", "processInstanceKey"):
            field = "definition_key" if name == "processDefinitionKey" else "instance_key"
            found.append(Where(field, "eq", int(value) if value.isdecimal() and len(value) < 19 else 0))
        elif name == "implementation":
            found += [] if value == "ZEEBE_USER_TASK" else [Where("key", "eq", 0)]
        else:
            found.append(Where(_FIELDS[name], "eq", value))
    for name, values in wanted.lists.items():
        if name == "tenantIds":
            found += [] if DEFAULT_TENANT in values or not values else [Where("key", "eq", 0)]
        else:
            found.append(Where(_FIELDS[name], "in", list(values)))
    if wanted.assigned is not None:
        found.append(Where("assignee", "exists", wanted.assigned))
    for (name, bound), text in wanted.ranges.items():
        try:
            found.append(Where(_FIELDS[name], "gte" if bound == "from" else "lte", parse_timestamp(text)))
        except ValueError:
            raise BadRequest(f"{name}.{bound} '{text}' is not a date and time") from None
    found += [Where("priority", op, number) for op, number in wanted.priority.items()]
    found += [Where("instance_variable", "eq", pair) for pair in wanted.variables]
    return found


def _cursor(values: tuple[str, ...], sort: tuple[Order, ...], by: int) -> tuple[Any, ...]:
    """The sort values of a task, with its key moved by one where the task itself is wanted, too. Raises BadRequest."""
    if len(values) != len(sort) + 1:
        raise BadRequest("The sort values do not fit the sort of this request")
    try:
        found = [v if order.field == "name" else int(v) for v, order in zip(values, sort, strict=False)]
        return (*found, int(values[-1]) + by)
    except ValueError:
        raise BadRequest("The sort values do not fit the sort of this request") from None


def _page(wanted: TaskSearch, sort: tuple[Order, ...]) -> PageRequest:
    if wanted.anchor is None:
        return PageRequest(wanted.page, counted=False)
    name, values = wanted.anchor
    after, equal = name.startswith("searchAfter"), name.endswith("OrEqual")
    cursor = _cursor(values, sort, (-1 if after else 1) if equal else 0)
    if after:
        return PageRequest(wanted.page, after=cursor, counted=False)
    return PageRequest(wanted.page, before=cursor, counted=False)


def _sort_values(task: Task, sort: tuple[Order, ...]) -> list[str]:
    found = [edge_value(getattr(task, _FIELDS[order.field]), order.descending) for order in sort]
    return [*map(str, found), str(task.key)]


@endpoints("searchTasklistTasks", "POST", "/tasks/search", (200, 400, 401, 405, 413, 415, 500, 503), prefix="/v1")
async def search(call: Call) -> Response:
    """The newest first, unless the request says otherwise."""
    wanted = parse_task_search(await call.body())
    sort = wanted.sort or (Order("creationTime", descending=True),)
    where = (*call.access.tasks(call.principal), *_where(wanted))
    order = tuple(Sort(_FIELDS[o.field], o.descending) for o in sort)
    page = await call.ask(SearchTasks(where, order, _page(wanted, sort)))
    forms = await _forms(call, page.items)
    at_start = wanted.anchor is None or (wanted.anchor[0].startswith("searchBefore") and len(page.items) < wanted.page)
    found = []
    for n, view in enumerate(page.items):
        shown = record(view, forms.get(view.task.form_id))
        shown["sortValues"] = _sort_values(view.task, sort)
        shown["isFirst"] = at_start and n == 0
        shown["variables"] = await _included(call, view, wanted.included) if wanted.included else None
        shown["context"] = None
        found.append(shown)
    return reply(found)


async def _included(call: Call, view: TaskView, wanted: tuple[Included, ...]) -> list[dict[str, Any]]:
    whole = {included.name for included in wanted if included.whole}
    rows = await _variables(call, view, tuple(included.name for included in wanted))
    return [_variable(row, row.variable.name in whole) for row in rows]


# Variables


async def _variables(call: Call, view: TaskView, names: tuple[str, ...]) -> list[VariableView]:
    """What the task sees, each name once, in alphabetical order."""
    scopes = await call.ask(ScopesOf(view.task.element_instance_key)) or (view.task.instance_key,)
    where = [Where("scope_key", "in", scopes)]
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


def _variable(row: VariableView, whole: bool) -> dict[str, Any]:
    return {"id": str(row.variable.key), "name": row.variable.name, **_value(row.variable.value, whole)}


def _drafts(task: Task) -> dict[str, str]:
    drafts: dict[str, str] = orjson.loads(task.ext).get("camunda", {}).get(_DRAFTS, {})
    return drafts


@endpoints("searchTasklistVariables", "POST", "/tasks/{taskId}/variables/search", (*READ, 415), prefix="/v1")
async def variables(call: Call) -> Response:
    """Also what was only drafted."""
    names, included = parse_variable_search(await call.body())
    view = await _view(call)
    whole = {i.name for i in included if i.whole}
    drafts = {name: text for name, text in _drafts(view.task).items() if not names or name in names}
    found = {r.variable.name: _variable(r, r.variable.name in whole) for r in await _variables(call, view, names)}
    for name, text in drafts.items():
        nothing = {"id": f"{view.task.key}-{name}", "name": name, "value": None}
        shown = found.setdefault(name, {**nothing, "isValueTruncated": False, "previewValue": None})
        shown["draft"] = _value(text, name in whole)
    return reply([found[name] for name in sorted(found)])


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
    await call.do(c.UpdateTask(view.task.key, ext={"camunda": {_DRAFTS: drafts}}))
    return Raw(204)


@endpoints("getTasklistVariable", "GET", "/variables/{variableId}", READ, prefix="/v1")
async def variable(call: Call) -> Response:
    """By its key, or by task and name if it was only drafted."""
    id = call.request.path_params["variableId"]
    task_key, dash, name = id.partition("-")
    absent = _refused(404, f"Variable with id {id} not found.")
    if not task_key.isdecimal() or len(task_key) > 18:
        raise absent
    try:
        if dash:
            task = await call.ask(TaskByKey(int(task_key)))
            call.check_task(task)
            text = _drafts(task.task)[name]
            return reply({"id": id, "name": name, "value": None, "draft": {"value": text}, "tenantId": DEFAULT_TENANT})
        row = await call.ask(VariableByKey(int(task_key)))
    except (NotFound, KeyError):
        raise absent from None
    call.check_reading(("READ_PROCESS_INSTANCE", "PROCESS_DEFINITION"), id=row.instance.known.definition.process_id)
    shown = {"id": id, "name": row.variable.name, "value": row.variable.value, "draft": None}
    return reply({**shown, "tenantId": DEFAULT_TENANT})


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
        raise _refused(400, "Task is not assigned")
    if task.assignee != call.principal.username:
        raise _refused(400, f"Task is not assigned to {call.principal.username}")


async def _do(call: Call, command: c.Command[c.Done]) -> Response:
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
        return await _do(call, c.AssignTask(view.task.key, assignee or me))
    call.means(errors.CLAIM)
    if view.task.assignee is not None:
        raise _refused(400, "Task is already assigned")
    return await _do(call, c.ClaimTask(view.task.key, assignee or me))


@endpoints("unassignTasklistTask", "PATCH", "/tasks/{taskId}/unassign", COMMAND, prefix="/v1")
async def unassign(call: Call) -> Response:
    call.means(errors.ASSIGN)
    await call.body()
    view = await _view(call)
    _check_active(view.task)
    if view.task.assignee is None:
        raise _refused(400, "Task is not assigned")
    return await _do(call, c.UnassignTask(view.task.key))


@endpoints("completeTasklistTask", "PATCH", "/tasks/{taskId}/complete", COMMAND, prefix="/v1")
async def complete(call: Call) -> Response:
    call.means(errors.COMPLETE)
    values = {name: _json(name, text) for name, text in parse_named_values(await call.body()).items()}
    view = await _view(call)
    _check_holder(call, view.task)
    return await _do(call, c.CompleteTask(view.task.key, values))


@endpoints("getTasklistForm", "GET", "/forms/{formId}", READ, prefix="/v1")
async def form(call: Call) -> Response:
    """A form beside a process: the newest version, or the one that is asked for."""
    form_id, query = call.request.path_params["formId"], call.request.query_params
    key, version = query.get("processDefinitionKey", ""), query.get("version", "")
    if not key:
        raise _refused(400, "Required request parameter 'processDefinitionKey' is not present")
    absent = _refused(404, f"Form with id {form_id} was not found")
    if not key.isdecimal() or len(key) > 18:
        raise absent
    try:
        known = await call.ask(DefinitionByKey(int(key)))
    except NotFound:
        raise absent from None
    call.check_reading(("READ_PROCESS_DEFINITION", "PROCESS_DEFINITION"), id=known.definition.process_id)
    row = (await call.ask(LatestResources(ResourceKind.FORM, (form_id,), _version(version)))).get(form_id)
    if row is None:
        raise absent
    return reply(
        {
            "id": form_id,
            "processDefinitionKey": key,
            "title": None,
            "schema": row.content,
            "version": row.version,
            "tenantId": DEFAULT_TENANT,
            "isDeleted": False,
        }
    )


def _version(text: str) -> int:
    if text and not (text.isdecimal() and len(text) < 10):
        raise _refused(400, f"Version '{text}' is not a number")
    return int(text or 0)

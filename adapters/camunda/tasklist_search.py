"""Searching tasks with the old Tasklist API. Source: dossier camunda.md, section 5.3."""

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

from adapters.camunda.calls import DEFAULT_TENANT, Call, Endpoints, reply_rows
from adapters.camunda.forms import forms_of
from adapters.camunda.searching import OPERATORS
from adapters.camunda.tasklist import JOB_WORKER, STATES, USER_TASK, record, variable_record, variables_of
from adapters.common.slices import Rows
from core.search.query import FIRST, LAST, PageRequest, Sort, Where, edge_value
from core.tables.task import Task
from core.task.fields import TaskColumn, TaskField, TaskWhere
from core.task.queries import SearchTasks, TaskView
from core.times import parse_timestamp
from schemas.camunda.body import BadRequest
from schemas.camunda.tasklist import Included, Order, TaskSearch, parse_task_search
from schemas.common.numbers import whole, within

endpoints = Endpoints()

_COLUMNS: Mapping[str, TaskColumn] = {
    "followUpDate": "follow_up_at",
    "dueDate": "due_at",
    "completionTime": "ended_at",
    "creationTime": "created_at",
    "name": "name",
    "priority": "priority",
}
_FIELDS: Mapping[str, TaskField] = {
    **_COLUMNS,
    "assignee": "assignee",
    "taskDefinitionId": "element_id",
    "candidateGroup": "candidate_group",
    "candidateUser": "candidate_user",
    "assignees": "assignee",
    "candidateGroups": "candidate_group",
    "candidateUsers": "candidate_user",
}


def _where(wanted: TaskSearch) -> list[TaskWhere]:
    """Raises BadRequest."""
    conditions: list[TaskWhere] = []
    for name, value in wanted.texts.items():
        if name == "state":
            conditions.append(Where("state", "in", STATES.get(value, [])))
        elif name in ("processDefinitionKey", "processInstanceKey"):
            field: TaskField = "definition_key" if name == "processDefinitionKey" else "instance_key"
            conditions.append(Where(field, "eq", whole(value) or 0))
        elif name == "implementation":
            known = value in (JOB_WORKER, USER_TASK)
            conditions.append(Where("offered", "eq", int(value == JOB_WORKER)) if known else Where("key", "eq", 0))
        else:
            conditions.append(Where(_FIELDS[name], "eq", value))
    for name, values in wanted.lists.items():
        if name == "tenantIds":
            conditions += [] if DEFAULT_TENANT in values or not values else [Where("key", "eq", 0)]
        else:
            conditions.append(Where(_FIELDS[name], "in", list(values)))
    if wanted.assigned is not None:
        conditions.append(Where("assignee", "exists", wanted.assigned))
    for (name, bound), text in wanted.ranges.items():
        try:
            conditions.append(Where(_FIELDS[name], "gte" if bound == "from" else "lte", parse_timestamp(text)))
        except ValueError:
            raise BadRequest(f"{name}.{bound} '{text}' is not a date and time") from None
    conditions += [Where("priority", OPERATORS[op], number) for op, number in wanted.priority.items()]
    conditions += [Where("instance_variable", "eq", pair) for pair in wanted.variables]
    return conditions


def _cursor(values: tuple[str, ...], sort: tuple[Order, ...], by: int) -> tuple[Any, ...]:
    """The sort values of a task, with its key moved by one where the task itself is wanted, too. Raises BadRequest."""
    if len(values) != len(sort) + 1:
        raise BadRequest("The sort values do not fit the sort of this request")
    values_of_task = [
        v if order.field == "name" else within(v, FIRST, LAST) for v, order in zip(values, sort, strict=False)
    ]
    key = within(values[-1], FIRST, LAST)
    if key is None or None in values_of_task:
        raise BadRequest("The sort values do not fit the sort of this request")
    return (*values_of_task, key + by)


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
    edges = [edge_value(getattr(task, _COLUMNS[order.field]), order.descending) for order in sort]
    return [*map(str, edges), str(task.key)]


@endpoints("searchTasklistTasks", "POST", "/tasks/search", (200, 400, 401, 405, 406, 413, 415, 500, 503), prefix="/v1")
async def search(call: Call) -> Response:
    """The newest first, unless the request says otherwise."""
    wanted = parse_task_search(await call.body())
    sort = wanted.sort or (Order("creationTime", descending=True),)
    where = (*call.access.tasks(call.principal), *_where(wanted))
    order = tuple(Sort(_COLUMNS[o.field], o.descending) for o in sort)
    page = await call.ask(SearchTasks(where, order, _page(wanted, sort)))
    known = await forms_of(call, page.items)
    at_start = wanted.anchor is None or (wanted.anchor[0].startswith("searchBefore") and len(page.items) < wanted.page)

    async def rows(views: Sequence[TaskView]) -> list[dict[str, Any]]:
        records = []
        for view in views:
            members = record(view, known.get(view.task.key))
            members["sortValues"] = _sort_values(view.task, sort)
            members["isFirst"] = at_start and view is page.items[0]
            members["variables"] = await _included(call, view, wanted.included) if wanted.included else None
            members["context"] = None
            records.append(members)
        return records

    return await reply_rows(Rows(page.items, rows))


async def _included(call: Call, view: TaskView, wanted: tuple[Included, ...]) -> list[dict[str, Any]]:
    whole = {included.name for included in wanted if included.whole}
    rows = await variables_of(call, view, tuple(included.name for included in wanted))
    return [variable_record(row, row.variable.name in whole) for row in rows]

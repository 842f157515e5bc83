"""Variables, by themselves and as a user task sees them. Source: dossier camunda.md, sections 2.10, 2.11 and 3.8."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from adapters.camunda.access import READ_INSTANCE
from adapters.camunda.calls import DEFAULT_TENANT, READ, SEARCH, SEARCH_IN, Call, Endpoints, reply
from adapters.camunda.process_instances import root_key
from adapters.camunda.searching import TENANT, Always, Plain, Searchable, found, page_of
from core.instance.fields import VariableField, VariableWhere
from core.instance.queries import ScopesOf, SearchVariables, VariableByKey, VariableView
from core.search.query import Page, PageRequest, Where
from schemas.camunda.body import BadRequest
from schemas.camunda.search import KEY, STRING, Member

endpoints = Endpoints()

#: characters of a value that a search shows; the vendor's own limit is about this
SHOWN = 8191

_TEXT, _KEYS = Member("text", STRING), Member("key", KEY)
_SORT: Mapping[str, VariableField | None] = {
    "value": "value",
    "name": "name",
    "tenantId": None,
    "variableKey": "key",
    "scopeKey": "scope_key",
    "processInstanceKey": "instance_key",
}
VARIABLES: Plain[VariableField] = Searchable(
    {
        "name": (_TEXT, "name"),
        "value": (_TEXT, "value"),
        "tenantId": TENANT,
        "isTruncated": (Member("boolean"), Always(False)),
        "variableKey": (_KEYS, "key"),
        "scopeKey": (_KEYS, "scope_key"),
        "processInstanceKey": (_KEYS, "instance_key"),
    },
    _SORT,
)
OF_TASK: Plain[VariableField] = Searchable({"name": (_TEXT, "name")}, _SORT)


def record(view: VariableView, call: Call) -> dict[str, Any]:
    row = view.variable
    members = {
        "name": row.name,
        "value": row.value,
        "tenantId": DEFAULT_TENANT,
        "variableKey": str(row.key),
        "scopeKey": str(row.scope_key),
        "processInstanceKey": str(row.instance_key),
    }
    return {**members, "rootProcessInstanceKey": root_key(view.instance.instance)} if call.profile.has_root else members


def item(view: VariableView, call: Call, *, truncate: bool) -> dict[str, Any]:
    value = view.variable.value
    cut = truncate and len(value) > SHOWN
    value = value[:SHOWN] if cut else value
    return {**record(view, call), "value": value, "isTruncated": cut}


def _truncate(call: Call) -> bool:
    text = call.request.query_params.get("truncateValues", "true").lower()
    if text not in ("true", "false"):
        raise BadRequest(f"Failed to convert 'truncateValues' with value: '{text}'")
    return text == "true"


@endpoints("searchVariables", "POST", "/variables/search", SEARCH)
async def search(call: Call) -> Response:
    truncate = _truncate(call)
    wanted = await VARIABLES.read(call)
    readable: tuple[VariableWhere, ...] = call.access.where(READ_INSTANCE, "process_id")
    where = (*readable, *VARIABLES.where(wanted))
    page = await call.ask(SearchVariables(where, VARIABLES.order(wanted), page_of(wanted.page)))
    return await found(page, lambda view: item(view, call, truncate=truncate))


@endpoints("getVariable", "GET", "/variables/{variableKey}", READ)
async def get(call: Call) -> Response:
    view = await call.ask(VariableByKey(call.key("variableKey")))
    call.check_reading(READ_INSTANCE, id=view.instance.known.definition.process_id)
    return reply(record(view, call))


async def _scopes(call: Call) -> tuple[int, ...]:
    """What a task sees, from its own element outwards."""
    task = (await call.user_task(call.key("userTaskKey"))).task
    return await call.ask(ScopesOf(task.element_instance_key)) or (task.instance_key,)


@endpoints("searchUserTaskVariables", "POST", "/user-tasks/{userTaskKey}/variables/search", SEARCH_IN)
async def of_task(call: Call) -> Response:
    call.key("userTaskKey")
    truncate = _truncate(call)
    wanted = await OF_TASK.read(call)
    seen: VariableWhere = Where("scope_key", "in", await _scopes(call))
    page = await call.ask(SearchVariables((seen, *OF_TASK.where(wanted)), OF_TASK.order(wanted), page_of(wanted.page)))
    return await found(page, lambda view: item(view, call, truncate=truncate))


@endpoints(
    "searchUserTaskEffectiveVariables", "POST", "/user-tasks/{userTaskKey}/effective-variables/search", SEARCH_IN
)
async def effective(call: Call) -> Response:
    """Each name once, as the innermost scope has it. There are as many as a task sees, so they are cut here."""
    call.key("userTaskKey")
    truncate = _truncate(call)
    wanted = await OF_TASK.read(call)
    if wanted.page.after is not None or wanted.page.before is not None:
        name = "after" if wanted.page.after is not None else "before"
        raise BadRequest(f"Request property [page.{name}] cannot be parsed")
    scopes = await _scopes(call)
    seen: VariableWhere = Where("scope_key", "in", scopes)
    where = (seen, *OF_TASK.where(wanted))
    rows = await call.ask(SearchVariables(where, OF_TASK.order(wanted), PageRequest(limit=None, cap=None)))
    innermost: dict[str, VariableView] = {}
    for view in sorted(rows.items, key=lambda view: -scopes.index(view.variable.scope_key)):
        innermost[view.variable.name] = view
    visible = tuple(view for view in rows.items if innermost[view.variable.name] is view)
    start, limit = wanted.page.start, wanted.page.limit
    cut = visible[start : start + limit]
    edges = ((cut[0].variable.key,), (cut[-1].variable.key,)) if cut else (None, None)
    page = Page(cut, len(visible), False, *edges)
    return await found(page, lambda view: item(view, call, truncate=truncate))

"""Element instances and the variables of their scopes. Source: dossier camunda.md, section 3.9."""

from typing import Any, Literal

from starlette.responses import Response

from adapters.camunda import errors
from adapters.camunda.access import READ_INSTANCE
from adapters.camunda.calls import COMMAND, DEFAULT_TENANT, READ, SEARCH, Call, Endpoints, reply
from adapters.camunda.errors import Problem
from adapters.camunda.process_instances import TYPES, root_key
from adapters.camunda.searching import TENANT, Flag, Searchable, found, page_of
from adapters.common.http import Raw
from core.instance.commands import SetVariables
from core.instance.fields import ElementField, ElementWhere
from core.instance.queries import ElementByKey, ElementView, SearchElements
from core.rejections import NotFound, WrongState
from core.search.query import Is, Isnt
from core.times import iso_utc
from core.types import ElementState
from schemas.camunda.body import InvalidArgument, boolean, closed, integer, required_object, variables_of
from schemas.camunda.search import ENUM, ORDERED, Member

endpoints = Endpoints()

_TEXT, _KEY, _DATE = Member("text"), Member("key"), Member("date", ORDERED)

_Standing = Is[Literal["standing"]] | Isnt[Literal["standing"]]
_STANDING: Flag[_Standing] = Flag(Is("standing"), Isnt("standing"))

ELEMENTS: Searchable[ElementField, ElementField, _Standing] = Searchable(
    {
        "processDefinitionId": (_TEXT, "process_id"),
        "state": (Member("enum", ENUM, tuple(s.value for s in ElementState)), "state"),
        "type": (Member("enum", (), TYPES), "kind"),
        "elementId": (_TEXT, "element_id"),
        "elementName": (_TEXT, "name"),
        "hasIncident": (Member("boolean"), _STANDING),
        "tenantId": (_TEXT, TENANT[1]),
        "elementInstanceKey": (_KEY, "key"),
        "processInstanceKey": (_KEY, "instance_key"),
        "processDefinitionKey": (_KEY, "definition_key"),
        "incidentKey": (_KEY, "incident_key"),
        "elementInstanceScopeKey": (_KEY, "scope_key"),
        "startDate": (_DATE, "created_at"),
        "endDate": (_DATE, "ended_at"),
    },
    {
        "elementInstanceKey": "key",
        "processInstanceKey": "instance_key",
        "processDefinitionKey": "definition_key",
        "processDefinitionId": "process_id",
        "startDate": "created_at",
        "endDate": "ended_at",
        "elementId": "element_id",
        "elementName": "name",
        "type": "kind",
        "state": "state",
        "incidentKey": "incident_key",
        "tenantId": None,
    },
)


def record(view: ElementView, call: Call) -> dict[str, Any]:
    element, definition = view.element, view.instance.known.definition
    members = {
        "processDefinitionId": definition.process_id,
        "startDate": iso_utc(element.created_at),
        "endDate": iso_utc(element.ended_at) if element.ended_at is not None else None,
        "elementId": element.element_id,
        "elementName": element.name or element.element_id,
        "type": element.kind,
        "state": element.state,
        "hasIncident": view.has_incident,
        "tenantId": DEFAULT_TENANT,
        "elementInstanceKey": str(element.key),
        "processInstanceKey": str(element.instance_key),
        "processDefinitionKey": str(definition.key),
        "incidentKey": str(view.incident_key) if view.incident_key else None,
    }
    return {**members, "rootProcessInstanceKey": root_key(view.instance.instance)} if call.profile.has_root else members


@endpoints("searchElementInstances", "POST", "/element-instances/search", SEARCH)
async def search(call: Call) -> Response:
    wanted = await ELEMENTS.read(call)
    readable: tuple[ElementWhere, ...] = call.access.where(READ_INSTANCE, "process_id")
    where = (*readable, *ELEMENTS.where(wanted))
    page = await call.ask(SearchElements(where, ELEMENTS.order(wanted), page_of(wanted.page)))
    return await found(page, lambda view: record(view, call))


@endpoints("getElementInstance", "GET", "/element-instances/{elementInstanceKey}", READ)
async def get(call: Call) -> Response:
    view = await call.ask(ElementByKey(call.key("elementInstanceKey")))
    call.check_reading(READ_INSTANCE, id=view.instance.known.definition.process_id)
    return reply(record(view, call))


def _parse(body: bytes) -> tuple[dict[str, Any], bool]:
    value = required_object(body)
    closed(value, ("variables", "local", "operationReference"))
    variables, local = variables_of(value, body), boolean(value, "local", False)
    integer(value, "operationReference")
    if value.get("variables") is None:
        raise InvalidArgument("No variables provided.")
    return variables, local


@endpoints("createElementInstanceVariables", "PUT", "/element-instances/{elementInstanceKey}/variables", COMMAND)
async def set_variables(call: Call) -> Response:
    call.means(errors.SET_VARIABLES)
    key = call.key("elementInstanceKey")
    variables, local = _parse(await call.body())
    try:
        view = await call.ask(ElementByKey(key))
        if view.element.state != ElementState.ACTIVE:
            raise NotFound("element", key)
        scope = key if key != view.element.instance_key else 0
        await call.do(SetVariables(view.element.instance_key, variables, scope, local))
    except WrongState as error:
        if error.kind != "task":
            raise _no_such(key) from None
        reason = (
            f"Expected to trigger update transition for user task with key '{error.id}', but it is in state "
            f"'{error.state}'"
        )
        detail = f"Command 'UPDATE' rejected with code 'INVALID_STATE': {reason}"
        raise Problem(409, "INVALID_STATE", detail) from None
    except NotFound:
        raise _no_such(key) from None
    return Raw(204)


def _no_such(key: int) -> Problem:
    reason = f"Expected to update variables for element with key '{key}', but no such element was found"
    return Problem(404, "NOT_FOUND", f"Command 'UPDATE' rejected with code 'NOT_FOUND': {reason}")

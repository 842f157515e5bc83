"""Incidents: elements that stand still. Source: the public contract of the API; what refusals say is unverified."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from adapters.camunda import errors
from adapters.camunda.access import READ_INSTANCE
from adapters.camunda.calls import COMMAND, DEFAULT_TENANT, READ, SEARCH, SEARCH_IN, Call, Endpoints, reply
from adapters.camunda.errors import Problem
from adapters.camunda.searching import TENANT, Means, Plain, Searchable, found, page_of
from adapters.common.http import Raw
from core.incident.commands import ResolveIncident, ResolveIncidents
from core.incident.fields import IncidentField, IncidentWhere
from core.incident.queries import IncidentByKey, IncidentView, SearchIncidents
from core.instance.queries import ElementByKey, InstanceByKey, InstanceView
from core.rejections import NotFound, WrongState
from core.search.query import Where
from core.times import iso_utc
from core.types import IncidentState, Trouble
from schemas.camunda.process_instance import parse_cancellation
from schemas.camunda.search import ENUM, KEY, ORDERED, STRING, Member

endpoints = Endpoints()

_TEXT, _KEYS = Member("text", STRING), Member("key", KEY)
ERRORS: Mapping[str, str] = {
    Trouble.VALUE: "EXTRACT_VALUE_ERROR",
    Trouble.CONDITION: "CONDITION_ERROR",
    Trouble.MAPPING: "IO_MAPPING_ERROR",
    Trouble.CALL: "CALLED_ELEMENT_ERROR",
    Trouble.JOB: "JOB_NO_RETRIES",
    Trouble.AD_HOC_JOB: "AD_HOC_SUB_PROCESS_NO_RETRIES",
    Trouble.LISTENER: "EXECUTION_LISTENER_NO_RETRIES",
    Trouble.TASK_LISTENER: "TASK_LISTENER_NO_RETRIES",
    Trouble.ERROR: "UNHANDLED_ERROR_EVENT",
    Trouble.DECISION: "DECISION_EVALUATION_ERROR",
    Trouble.DECISION_CALL: "CALLED_DECISION_ERROR",
    Trouble.EFFORT: "UNKNOWN",
}
_OTHERS = (
    *("UNSPECIFIED", "MESSAGE_SIZE_EXCEEDED"),
    *("FORM_NOT_FOUND", "RESOURCE_NOT_FOUND"),
)
_BY_ERROR = {**{shown: (trouble,) for trouble, shown in ERRORS.items()}, **dict.fromkeys(_OTHERS, ())}
_STATES = ("ACTIVE", "MIGRATED", "RESOLVED", "PENDING", "UNKNOWN")

#: of a worker who gave none
NO_MESSAGE = "No more retries left."

INCIDENTS: Plain[IncidentField] = Searchable(
    {
        "processDefinitionId": (_TEXT, "process_id"),
        "errorType": (Member("enum", ENUM, tuple(_BY_ERROR)), Means("trouble", _BY_ERROR)),
        "errorMessage": (_TEXT, "message"),
        "elementId": (_TEXT, "element_id"),
        "creationTime": (Member("date", ORDERED), "created_at"),
        "state": (
            Member("enum", ENUM, _STATES),
            Means("state", {s: (s,) if s in list(IncidentState) else () for s in _STATES}),
        ),
        "tenantId": TENANT,
        "incidentKey": (_KEYS, "key"),
        "processDefinitionKey": (_KEYS, "definition_key"),
        "processInstanceKey": (_KEYS, "instance_key"),
        "elementInstanceKey": (_KEYS, "element_instance_key"),
        "jobKey": (_KEYS, "job_key"),
    },
    {
        "incidentKey": "key",
        "processDefinitionKey": "definition_key",
        "processDefinitionId": "process_id",
        "processInstanceKey": "instance_key",
        "errorType": "trouble",
        "errorMessage": "message",
        "elementId": "element_id",
        "elementInstanceKey": "element_instance_key",
        "creationTime": "created_at",
        "state": "state",
        "jobKey": "job_key",
        "tenantId": None,
    },
)


def record(view: IncidentView, call: Call) -> dict[str, Any]:
    incident = view.incident
    members: dict[str, Any] = {
        "processDefinitionId": view.known.definition.process_id,
        "errorType": ERRORS[incident.trouble],
        "errorMessage": incident.message or NO_MESSAGE,
        "elementId": incident.element_id,
        "creationTime": iso_utc(incident.created_at),
        "state": incident.state,
        "tenantId": DEFAULT_TENANT,
        "incidentKey": str(incident.key),
        "processDefinitionKey": str(incident.definition_key),
        "processInstanceKey": str(incident.instance_key),
        "elementInstanceKey": str(incident.element_instance_key),
        "jobKey": str(incident.job_key) if incident.job_key else None,
    }
    return {**members, "rootProcessInstanceKey": str(incident.root_key)} if call.profile.has_root else members


async def _search(call: Call, *within: IncidentWhere) -> Response:
    wanted = await INCIDENTS.read(call)
    readable: tuple[IncidentWhere, ...] = call.access.where(READ_INSTANCE, "process_id")
    where = (*readable, *within, *INCIDENTS.where(wanted))
    page = await call.ask(SearchIncidents(where, INCIDENTS.order(wanted), page_of(wanted.page)))
    return await found(page, lambda view: record(view, call))


def _within(view: InstanceView, key: int) -> tuple[IncidentWhere, ...]:
    """At what has this key, inside of it, and in what it called."""
    root = view.instance.root_key or view.instance.key
    return Where("root_key", "eq", root), Where("path", "like", f"*/{key}/*")


@endpoints("searchIncidents", "POST", "/incidents/search", SEARCH, source="documented")
async def search(call: Call) -> Response:
    return await _search(call)


@endpoints(
    "searchProcessInstanceIncidents",
    "POST",
    "/process-instances/{processInstanceKey}/incidents/search",
    SEARCH_IN,
    source="documented",
)
async def search_of_instance(call: Call) -> Response:
    view = await call.ask(InstanceByKey(call.key("processInstanceKey")))
    call.check_reading(READ_INSTANCE, id=view.known.definition.process_id)
    return await _search(call, *_within(view, view.instance.key))


@endpoints(
    "searchElementInstanceIncidents",
    "POST",
    "/element-instances/{elementInstanceKey}/incidents/search",
    SEARCH_IN,
    source="documented",
)
async def search_of_element(call: Call) -> Response:
    view = await call.ask(ElementByKey(call.key("elementInstanceKey")))
    call.check_reading(READ_INSTANCE, id=view.instance.known.definition.process_id)
    return await _search(call, *_within(view.instance, view.element.key))


@endpoints("getIncident", "GET", "/incidents/{incidentKey}", READ, source="documented")
async def get(call: Call) -> Response:
    view = await call.ask(IncidentByKey(call.key("incidentKey")))
    call.check_reading(READ_INSTANCE, id=view.known.definition.process_id)
    return reply(record(view, call))


@endpoints("resolveIncident", "POST", "/incidents/{incidentKey}/resolution", COMMAND[:-1], source="documented")
async def resolve(call: Call) -> Response:
    """What failed is done again; a job has to have retries."""
    call.means(errors.RESOLVE)
    key = call.key("incidentKey")
    parse_cancellation(await call.body())
    expected = f"Expected to resolve incident with key '{key}', but"
    try:
        await call.do(ResolveIncident(key))
    except NotFound:
        raise errors.unknown("RESOLVE", f"{expected} no such incident was found") from None
    except WrongState as error:
        reason = f"{expected} job with key '{error.state}' has no retries left"
        raise Problem(409, "INVALID_STATE", f"Command 'RESOLVE' rejected with code 'INVALID_STATE': {reason}") from None
    return Raw(204)


@endpoints(
    "resolveProcessInstanceIncidents",
    "POST",
    "/process-instances/{processInstanceKey}/incident-resolution",
    READ,
    source="documented",
)
async def resolve_all(call: Call) -> Response:
    """All at once, and before it is answered; so there is nothing of it to look at later."""
    call.means(errors.RESOLVE)
    key = call.key("processInstanceKey")
    try:
        batch = await call.do(ResolveIncidents(key))
    except NotFound:
        raise Problem(404, "NOT_FOUND", f"Process Instance with key '{key}' not found") from None
    return reply({"batchOperationKey": str(batch.key), "batchOperationType": "RESOLVE_INCIDENT"})

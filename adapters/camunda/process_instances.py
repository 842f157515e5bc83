"""Process instances. Source: dossier camunda.md, sections 3.5 and 3.6."""

import asyncio
from collections.abc import Mapping
from typing import Any, Literal

from starlette.responses import Response

from adapters.camunda import errors
from adapters.camunda.access import READ_INSTANCE
from adapters.camunda.calls import COMMAND, DEFAULT_TENANT, POLL, READ, SEARCH, Call, Endpoints, check_tenant, reply
from adapters.camunda.errors import Problem, TimedOut
from adapters.camunda.profile import Profile
from adapters.camunda.searching import TENANT, Always, Filter, Flag, Searchable, found, page_of
from adapters.common.http import Raw
from core.clock import SECOND
from core.graph.program import happens
from core.instance.commands import CancelInstance, StartInstance
from core.instance.fields import InstanceColumn, InstanceField, InstanceWhere
from core.instance.queries import InstanceByKey, InstanceView, SearchInstances, Variables
from core.process.queries import DefinitionByKey, DefinitionByVersion
from core.rejections import Conflict, ExecutionFailed, NotFound, WrongState
from core.search.query import Is, Isnt
from core.tables.instance import Instance
from core.times import iso_utc
from core.turn.known import KnownDefinition
from core.types import ElementState, InstanceState
from schemas.camunda.process_instance import Creation, parse_cancellation, parse_creation
from schemas.camunda.search import ENUM, KEY, ORDERED, STRING, Member

endpoints = Endpoints()

_TEXT, _KEYS = Member("text", STRING), Member("key", KEY)
_NUMBER, _DATE = Member("integer", ORDERED), Member("date", ORDERED)
_Standing = Is[Literal["standing"]] | Isnt[Literal["standing"]]
_STANDING: Flag[_Standing] = Flag(Is("standing"), Isnt("standing"))
_INCIDENT: tuple[Member, Flag[_Standing]] = (Member("boolean"), _STANDING)
_STATES = tuple(s.value for s in InstanceState)

_MEMBERS: Filter[InstanceField, _Standing] = {
    "processInstanceKey": (_KEYS, "key"),
    "parentProcessInstanceKey": (_KEYS, "parent_key"),
    "parentElementInstanceKey": (_KEYS, "parent_element_key"),
    "processDefinitionKey": (_KEYS, "definition_key"),
    "processDefinitionId": (_TEXT, "process_id"),
    "processDefinitionName": (_TEXT, "definition_name"),
    "processDefinitionVersionTag": (_TEXT, "version_tag"),
    "processDefinitionVersion": (_NUMBER, "version"),
    "tenantId": TENANT,
    "errorMessage": (_TEXT, "error"),
    "elementId": (_TEXT, "element_id"),
    "batchOperationId": (_TEXT, Always(None)),
    "batchOperationKey": (_TEXT, Always(None)),
    "incidentErrorHashCode": (_NUMBER, Always(None)),
    "startDate": (_DATE, "created_at"),
    "endDate": (_DATE, "ended_at"),
    "state": (Member("enum", ENUM, _STATES), "state"),
    "elementInstanceState": (Member("enum", ENUM, tuple(s.value for s in ElementState)), "element_state"),
    "hasIncident": _INCIDENT,
    "hasRetriesLeft": (Member("boolean"), Always(False)),
    "hasElementInstanceIncident": _INCIDENT,
    "tags": (Member("tags"), "tags"),
    "variables": (Member("variables"), "variable"),
}
_SORT: Mapping[str, InstanceColumn | None] = {
    "processInstanceKey": "key",
    "processDefinitionId": "process_id",
    "processDefinitionName": "definition_name",
    "processDefinitionVersion": "version",
    "processDefinitionVersionTag": "version_tag",
    "processDefinitionKey": "definition_key",
    "parentProcessInstanceKey": "parent_key",
    "parentElementInstanceKey": "parent_element_key",
    "startDate": "created_at",
    "endDate": "ended_at",
    "state": "state",
    "hasIncident": None,
    "tenantId": None,
}
INSTANCES: Searchable[InstanceField, InstanceColumn, _Standing] = Searchable(
    {**_MEMBERS, "businessId": (_TEXT, "business_id")}, {**_SORT, "businessId": "business_id"}, with_or=True
)
_OLDER: Searchable[InstanceField, InstanceColumn, _Standing] = Searchable(_MEMBERS, _SORT, with_or=True)
#: types of elements, and those where a token cannot be put
TYPES = (
    *("UNSPECIFIED", "PROCESS", "SUB_PROCESS", "EVENT_SUB_PROCESS", "AD_HOC_SUB_PROCESS"),
    *("AD_HOC_SUB_PROCESS_INNER_INSTANCE", "START_EVENT", "INTERMEDIATE_CATCH_EVENT", "INTERMEDIATE_THROW_EVENT"),
    *("BOUNDARY_EVENT", "END_EVENT", "SERVICE_TASK", "RECEIVE_TASK", "USER_TASK", "MANUAL_TASK", "TASK"),
    *("EXCLUSIVE_GATEWAY", "INCLUSIVE_GATEWAY", "PARALLEL_GATEWAY", "EVENT_BASED_GATEWAY", "SEQUENCE_FLOW"),
    *("MULTI_INSTANCE_BODY", "CALL_ACTIVITY", "BUSINESS_RULE_TASK", "SCRIPT_TASK", "SEND_TASK", "UNKNOWN"),
)
NO_START = frozenset(("START_EVENT", "BOUNDARY_EVENT", "SEQUENCE_FLOW", "UNSPECIFIED", "UNKNOWN"))


def searchable(profile: Profile) -> Searchable[InstanceField, InstanceColumn, _Standing]:
    return INSTANCES if profile.has_root else _OLDER


def root_key(instance: Instance) -> str:
    """Of the outermost of the instances that called each other."""
    return str(instance.root_key or instance.key)


def record(view: InstanceView, call: Call) -> dict[str, Any]:
    instance, definition = view.instance, view.known.definition
    members = {
        "processDefinitionId": definition.process_id,
        "processDefinitionName": definition.name or None,
        "processDefinitionVersion": definition.version,
        "processDefinitionVersionTag": definition.version_tag or None,
        "startDate": iso_utc(instance.created_at),
        "endDate": iso_utc(instance.ended_at) if instance.ended_at is not None else None,
        "state": instance.state,
        "hasIncident": view.has_incident,
        "tenantId": DEFAULT_TENANT,
        "processInstanceKey": str(instance.key),
        "processDefinitionKey": str(definition.key),
        "parentProcessInstanceKey": str(instance.parent_key) if instance.parent_key else None,
        "parentElementInstanceKey": str(instance.parent_element_key) if instance.parent_element_key else None,
        "tags": instance.tags,
    }
    if call.profile.has_root:
        members["rootProcessInstanceKey"] = root_key(instance)
        members["businessId"] = instance.business_id or None
    if call.profile.has_business_id:
        members["suspendedDate"] = None
    return members


def _not_found(intent: str, reason: str) -> Problem:
    return Problem(404, "NOT_FOUND", f"Command '{intent}' rejected with code 'NOT_FOUND': {reason}")


async def _definition(call: Call, wanted: Creation) -> KnownDefinition:
    expected = "Expected to find process definition with"
    try:
        if wanted.process_key:
            return await call.ask(DefinitionByKey(wanted.process_key))
        return await call.ask(DefinitionByVersion(wanted.process_id, wanted.version))
    except NotFound as error:
        if wanted.process_key:
            reason = f"{expected} key '{wanted.process_key}', but none found"
        elif error.kind == "version":
            reason = f"{expected} process ID '{wanted.process_id}' and version '{wanted.version}', but none found"
        else:
            reason = f"{expected} process ID '{wanted.process_id}', but none found"
        raise _not_found("CREATE", reason) from None


@endpoints(
    "createProcessInstance",
    "POST",
    "/process-instances",
    (200, 400, 401, 403, 404, 405, 406, 409, 413, 415, 500, 503, 504),
)
async def create(call: Call) -> Response:
    """Elements to start at replace the start event."""
    call.means(errors.START)
    wanted = parse_creation(await call.body())
    check_tenant(wanted.tenant, "Create Process Instance")
    known = await _definition(call, wanted)
    call.means(errors.START, known.definition.process_id)
    _check_elements(known, wanted)
    command = StartInstance(
        known.process.key,
        variables=wanted.variables,
        element_ids=wanted.element_ids,
        end_after=wanted.end_after,
        definition_key=known.definition.key,
        tags=wanted.tags,
        business_id=wanted.business_id,
    )
    try:
        started = await call.do(command)
    except (WrongState, NotFound):  # the process went away, or is not active
        key = known.definition.key
        raise _not_found("CREATE", f"Expected to find process definition with key '{key}', but none found") from None
    except ExecutionFailed as error:
        reason = f"Expected to create instance of process, but {error.element_id}: {error.reason}"
        detail = f"Command 'CREATE' rejected with code 'INVALID_STATE': {reason}"
        raise Problem(409, "INVALID_STATE", detail) from None
    if wanted.wait and not started.ended:
        await _wait(call, started.key, wanted.timeout / SECOND or call.timeout)
    members: dict[str, Any] = {
        "processDefinitionId": known.definition.process_id,
        "processDefinitionVersion": known.definition.version,
        "tenantId": DEFAULT_TENANT,
        "variables": await _result(call, started.key, wanted) if wanted.wait else {},
        "processDefinitionKey": str(known.definition.key),
        "processInstanceKey": str(started.key),
        "tags": list(wanted.tags),
    }
    if call.profile.has_root:
        members["businessId"] = wanted.business_id or None
    return reply(members)


def _check_elements(known: KnownDefinition, wanted: Creation) -> None:
    """Raises Problem for elements that an instance cannot start at, or that are not there."""
    if not wanted.element_ids and happens(known.program.starts[""]):
        reason = "Expected to create instance of process with none start event, but there is no such event"
        raise Problem(409, "INVALID_STATE", f"Command 'CREATE' rejected with code 'INVALID_STATE': {reason}")
    flows = {flow.id for flow in known.program.graph.flows} if wanted.element_ids else set[str]()
    for id in (*wanted.element_ids, *wanted.end_after):
        if id not in known.program.elements and id not in flows:
            raise _bad_instruction(f"no element found with id '{id}'.")
    for id in wanted.element_ids:
        kind = "SEQUENCE_FLOW" if id in flows else known.program.elements[id].kind.value
        if kind in NO_START:
            able = ", ".join(type for type in TYPES if type not in NO_START)
            raise _bad_instruction(
                f"the element with id '{id}' targets unsupported element type '{kind}'. "
                f"Supported element types are: [{able}]"
            )


def _bad_instruction(what: str) -> Problem:
    reason = f"Expected to create instance of process with start instructions but {what}"
    return Problem(400, "INVALID_ARGUMENT", f"Command 'CREATE' rejected with code 'INVALID_ARGUMENT': {reason}")


async def _wait(call: Call, key: int, seconds: float) -> None:
    """Until the instance has ended. Raises TimedOut."""
    deadline = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < deadline:
        if (await call.ask(InstanceByKey(key))).instance.state != InstanceState.ACTIVE:
            return
        await asyncio.sleep(POLL)
    raise TimedOut


async def _result(call: Call, key: int, wanted: Creation) -> dict[str, Any]:
    variables = await call.ask(Variables(key))
    return {name: value for name, value in variables.items() if not wanted.fetch or name in wanted.fetch}


@endpoints("cancelProcessInstance", "POST", "/process-instances/{processInstanceKey}/cancellation", COMMAND)
async def cancel(call: Call) -> Response:
    call.means(errors.CANCEL)
    key = call.key("processInstanceKey")
    parse_cancellation(await call.body())
    try:
        await call.do(CancelInstance(key, waits=True))
    except (NotFound, Conflict) as error:
        if isinstance(error, Conflict) and error.reason == "called":
            raise _called(key, error.id) from None
        reason = f"Expected to cancel a process instance with key '{key}', but no such process was found"
        raise _not_found("CANCEL", reason) from None
    return Raw(204)


def _called(key: int, root: str) -> Problem:
    reason = (
        f"Expected to cancel a process instance with key '{key}', but it is created by a parent process instance. "
        f"Cancel the root process instance '{root}' instead."
    )
    return Problem(409, "INVALID_STATE", f"Command 'CANCEL' rejected with code 'INVALID_STATE': {reason}")


@endpoints("getProcessInstance", "GET", "/process-instances/{processInstanceKey}", READ)
async def get(call: Call) -> Response:
    view = await call.ask(InstanceByKey(call.key("processInstanceKey")))
    call.check_reading(READ_INSTANCE, id=view.known.definition.process_id)
    return reply(record(view, call))


@endpoints("searchProcessInstances", "POST", "/process-instances/search", SEARCH)
async def search(call: Call) -> Response:
    instances = searchable(call.profile)
    wanted = await instances.read(call)
    readable: tuple[InstanceWhere, ...] = call.access.where(READ_INSTANCE, "process_id")
    where = (*readable, *instances.where(wanted))
    page = await call.ask(SearchInstances(where, instances.order(wanted), page_of(wanted.page)))
    return await found(page, lambda view: record(view, call))

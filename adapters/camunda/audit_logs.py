"""What was done, by whom, with what result. Source: dossier camunda.md, section 2.12."""

from collections.abc import Mapping
from typing import Any, Never

from starlette.responses import Response

from adapters.camunda.calls import DEFAULT_TENANT, READ, SEARCH, SEARCH_IN, Call, Endpoints, reply
from adapters.camunda.errors import Unreadable
from adapters.camunda.searching import TENANT, Always, Filter, Means, Plain, Searchable, found, page_of
from core.instance.fields import EventField, EventWhere
from core.instance.queries import EventByKey, EventView, SearchEvents
from core.rejections import NotFound
from core.search.query import Where
from core.times import iso_utc
from schemas.camunda.search import ENUM, KEY, ORDERED, STRING, Member

endpoints = Endpoints()

READ_LOG = ("READ", "AUDIT_LOG")
ADMIN, DEPLOYED, TASKS = "ADMIN", "DEPLOYED_RESOURCES", "USER_TASKS"

#: what the engine calls it: (entity type, operation, category)
KINDS: dict[str, tuple[str, str, str]] = {
    **dict.fromkeys(
        ("task.assigned", "task.claimed", "task.transferred", "task.reassigned"), ("USER_TASK", "ASSIGN", TASKS)
    ),
    "task.unassigned": ("USER_TASK", "UNASSIGN", TASKS),
    "task.updated": ("USER_TASK", "UPDATE", TASKS),
    "task.completed": ("USER_TASK", "COMPLETE", TASKS),
    "task.deleted": ("USER_TASK", "CANCEL", TASKS),
    "instance.started": ("PROCESS_INSTANCE", "CREATE", DEPLOYED),
    "instance.terminated": ("PROCESS_INSTANCE", "CANCEL", DEPLOYED),
    "instance.modified": ("PROCESS_INSTANCE", "MODIFY", DEPLOYED),
    "instance.updated": ("VARIABLE", "UPDATE", DEPLOYED),
    "process.deployed": ("RESOURCE", "CREATE", DEPLOYED),
    "resource.deployed": ("RESOURCE", "CREATE", DEPLOYED),
    "process.deleted": ("RESOURCE", "DELETE", DEPLOYED),
    "resource.deleted": ("RESOURCE", "DELETE", DEPLOYED),
    "decision.evaluated": ("DECISION", "EVALUATE", DEPLOYED),
    "job.completed": ("JOB", "COMPLETE", DEPLOYED),
    **dict.fromkeys(("job.failed", "job.thrown", "job.updated"), ("JOB", "UPDATE", DEPLOYED)),
    "user.password-changed": ("USER", "UPDATE", ADMIN),
    **{
        f"{entity}.{event}": (shown, operation, ADMIN)
        for entity, shown in (
            *(("user", "USER"), ("group", "GROUP"), ("role", "ROLE"), ("tenant", "TENANT")),
            *(("mapping-rule", "MAPPING_RULE"), ("grant", "AUTHORIZATION")),
        )
        for event, operation in (
            *(("created", "CREATE"), ("updated", "UPDATE"), ("deleted", "DELETE")),
            *(("member-added", "ASSIGN"), ("member-removed", "UNASSIGN")),
        )
    },
}
_TASK_KINDS = [kind for kind, (entity, _, _) in KINDS.items() if entity == "USER_TASK"]
_ACTORS = ("USER", "CLIENT", "ANONYMOUS", "UNKNOWN")
_ENTITIES = (
    *("AUTHORIZATION", "BATCH", "DECISION", "GROUP", "INCIDENT", "JOB", "MAPPING_RULE", "PROCESS_INSTANCE"),
    *("RESOURCE", "ROLE", "TENANT", "USER", "USER_TASK", "VARIABLE", "CLIENT"),
)
_OPERATIONS = (
    *("ASSIGN", "CANCEL", "COMPLETE", "CREATE", "DELETE", "EVALUATE", "MIGRATE", "MODIFY", "RESOLVE", "RESUME"),
    *("SUSPEND", "UNASSIGN", "UNKNOWN", "UPDATE"),
)


def _means(position: int, values: tuple[str, ...]) -> tuple[Member, Means[EventField]]:
    """A member that is told by the kind of the event."""
    kinds = {value: tuple(kind for kind, meant in KINDS.items() if meant[position] == value) for value in values}
    return Member("enum", ENUM, values), Means("kind", kinds)


_OF_TASK: Filter[EventField, Never] = {
    "operationType": _means(1, _OPERATIONS),
    "result": (Member("enum", ENUM, ("SUCCESS", "FAIL")), Always("SUCCESS")),
    "timestamp": (Member("date", ORDERED), "at"),
    "actorType": (Member("enum", ENUM, _ACTORS), Means("by_user", {"USER": (1,), "ANONYMOUS": (0,)})),
    "actorId": (Member("text", STRING), "actor"),
}
_NEVER_KEYS = (
    *("deploymentKey", "formKey", "decisionRequirementsKey", "decisionDefinitionKey", "decisionEvaluationKey"),
    "relatedEntityKey",
)
_NEVER_TEXTS = (
    *("agentElementId", "batchOperationType", "decisionRequirementsId", "decisionDefinitionId", "relatedEntityType"),
    "entityDescription",
)
_KEYS = Member("key", KEY)
_ANY: Filter[EventField, Never] = {
    **_OF_TASK,
    "auditLogKey": (_KEYS, "key"),
    "entityKey": (_KEYS, "entity_key"),
    "entityType": _means(0, _ENTITIES),
    "category": _means(2, (ADMIN, DEPLOYED, TASKS)),
    "tenantId": TENANT,
    "processDefinitionKey": (_KEYS, "definition_key"),
    "processDefinitionId": (Member("text", STRING), "process_id"),
    "processInstanceKey": (_KEYS, "instance_key"),
    "elementInstanceKey": (_KEYS, "element_instance_key"),
    "userTaskKey": (_KEYS, "task_key"),
    "jobKey": (_KEYS, "job_key"),
    "resourceKey": (_KEYS, "resource_key"),
    **dict.fromkeys(_NEVER_KEYS, (_KEYS, Always(None))),
    **dict.fromkeys(_NEVER_TEXTS, (Member("text", STRING), Always(None))),
}
_SORT: Mapping[str, EventField | None] = {
    **dict.fromkeys(
        (
            *("batchOperationKey", "batchOperationType", "decisionDefinitionId", "decisionDefinitionKey"),
            *("decisionEvaluationKey", "decisionRequirementsId", "decisionRequirementsKey", "result", "tenantId"),
        ),
    ),
    "actorId": "actor",
    "actorType": "by_user",
    "auditLogKey": "key",
    "category": "entity",
    "elementInstanceKey": "element_instance_key",
    "entityKey": "entity_key",
    "entityType": "entity",
    "jobKey": "job_key",
    "operationType": "kind",
    "processDefinitionId": "process_id",
    "processDefinitionKey": "definition_key",
    "processInstanceKey": "instance_key",
    "timestamp": "at",
    "userTaskKey": "task_key",
}
OF_TASK: Plain[EventField] = Searchable(_OF_TASK, _SORT)
LOGS: Plain[EventField] = Searchable(_ANY, _SORT)
#: members that are never told, but for the keys of jobs and resources
_REST = (
    *("batchOperationKey", "batchOperationType", "agentElementId", "jobKey", "decisionRequirementsId"),
    *("decisionRequirementsKey", "decisionDefinitionId", "decisionDefinitionKey", "decisionEvaluationKey"),
    *("deploymentKey", "formKey", "resourceKey", "relatedEntityKey", "relatedEntityType", "entityDescription"),
)


def _key(value: int) -> str | None:
    return str(value) if value else None


def record(view: EventView, call: Call) -> dict[str, Any]:
    event, instance, task = view.event, view.instance, view.task
    entity, operation, category = KINDS[event.kind]
    definition = instance.known.definition if instance is not None else None
    members = {
        "auditLogKey": str(event.key),
        "entityKey": str(event.entity_key),
        "entityType": entity,
        "operationType": operation,
        "timestamp": iso_utc(event.at),
        "actorId": event.actor or None,
        "actorType": "USER" if event.actor_key else "ANONYMOUS",
        "tenantId": DEFAULT_TENANT,
        "result": "SUCCESS",
        "category": category,
        "processDefinitionId": definition.process_id if definition is not None else None,
        "processDefinitionKey": str(definition.key) if definition is not None else None,
        "processInstanceKey": _key(event.instance_key),
        "rootProcessInstanceKey": _key(instance.instance.root_key or event.instance_key) if instance else None,
        "elementInstanceKey": _key(task.element_instance_key) if task is not None else None,
        "userTaskKey": str(task.key) if task is not None else None,
        **dict.fromkeys(_REST),
        "jobKey": str(event.entity_key) if entity == "JOB" else None,
        "resourceKey": str(event.entity_key) if entity == "RESOURCE" else None,
    }
    return (
        {**members, "inboundChannelType": None, "inboundChannelToolName": None}
        if call.profile.has_business_id
        else members
    )


@endpoints("searchUserTaskAuditLogs", "POST", "/user-tasks/{userTaskKey}/audit-logs/search", SEARCH_IN)
async def of_task(call: Call) -> Response:
    """Also what other dialects did."""
    key = call.key("userTaskKey")
    wanted = await OF_TASK.read(call)
    view = await call.user_task(key)
    own: tuple[EventWhere, ...] = (Where("entity_key", "eq", view.task.key), Where("kind", "in", _TASK_KINDS))
    page = await call.ask(SearchEvents((*own, *OF_TASK.where(wanted)), OF_TASK.order(wanted), page_of(wanted.page)))
    return await found(page, lambda view: record(view, call))


def _readable(call: Call) -> list[str]:
    """The kinds of events that the caller may read: a resource of this type is a category."""
    return [kind for kind, (_, _, category) in KINDS.items() if call.access.allows(READ_LOG, category)]


@endpoints("searchAuditLogs", "POST", "/audit-logs/search", SEARCH)
async def search(call: Call) -> Response:
    wanted = await LOGS.read(call)
    readable: EventWhere = Where("kind", "in", _readable(call))
    page = await call.ask(SearchEvents((readable, *LOGS.where(wanted)), LOGS.order(wanted), page_of(wanted.page)))
    return await found(page, lambda view: record(view, call))


@endpoints("getAuditLog", "GET", "/audit-logs/{auditLogKey}", READ)
async def get(call: Call) -> Response:
    key = call.key("auditLogKey")
    view = await call.ask(EventByKey(key))
    if view.event.kind not in KINDS:
        raise NotFound("event", key)
    if view.event.kind not in _readable(call):
        raise Unreadable((READ_LOG,))
    return reply(record(view, call))

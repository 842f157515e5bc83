"""What was done with a user task. Source: dossier camunda.md, section 2.12."""

from typing import Any

from starlette.responses import Response

from adapters.camunda.calls import DEFAULT_TENANT, SEARCH, Call, Endpoints
from adapters.camunda.searching import Always, Means, Searchable, found, page_of
from core.queries import SearchEvents, TaskByKey, TaskView, Where
from core.storage.records import Event
from core.times import iso_utc
from schemas.camunda.search import ENUM, ORDERED, STRING, Member

endpoints = Endpoints()

#: the operations on a task, and what the engine calls them
OPERATIONS: dict[str, tuple[str, ...]] = {
    "ASSIGN": ("task.assigned", "task.claimed", "task.transferred"),
    "UNASSIGN": ("task.unassigned",),
    "UPDATE": ("task.updated",),
    "COMPLETE": ("task.completed",),
}
_KINDS = {kind: operation for operation, kinds in OPERATIONS.items() for kind in kinds}
_ACTORS = ("USER", "CLIENT", "ANONYMOUS", "UNKNOWN")

LOGS = Searchable(
    {
        "operationType": (Member("enum", ENUM, tuple(OPERATIONS)), Means("kind", OPERATIONS)),
        "result": (Member("enum", ENUM, ("SUCCESS", "FAIL")), Always("SUCCESS")),
        "timestamp": (Member("date", ORDERED), "at"),
        "actorType": (Member("enum", ENUM, _ACTORS), Means("by_user", {"USER": (1,), "ANONYMOUS": (0,)})),
        "actorId": (Member("text", STRING), "actor"),
    },
    {
        **dict.fromkeys(
            (
                *("batchOperationKey", "batchOperationType", "category", "decisionDefinitionId"),
                *("decisionDefinitionKey", "decisionEvaluationKey", "decisionRequirementsId"),
                *("decisionRequirementsKey", "elementInstanceKey", "entityKey", "entityType", "jobKey"),
                *("processDefinitionId", "processDefinitionKey", "processInstanceKey", "result", "tenantId"),
                "userTaskKey",
            ),
            "",
        ),
        "auditLogKey": "key",
        "timestamp": "at",
        "actorId": "actor",
        "actorType": "by_user",
        "operationType": "kind",
    },
)
#: members that say nothing about a task
_NOTHING = (
    *("batchOperationKey", "batchOperationType", "agentElementId", "jobKey", "decisionRequirementsId"),
    *("decisionRequirementsKey", "decisionDefinitionId", "decisionDefinitionKey", "decisionEvaluationKey"),
    *("deploymentKey", "formKey", "resourceKey", "relatedEntityKey", "relatedEntityType", "entityDescription"),
)


def record(event: Event, view: TaskView) -> dict[str, Any]:
    task, definition = view.task, view.known.definition
    return {
        "auditLogKey": str(event.key),
        "entityKey": str(task.key),
        "entityType": "USER_TASK",
        "operationType": _KINDS[event.kind],
        "timestamp": iso_utc(event.at),
        "actorId": event.actor or None,
        "actorType": "USER" if event.actor_key else "ANONYMOUS",
        "tenantId": DEFAULT_TENANT,
        "result": "SUCCESS",
        "category": "USER_TASKS",
        "processDefinitionId": definition.process_id,
        "processDefinitionKey": str(definition.key),
        "processInstanceKey": str(task.instance_key),
        "rootProcessInstanceKey": str(task.instance_key),
        "elementInstanceKey": str(task.element_instance_key),
        "userTaskKey": str(task.key),
        **dict.fromkeys(_NOTHING),
    }


@endpoints("searchUserTaskAuditLogs", "POST", "/user-tasks/{userTaskKey}/audit-logs/search", (*SEARCH, 404))
async def search(call: Call) -> Response:
    """Also what other dialects did."""
    view = await call.ask(TaskByKey(call.key("userTaskKey")))
    call.check_task(view)
    wanted = await LOGS.read(call)
    mine = (Where("entity_key", "eq", view.task.key), Where("kind", "in", list(_KINDS)))
    page = await call.ask(SearchEvents((*mine, *LOGS.where(wanted)), LOGS.order(wanted), page_of(wanted.page)))
    return found(page, lambda event: record(event, view))

"""facilioo's numbers: each kind of thing counts for itself."""

from adapters.common.dialect import Numbers

_CLERKS = tuple(f"/api/processes/{{id}}/{kind}-clerks" for kind in ("responsible", "editor", "spectator"))

NUMBERS = (
    Numbers("account", ("accountId", "accountIds", "account.id"), ("/api/accounts", *_CLERKS)),
    Numbers(
        "party",
        ("partyId", "partyIds", "contactId", "contactIds", "createdByPartyId", "party.id", "contact.id"),
        (
            "/api/parties",
            "/api/processes/{id}/accessor-parties",
            "/api/process-feeds/{id}/accessor-parties",
        ),
    ),
    Numbers(
        "process",
        ("processId", "processIds", "process.id", "entityId"),
        ("/api/processes", "/api/properties/{id}/processes"),
    ),
    Numbers("number of a process", ("number",)),
    Numbers("full number of a process", ("fullyQualifiedNumber",)),
    Numbers("process type", ("typeId", "typeIds", "type.id"), ("/api/process-types",)),
    Numbers(
        "stage",
        ("stageId", "stageIds", "stage.id"),
        ("/api/process-stages", "/api/process-types/{id}/process-stages", "/api/processes/{id}/process-stage"),
    ),
    Numbers("feed entry", ("processFeedId", "processFeedIds"), ("/api/process-feeds", "/api/processes/{id}/feed")),
    Numbers("feed type", ("processFeedTypeId", "processFeedTypeIds"), ("/api/process-feed-types",)),
    Numbers("unit", ("unitId", "unitIds", "unit.id"), ("/api/units",)),
    Numbers("property", ("propertyId", "propertyIds", "property.id"), ("/api/properties",)),
    Numbers("contract", ("contractId", "contractIds"), ("/api/contracts", "/api/units/{id}/contracts")),
    Numbers("task", ("userTaskId", "userTaskIds"), ("/api/user-tasks",)),
    Numbers("registration", ("webhookRegistrationId",), ("/api/webhook-registrations",)),
    Numbers("delivery", (), ("/api/webhook-registrations/{id}/webhook-deliveries",)),
)

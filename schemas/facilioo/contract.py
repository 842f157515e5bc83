"""What goes over the wire, member by member. Source: seed page "/api/processes"; dossier facilioo.md, sections 2 and 3.

The notation is that of `schemas.common.shapes`; the mark is the kind of thing whose id a member is. A type is int,
text, bool, date or another shape. All members of an answer are always there.
"""

from collections.abc import Mapping

from schemas.common.shapes import (
    Schema,
    always,
    array,
    members,
    never,
    record,
    ref,
    shape_schema,
    wanted,
)

_TIMES = "created:date lastModified:date deleted:date?"
_STAGE = "id:int name:text typeId:int? sortOrder:int"

_ENTRY = "typeId|processFeedTypeId:int!@feedType contactTypeId:int! text:text!+ externalId:text?"

ANSWERS: Mapping[str, str] = {
    "Process": f"""id:int number:int fullyQualifiedNumber:text subject:text? report:text accountId:int? contactId:int
        createdByPartyId:int typeId:int stageId:int? isFinished:bool finishDate:date? unitId:int? externalId:text?
        externalIdOfPantaenius:text? {_TIMES}""",
    "ProcessType": f"id:int name:text? {_TIMES}",
    "ProcessStage": f"{_STAGE} {_TIMES}",
    "ExtendedProcessStage": f"{_STAGE} isDefault:bool isFinal:bool {_TIMES}",
    "ProcessFeed": f"""id:int processId:int typeId:int? contactTypeId:int? text:text externalId:text? accountId:int?
        {_TIMES}""",
    "ProcessFeedType": f"id:int name:text externalId:text? {_TIMES}",
    "UserTask": f"""id:int subject:text description:text? dueDate:date? isFinished:bool finishDate:date?
        processId:int? accountId:int? externalId:text? {_TIMES}""",
    "Party": f"id:int type:int name:text externalId:text? {_TIMES}",
    "Account": f"id:int email:text firstName:text lastName:text partyId:int {_TIMES}",
    "Property": f"id:int externalId:text? number:text? name:text {_TIMES}",
    "Unit": f"id:int externalId:text? name:text propertyId:int {_TIMES}",
    "Contract": f"""id:int type:int unitId:int partyId:int startDate:date? endDate:date? externalId:text?
        {_TIMES}""",
    "WebhookRegistration": f"""id:int partyId:int url:text enabledEvents:Event[] isGrouped:bool continueOnFailure:bool
        isPaused:bool authorizationType:text {_TIMES}""",
    "WebhookDelivery": """id:text eventId:text webhookRegistrationId:int type:int entityName:text entityId:int state:int
        attempts:int statusCode:int? error:text? eventDate:date lastModified:date""",
    "Event": "type:int entityName:text",
    "Tokens": "accessToken:text refreshToken:text account:AccountId",
    "AccountId": "id:int",
}

REQUESTS: Mapping[str, str] = {
    "Process": """accountId:int? subject:text? report:text!+ contactId:int!@party typeId:int!@type stageId:int?@stage
        isFinished:bool? finishDate:date? unitId:int!@unit externalId:text?""",
    "ProcessStage": "name:text!+ typeId:int?@type sortOrder:int?",
    "ProcessFeed": f"processId:int!@process {_ENTRY}",
    "ProcessFeedOfProcess": f"processId:int?@process {_ENTRY}",
    "ProcessFeedType": "name:text!+ externalId:text?",
    "UserTask": """subject:text!+ description:text? dueDate:date? isFinished:bool? finishDate:date?
        processId:int?@process accountId:int?@account externalId:text?""",
    "Party": "type:int! name:text!+ externalId:text?",
    "Account": "email:text!+ firstName:text! lastName:text! partyId:int!@party",
    "Property": "name:text!+ number:text? externalId:text?",
    "Unit": "name:text!+ propertyId:int!@property externalId:text?",
    "Contract": """type:int! unitId:int!@unit partyId:int!@party startDate:date? endDate:date? externalId:text?""",
    "WebhookRegistration": """partyId:int!@party url:text!+ enabledEvents:Event[]! isGrouped:bool?
        continueOnFailure:bool? isPaused:bool? authorization:Authorization?""",
    "Event": "type:int! entityName:text!+",
    "Authorization": "type:text!+ token:text? username:text? password:text?",
    "Login": "email:text!+ password:text!+ skipMultiFactorAuthentication:bool?",
    "Refresh": "refreshToken:text!+",
}

INT: Schema = {"type": "integer", "format": "int32", "minimum": -(2**31), "maximum": 2**31 - 1}
_BOOL: Schema = {"type": "boolean"}
_TYPES: Mapping[str, Schema] = {
    "int": INT,
    "text": {"type": "string"},
    "bool": _BOOL,
    "date": {"type": "string", "format": "date-time"},
}
_PROBLEM: Schema = record(
    {
        **dict.fromkeys(("type", "title", "detail", "traceId"), _TYPES["text"]),
        "status": {"type": "integer"},
        "errors": {"type": "object", "additionalProperties": array(_TYPES["text"])},
    },
    optional=("detail", "errors"),
)


def pascal(name: str) -> str:
    """What complaints call a member."""
    return name[0].upper() + name[1:]


def components() -> dict[str, Schema]:
    """`XRead`, `XPage`, `XCreate` and `XUpdate` for each X, and `Problem`."""
    schemas: dict[str, Schema] = {"Problem": _PROBLEM}
    for name, shape in ANSWERS.items():
        schemas[f"{name}Read"] = shape_schema(members(shape), _TYPES, always, suffix="Read")
        schemas[f"{name}Page"] = _page(ref(f"{name}Read"))
    for name, shape in REQUESTS.items():
        schemas[f"{name}Create"] = shape_schema(members(shape), _TYPES, wanted, suffix="Create", closed=False)
        schemas[f"{name}Update"] = shape_schema(members(shape), _TYPES, never, suffix="Create", closed=False)
    return schemas


def _page(item: Schema) -> Schema:
    counts = dict.fromkeys(("pageNumber", "pageSize", "totalPages", "totalCount"), INT)
    return record({"items": array(item), **counts, **dict.fromkeys(("hasPreviousPage", "hasNextPage"), _BOOL)})

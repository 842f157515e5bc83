"""What goes over the wire, member by member. Source: seed page "/api/processes"; dossier facilioo.md, sections 2 and 3.

A member is `name:type`, or `name|alias:type` if it may be called either; behind the type stand `!` if a request has to
have it, `+` if its text must not be empty, `?` if it may be null, and `@kind` if it is the id of something else. A
type is int, text, bool, date or another shape, with `[]` behind it for a list. All members of an answer are always
there.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

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

_MEMBER = re.compile(r"(\w+)(?:\|(\w+))?:(\w+(?:\[\])?)([!+?]*)(?:@(\w+))?")


@dataclass(frozen=True, slots=True)
class Member:
    """`of` is the kind of thing whose id it is, `alias` another name for it."""

    name: str
    alias: str
    kind: str
    required: bool
    filled: bool
    nullable: bool
    of: str

    @property
    def pascal(self) -> str:
        return self.name[0].upper() + self.name[1:]


@cache
def members(shape: str) -> tuple[Member, ...]:
    found = []
    for text in shape.split():
        match = _MEMBER.fullmatch(text)
        assert match is not None, text
        name, alias, kind, flags, of = match.groups(default="")
        found.append(Member(name, alias, kind, "!" in flags, "+" in flags, "?" in flags, of))
    return tuple(found)


_TYPES: Mapping[str, dict[str, Any]] = {
    "int": {"type": "integer", "format": "int32", "minimum": -(2**31), "maximum": 2**31 - 1},
    "text": {"type": "string"},
    "bool": {"type": "boolean"},
    "date": {"type": "string", "format": "date-time"},
}


def ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def nullable(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


def _schema(member: Member, suffix: str) -> dict[str, Any]:
    kind = member.kind.removesuffix("[]")
    schema = dict(_TYPES[kind]) if kind in _TYPES else ref(kind + suffix)
    if member.filled:
        schema["minLength"] = 1
    if member.kind.endswith("[]"):
        schema = {"type": "array", "items": schema}
    return nullable(schema) if member.nullable else schema


def _object(shape: str, suffix: str, required: bool | None) -> dict[str, Any]:
    """`required` None: as the members say."""
    found = members(shape)
    needed = [m.name for m in found if (m.required if required is None else required)]
    schema: dict[str, Any] = {"type": "object", "properties": {m.name: _schema(m, suffix) for m in found}}
    return {**schema, "required": needed} if needed else schema


def components() -> dict[str, Any]:
    """JSON schemas: `XRead`, `XPage`, `XCreate` and `XUpdate` for each X."""
    found: dict[str, Any] = {}
    for name, shape in ANSWERS.items():
        found[f"{name}Read"] = {**_object(shape, "Read", True), "additionalProperties": False}
        found[f"{name}Page"] = _page(ref(f"{name}Read"))
    for name, shape in REQUESTS.items():
        found[f"{name}Create"] = _object(shape, "Create", None)
        found[f"{name}Update"] = _object(shape, "Create", False)
    return found


def _page(item: dict[str, Any]) -> dict[str, Any]:
    count = _TYPES["int"]
    properties: dict[str, Any] = {"items": {"type": "array", "items": item}}
    properties |= dict.fromkeys(("pageNumber", "pageSize", "totalPages", "totalCount"), count)
    properties |= dict.fromkeys(("hasPreviousPage", "hasNextPage"), _TYPES["bool"])
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }

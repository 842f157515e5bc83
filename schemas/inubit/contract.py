"""The documents that go over the wire, part by part, for a description of the API. Source: dossier inubit.md.

A part is `@name=type` for an attribute, `name=type` for a child, `#=type` for the text inside; behind the type stand
`*` for a child that comes any number of times and `-` for a part that may be missing. A type is one of those in _TYPES
or another shape. Elements are called as their part, and documents as ROOTS says.

OpenAPI 3.1 has no word for the text beside attributes: `x-nodeType: text` means what `nodeType: text` does in 3.2.
"""

import re
from collections.abc import Mapping
from typing import Any

from schemas.common.shapes import Schema, array, enum, record, ref
from schemas.inubit.tasklist import COMPARISONS, UNIT_TYPES

ENUMS: Mapping[str, tuple[str, ...]] = {
    "Language": ("de", "en"),
    "UnitType": UNIT_TYPES,
    "SortOrder": ("ASCENDING", "DESCENDING"),
    "Health": ("OK", "ERROR"),
    "ReadyState": ("READY", "NOT READY"),
}

DOCUMENTS: Mapping[str, str] = {
    "Tasklist": "@user=text @total=int @portletUrl=text- Task=Task*",
    "Task": """@id=uuid @process=int @creation=millis @expiration=millis- @action=text @wait=int @test=bool @popup=bool
        @user=text- @client=text- @locked=text- @delegateRuleSetId=uuid- Name=Label Description=Label Unit=Unit*
        Field=Field*""",
    "Label": "@xml:lang=Language #=text",
    "Unit": "@name=text @type=UnitType",
    "Field": "@xml:lang=Language @name=text @index=int @type=text #=text",
    "Modules": "@version=text Module=Module*",
    "Module": "@id=text @label=text @role=text @xml:lang=Language",
    # forms
    "Form": "@version=text @metric=text Request=FormRequest",
    "FormRequest": "Panel=Panel",
    "Panel": "@background=text @name=text @start=bool @orientation=text Group=Group",
    "Group": "@orientation=text Row=Row*",
    "Row": "Column=Column*",
    "Column": "Label=text- TextField=TextWidget- TextArea=TextWidget- ComboBox=ComboBox- Button=Button-",
    "TextWidget": "@width=int @name=text #=text",
    "ComboBox": "@width=int @editable=bool @name=text Item=Item*",
    "Item": "@label=text @value=text",
    "Button": "@validate=bool @event=text @label=text",
    "Submission": "Response=FormResponse",
    "FormResponse": "@submitter=text- Panel=values",
    # people
    "Entities": "@organigram=text @showRules=bool RuleSet=RuleSet",
    "RuleSet": "@id=uuid @name=text @description=text orgRole=Entity* orgPerson=Entity*",
    "Entity": "@name=text @path=text",
    "Units": "@user=text Unit=Count*",
    "Count": "@type=UnitType- @name=text- @tasks=int",
    "UserList": "User=User*",
    "User": "@id=text @email=text @type=text @firstName=text- @lastName=text-",
    # the rest
    "TaskListRequest": "Sorting=Sorting-",
    "Sorting": "SortField=SortField*",
    "SortField": "Field=text Order=SortOrder-",
    "Result": "",
    "ApiError": "statusCode=int message=text path=text timestamp=local",
}
_SPACE = {"prefix": "ns2", "namespace": "inubit.com/ibis/external/user"}
#: shape -> what its element is called, wherever it is
ROOTS: Mapping[str, Mapping[str, str]] = {
    **{
        name: {"name": name}
        for name in ("Tasklist", "Task", "Modules", "Form", "Entities", "Units", "TaskListRequest", "ApiError")
    },
    "Submission": {"name": "Form"},
    "Result": {"name": "result"},
    "UserList": {"name": "UserList", **_SPACE},
    "User": {"name": "User", **_SPACE},
}

TEXT: Schema = {"type": "string"}
UUID: Schema = {"type": "string", "format": "uuid"}
BOOL: Schema = {"type": "boolean"}
_INT: Schema = {"type": "integer"}
_TYPES: Mapping[str, Schema] = {
    "text": TEXT,
    "uuid": UUID,
    "bool": BOOL,
    "int": _INT,
    "millis": {"type": "integer", "format": "int64"},
    "local": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}$"},
    "values": {"type": "object", "additionalProperties": TEXT},
    **{name: enum(values) for name, values in ENUMS.items()},
}
_PART = re.compile(r"(@?)(#|[\w:]+)=(\w+)(\*?)(-?)")
_XML = "http://www.w3.org/XML/1998/namespace"

#: the name of the member that the text inside an element is
INNER = "text"


def _document(name: str, parts: str) -> Schema:
    properties: dict[str, Schema] = {}
    optional = []
    for part in parts.split():
        match = _PART.fullmatch(part)
        assert match is not None, part
        attribute, label, kind, many, may_lack = match.groups()
        schema = dict(_TYPES[kind]) if kind in _TYPES else ref(kind)
        prefix, _, local = label.rpartition(":")
        member = INNER if local == "#" else local
        if local == "#":
            schema["xml"] = {"x-nodeType": "text"}
        elif attribute:
            spaced = {"prefix": prefix, "namespace": _XML} if prefix else {}
            schema["xml"] = {"attribute": True, **spaced}
        properties[member] = array(schema) if many else schema
        if many or may_lack:
            optional.append(member)
    named = {"xml": dict(ROOTS[name])} if name in ROOTS else {}
    return {**record(properties, optional=optional), **named}


def components() -> dict[str, Schema]:
    """The documents, and what is JSON."""
    return {
        **{name: _document(name, parts) for name, parts in DOCUMENTS.items()},
        "Roles": record({"roles": array(TEXT)}, closed=False),
        "UnitFilter": record({"Unit/@name": _NAMES, "Unit/@type": _KINDS}, optional=("Unit/@name", "Unit/@type")),
        "Healthcheck": record({"status": _TYPES["Health"], "maintenancemode": _FLAG, "timestamp": TEXT}),
        "Readiness": record({"status": _TYPES["ReadyState"], "message": TEXT}),
    }


_FLAG: Schema = {"type": "integer", "enum": [0, 1]}
_SEVERAL: Schema = {"anyOf": [array(TEXT), TEXT]}
_KINDS: Schema = {"anyOf": [array(enum(UNIT_TYPES)), enum(UNIT_TYPES)]}
_NAMES: Schema = {"anyOf": [record(dict.fromkeys(UNIT_TYPES, _SEVERAL), optional=UNIT_TYPES), *_SEVERAL["anyOf"]]}


# what lists are filtered and sorted by

_YES_OR_NO: Schema = enum(("true", "false"))
_FILTERS: Mapping[str, Schema] = {
    "Filter": TEXT,
    "FilterTo": TEXT,
    "FilterComparison": enum(COMPARISONS),
    "FilterCaseSensitive": _YES_OR_NO,
}
_SORTING: Schema = enum(("ascending", "descending"))


def filters_schema(fields: Mapping[str, bool]) -> Schema:
    """Parameters that are called by a field and what is asked of it. `fields` says whether lists can be sorted by one.
    With `Field` before the suffix it is a Field of that name, of which there may be any."""
    properties: dict[str, Any] = {}
    for field, sortable in fields.items():
        properties |= {f"{field}{suffix}": schema for suffix, schema in _FILTERS.items()}
        if sortable:
            properties[f"{field}Sorting"] = _SORTING
    return {"type": "object", "properties": properties, "additionalProperties": TEXT}

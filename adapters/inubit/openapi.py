"""A description of the API as it is served, for tools that read OpenAPI."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from adapters.common import openapi as common
from adapters.common.dialect import Operation
from adapters.common.openapi import Content, Described, Head, content
from adapters.inubit import errors
from adapters.inubit.auth import FRONTEND
from adapters.inubit.filters import FIELDS, SAME
from adapters.inubit.health import NOT_READY, READY
from adapters.inubit.profile import PROFILES, Profile
from schemas.common.samples import Samples
from schemas.common.shapes import Schema, array, enum, ref
from schemas.inubit.contract import BOOL, ENUMS, TEXT, UUID, components, filters_schema
from schemas.inubit.documents import api_error_json, api_error_xml, status_page
from schemas.inubit.samples import DOCUMENTS, PATH, TIMESTAMP, VALUES

TITLE = "Dragoman: INUBIT dialect"
DESCRIPTION = (
    "Answers about tasks and users are XML, whatever else a client accepts; errors are JSON for who likes that better. "
    "An unknown task is an answer without a body where a task or a form is read, and 404 elsewhere."
)
XML, JSON, PLAIN = "application/xml", "application/json", "application/plain"
FORM = "application/x-www-form-urlencoded"

_COUNT: Schema = {"type": "integer", "minimum": 0, "maximum": 999_999_999}
_COMMON: Mapping[str, Schema] = {"lang": enum(ENUMS["Language"]), "client": TEXT}
_STANDALONE: Mapping[str, Schema] = {"portal!": enum(("standalone",))}
_LIST: Mapping[str, Schema] = {"start": _COUNT, "count": _COUNT, "enableDIN5007Sort": BOOL, **_COMMON}
_PASSING: Mapping[str, Schema] = {"user!": TEXT, "path!": TEXT, "client": TEXT}
_CHANGING: Mapping[str, Schema] = {"path!": TEXT, "value!": TEXT, **_COMMON}
_HELP: Mapping[str, Schema] = dict.fromkeys(("ajaxType", "ajaxMode", "workflowName", "params"), TEXT)
_USERS: Mapping[str, Schema] = dict.fromkeys(("userType", "type", "userid", "isUserDetail", "client"), TEXT)
#: built-in fields -> can lists be sorted by them?
_FIELDS = {**dict.fromkeys((*FIELDS, *SAME), True), "Unit/@name": False, "Unit/@type": False}


@dataclass(frozen=True, slots=True)
class Words:
    """`answer` and `body` are shapes: `[]` behind a list, `|` between bodies of several kinds, a question mark if there
    need not be one. `query` are the parameters, with an exclamation mark if they are required; `filtered`: and those
    that a list is filtered by."""

    summary: str
    answer: str = ""
    query: Mapping[str, Schema] = field(default_factory=dict)
    body: str = ""
    filtered: bool = False


OPERATIONS: Mapping[str, Words] = {
    "startAdhocProcess": Words("Start an ad hoc process of a user", "id", _COMMON),
    "listAdhocStarters": Words("List what a user can start", "Modules", _COMMON),
    "listTasks": Words("List the caller's tasks", "Tasklist", _LIST, filtered=True),
    "listTasksOfRoles": Words(
        "List tasks that roles could have", "Tasklist", {**_STANDALONE, **_LIST}, "Roles?", filtered=True
    ),
    "deleteAllTasks": Words("Delete all tasks", "", {"client": TEXT}),
    "getTask": Words("Get task", "Task", _COMMON),
    "getTaskForRoles": Words("Get a task that roles could have", "Task", {**_STANDALONE, **_COMMON}, "Roles?"),
    "changeTask": Words("Change an element or attribute of a task", "Task", _CHANGING),
    "deleteTask": Words("Delete task", "", {"client": TEXT}),
    **{
        name: Words("List the caller's tasks in an order", "Tasklist", _LIST, "TaskListRequest?", filtered=True)
        for name in ("filterTasks", "filterTasksAlias")
    },
    "listTasksOfUnits": Words(
        "List tasks that a user sees of units", "Tasklist", {"user!": TEXT, **_LIST}, "UnitFilter[]?", filtered=True
    ),
    **{name: Words("Lock the next task for the caller", "Task", _COMMON) for name in ("nextTask", "nextTaskAlias")},
    "getFormData": Words("Get the form of a task", "Form", {"client": TEXT}),
    "getFormDataForRoles": Words(
        "Get the form of a task that roles could have",
        "Form",
        {**_STANDALONE, "format": enum(("xml",)), "client": TEXT},
        "Roles?",
    ),
    "submitTask": Words("Complete a task with its form", "id", {"portal": TEXT, "client": TEXT}, "Submission|Roles?"),
    "listDelegates": Words("List to whom a task can be passed on", "Entities", {"user!": TEXT, "client": TEXT}),
    **{name: Words("Pass a task on", "", _PASSING) for name in ("delegateTask", "delegateTaskAlias")},
    "listUsers": Words("List users", "UserList", _USERS),
    "countUnits": Words("Count the tasks of a user and of their roles", "Units", {"client": TEXT}),
    "formHelp": Words("Validate a form beforehand", "Result", _HELP, "form?"),
    "switchReady": Words("Switch readiness on or off", "Readiness"),
    "healthcheck": Words("Tell whether the server lives", "Healthcheck"),
    "ready": Words("Tell whether the server can serve", "Readiness"),
}
#: with the roles in the body, or in this header
_ROLES = ("listTasksOfRoles", "getTaskForRoles", "getFormDataForRoles", "submitTask")
_EXAMPLES: Mapping[str, Any] = {"path": "@locked", "value": "testuser", "user": "testuser"}
_TAGS: Mapping[str, str] = {"/task/": "Tasks", "/user/": "Users", "": "Health"}


def describe(operations: Sequence[Operation], profile: str, server: str) -> dict[str, Any]:
    schemes = {
        "basic": {"type": "http", "scheme": "basic"},
        "frontend": {
            "type": "apiKey",
            "in": "header",
            "name": FRONTEND.upper(),
            "description": "`Bearer` and a token: for users of an external frontend.",
        },
    }
    schemas = components()
    samples = Samples(schemas, {**VALUES, "Readiness": READY})
    described = (_described(o, samples) for o in operations)
    head = Head(TITLE, profile, server, DESCRIPTION, schemes)
    return common.document(head, described, schemas, dict(_refused(PROFILES[profile])))


def _refused(profile: Profile) -> Iterator[tuple[str, dict[str, Any]]]:
    for status, message in errors.MESSAGES.items():
        facts = (status, message, "/rest/task/tasks", TIMESTAMP)
        if profile.status_page and status in errors.PAGES:
            page = status_page(*errors.PAGES[status]).decode()
            yield f"Error{status}", common.response(status, content(TEXT, "text/html", example=page))
        else:
            in_xml = content(ref("ApiError"), XML, example=api_error_xml(*facts).decode())
            in_json = content(ref("ApiError"), JSON, example=orjson.loads(api_error_json(*facts)))
            yield f"Error{status}", common.response(status, {**in_xml, **in_json})


def _described(operation: Operation, samples: Samples) -> Described:
    words = OPERATIONS[operation.name]
    answers: dict[int, Content | str] = {s: f"Error{s}" for s in operation.statuses if s >= 400}
    if words.answer:
        good = {s for s in operation.statuses if s < 300 and s != 204}
        answers |= {s: _content(words.answer, samples) for s in good}
        if operation.is_open and 503 in answers:
            answers[503] = content(ref(words.answer), JSON, example=NOT_READY)
    return Described(
        operation=operation,
        tag=next(tag for part, tag in _TAGS.items() if part in operation.path),
        summary=words.summary,
        answers=answers,
        parameters=list(_parameters(operation, words)),
        body=_body(words.body, samples) if words.body else None,
        security=[] if operation.is_open else [{"basic": []}, {"frontend": []}],
    )


def _content(shape: str, samples: Samples) -> Content:
    if shape == "id":
        return content(UUID, PLAIN, example=VALUES["taskId"])
    if shape == "form":
        return content({"type": "object", "additionalProperties": TEXT}, FORM)
    if shape in DOCUMENTS:
        return content(ref(shape), XML, example=DOCUMENTS[shape])
    schema = array(ref(shape[:-2])) if shape.endswith("[]") else ref(shape)
    return content(schema, JSON, example=samples.of(schema))


def _body(shapes: str, samples: Samples) -> dict[str, Any]:
    contents: Content = {}
    for shape in shapes.rstrip("?").split("|"):
        contents |= _content(shape, samples)
    return common.body(contents, required=not shapes.endswith("?"))


def _parameters(operation: Operation, words: Words) -> Iterator[dict[str, Any]]:
    for name in common.path_names(operation):
        schema = enum(("on", "off")) if name == "state" else TEXT
        yield common.in_path(name, schema, VALUES[name])
    for name, schema in words.query.items():
        example = PATH if words.query is _PASSING and name == "path!" else _EXAMPLES.get(name.rstrip("!"))
        yield common.in_query(name.rstrip("!"), schema, example, required=name.endswith("!"))
    if words.filtered:
        filters = common.in_query("filters", filters_schema(_FIELDS), {"nameFilter": "Za*", "nameSorting": "ascending"})
        yield {**filters, "style": "form", "explode": True}
    if operation.name in _ROLES:
        yield common.in_header("ProcessRoles", TEXT)

"""A description of the API as it is served, for tools that read OpenAPI."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from starlette.responses import Response

from adapters.camunda import errors
from adapters.camunda.access import READ_TASK
from adapters.camunda.auth import COOKIE
from adapters.camunda.calls import Endpoint
from adapters.camunda.profile import PROFILES
from adapters.camunda.searching import AnySearchable
from adapters.camunda.shapes import ANSWERS, BODIES, QUERIES, searches
from adapters.common import openapi as common
from adapters.common.dialect import Operation
from adapters.common.http import BodyTooLarge
from adapters.common.openapi import Content, Described, Head, content
from core.rejections import ExecutionFailed, NotFound, Unauthenticated, Unavailable, WrongState
from core.types import TaskState
from schemas.camunda.contract import KEY, components
from schemas.camunda.filters import comparisons, search_schema
from schemas.camunda.samples import TASK, VALUES
from schemas.common.samples import Samples
from schemas.common.shapes import Schema, array, record, ref

TITLE = "Dragoman: Camunda 8 dialect"
JSON, PROBLEM = "application/json", "application/problem+json"
_ID: Schema = {"type": "string", "pattern": "^[A-Za-z0-9_@.+-]{1,64}$"}
_TEXT: Schema = {"type": "string"}
#: what is called a key, and is none
_NO_KEY = "decisionEvaluationInstanceKey"
_TASKLIST = ("tasks", "variables", "forms")
#: tag -> first parts of paths that belong to it, where the tag is not what the part says
_TAGS = {"Authentication": ("login", "logout", "setup"), "Cluster": ("topology", "status", "license")}
_SCHEMES: Mapping[str, Mapping[str, Any]] = {
    "basic": {
        "basic": {"type": "http", "scheme": "basic"},
        "session": {"type": "apiKey", "in": "cookie", "name": COOKIE},
    },
    "oidc": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
    "none": {},
}


def describe(endpoints: tuple[Endpoint, ...], profile: str, server: str, options: Mapping[str, str]) -> dict[str, Any]:
    """As a profile is served, with this authentication."""
    searched = searches(PROFILES[profile])
    compared = (member for searchable, _ in searched.values() for member in searchable.shown.values())
    schemas = {**components(profile), **comparisons(compared)}
    schemes = _SCHEMES[options["authentication"]]
    writer = _Writer(schemas, searched, [{name: []} for name in schemes])
    described = [writer.described(e) for e in endpoints if e.operation.name not in PROFILES[profile].lacks]
    return common.document(
        Head(TITLE, profile, server, security_schemes=schemes), described, schemas, _refused(profile)
    )


def _refused(profile: str) -> dict[str, Any]:
    """The refusals of both APIs, in the words of an operation on a user task."""
    new = _replies(f"/v2/user-tasks/{TASK}", profile)
    old = _replies(f"/v1/tasks/{TASK}", profile)
    return {
        **common.refusals("Problem", ref("Problem"), PROBLEM, new),
        **common.refusals("TasklistProblem", ref("TasklistProblem"), PROBLEM, old, instance=VALUES["instance"]),
    }


def _replies(path: str, profile: str) -> Iterator[Response]:
    problems: tuple[Exception, ...] = (
        errors.BadKey("userTaskKey", "x"),
        Unauthenticated("missing"),
        errors.Unreadable(READ_TASK),
        NotFound("task", TASK),
        errors.Problem(405, "Method Not Allowed", "Method 'POST' is not supported."),
        errors.NotAcceptable(),
        WrongState("task", TASK, TaskState.UPDATING),
        BodyTooLarge(),
        errors.UnsupportedMediaType("text/plain"),
        ExecutionFailed("approve_request", "no condition holds"),
        Unavailable("maintenance"),
        errors.TimedOut(),
    )
    for problem in problems:
        request = common.asking("GET", path)
        if isinstance(problem, WrongState):
            request.state.intent = errors.COMPLETE
        yield errors.render(request, problem, PROFILES[profile])


class _Writer:
    def __init__(
        self,
        schemas: Mapping[str, Schema],
        searches: Mapping[str, tuple[AnySearchable, str]],
        security: Sequence[Mapping[str, Sequence[str]]],
    ) -> None:
        self._samples = Samples(schemas, VALUES)
        self._searches = searches
        self._security = security

    def described(self, endpoint: Endpoint) -> Described:
        operation = endpoint.operation
        name = operation.name.removesuffix("V1")
        old = operation.path.startswith("/v1/") and operation.path.split("/")[2] in _TASKLIST
        problem = "TasklistProblem" if old else "Problem"
        answers: dict[int, Content | str] = {s: f"{problem}{s}" for s in operation.statuses if s >= 400}
        answers |= {s: self._answer(name) for s in operation.statuses if s < 300 and s != 204}
        return Described(
            operation=operation,
            tag="Tasklist" if old else _tag(operation),
            summary=common.words(name) + (" (v1)" if name != operation.name else ""),
            answers=answers,
            parameters=self._parameters(operation, name),
            body=self._body(name),
            security=[] if operation.is_open else self._security,
        )

    def _json(self, schema: Schema) -> Content:
        return content(schema, JSON, example=self._samples.of(schema))

    @staticmethod
    def _parameters(operation: Operation, name: str) -> list[dict[str, Any]]:
        parameters = []
        for parameter in common.path_names(operation):
            is_key = parameter == "taskId" or (parameter.endswith("Key") and parameter != _NO_KEY)
            parameters.append(
                common.in_path(parameter, KEY if is_key else _ID, VALUES.get(f"path.{parameter}", VALUES[parameter]))
            )
        for parameter, required, schema in QUERIES.get(name, ()):
            parameters.append(common.in_query(parameter, schema, required=required))
        return parameters

    def _body(self, name: str) -> dict[str, Any] | None:
        if name == "createDeployment":
            files = array({"type": "string", "format": "binary"}, minItems=1)
            schema = record({"resources": files, "tenantId": _TEXT}, optional=["tenantId"], closed=False)
            return common.body(content(schema, "multipart/form-data"))
        if name == "login":
            fields = record({"username": _TEXT, "password": _TEXT}, optional=("username", "password"), closed=False)
            example = {"username": "demo", "password": "demo"}
            return common.body(content(fields, "application/x-www-form-urlencoded", example=example), required=False)
        if name in self._searches:
            searchable, item = self._searches[name]
            schema = search_schema(searchable.shown, searchable.sort, with_or=searchable.with_or)
            return common.body(content(schema, JSON, example=_search(searchable, item)), required=False)
        shape = BODIES.get(name)
        if shape is None:
            return None
        return common.body(self._json(ref(shape.rstrip("?"))), required=not shape.endswith("?"))

    def _answer(self, name: str) -> Content:
        if name.endswith("XML"):
            return content(_TEXT, "text/xml")
        if name in self._searches:
            members = {"items": array(ref(self._searches[name][1])), "page": ref("Page")}
            if name == "searchOwnAuthorizations":
                members["authorizationsEnabled"] = {"type": "boolean"}
            return self._json(record(members))
        shape = ANSWERS[name]
        return self._json(array(ref(shape.removesuffix("[]"))) if shape.endswith("[]") else ref(shape))


def _search(searchable: AnySearchable, item: str) -> dict[str, Any]:
    """By the first member that has a value that anybody would look for."""
    looked_for = ((name, VALUES.get(f"{item}.{name}", VALUES.get(name))) for name in searchable.members)
    first = next(({name: value} for name, value in looked_for if isinstance(value, str)), {})
    sort = [{"field": next(iter(searchable.sort)), "order": "ASC"}]
    return {**({"filter": first} if first else {}), "sort": sort, "page": {"from": 0, "limit": 50}}


def _tag(operation: Operation) -> str:
    part = operation.path.removeprefix("/v2").removeprefix("/v1").split("/")[1]
    named = (tag for tag, parts in _TAGS.items() if part in parts)
    return next(named, part.replace("-", " ").capitalize())

"""A description of the API as it is served, for tools that read OpenAPI."""

from collections.abc import Iterator, Mapping
from typing import Any

from starlette.responses import Response

from adapters.common import openapi as common
from adapters.common.http import BodyTooLarge
from adapters.common.openapi import Content, Described, Head, content
from adapters.facilioo import errors
from adapters.facilioo.calls import Endpoint
from adapters.facilioo.profile import PROFILES
from core.rejections import Conflict, Forbidden, NotFound, Unavailable
from core.types import Permission
from schemas.common.samples import Samples
from schemas.common.shapes import Schema, array, enum, nullable, record, ref
from schemas.facilioo.contract import components
from schemas.facilioo.samples import TRACE, VALUES
from schemas.facilioo.wire import Invalid, required

TITLE = "Dragoman: facilioo dialect"
#: of a good answer, as the client likes it best
MEDIA_TYPES = ("application/json", "text/json", "text/plain")
_ID: Schema = {"type": "integer", "format": "int32", "minimum": 0, "maximum": 2**31 - 1}
_COUNT: Schema = {"type": "integer", "format": "int32", "minimum": 1, "maximum": 2**31 - 1}
_MOMENT: Schema = {"type": "string", "format": "date-time"}
#: what a search may be filtered by
_KINDS: Mapping[str, Schema] = {
    "int": array({"type": "integer", "format": "int32"}, maxItems=1000),
    "text": array({"type": "string"}, maxItems=1000),
    "bool": {"type": "boolean"},
}
#: what the names of operations leave open
_SUMMARIES: Mapping[str, str] = {
    "login": "Log in",
    "refresh": "Get new tokens for a refresh token",
    "getMyself": "Get the account of the caller",
    "listFeedOfProcess": "List feed entries of a process",
    "addToFeedOfProcess": "Add an entry to the feed of a process",
    "listStagesOfType": "List process stages of a type",
    "getStageOfProcess": "Get the stage of a process",
    "listProcessesOfProperty": "List processes of a property",
    "listContractsOfUnit": "List contracts of a unit",
    "listWebhookDeliveries": "List deliveries of a webhook registration",
    **{
        f"{verb}{name}": f"{capitalized} {phrase}"
        for name, one, many in (
            ("AccessorPartyProcess", "an accessor party of a process", "the accessor parties of a process"),
            ("AccessorPartyFeed", "an accessor party of a feed entry", "the accessor parties of a feed entry"),
            ("SpectatorClerk", "a spectator clerk of a process", "the spectator clerks of a process"),
            ("EditorClerk", "an editor clerk of a process", "the editor clerks of a process"),
            ("ResponsibleClerk", "a responsible clerk of a process", "the responsible clerks of a process"),
        )
        for verb, capitalized, phrase in (("list", "List", many), ("add", "Add", one), ("remove", "Remove", one))
    },
}
#: statuses that come without a body
_BARE = (401, 405)


def describe(endpoints: tuple[Endpoint, ...], profile: str, server: str) -> dict[str, Any]:
    """Of these endpoints, in a profile."""
    schemas = components()
    writer = _Writer(schemas, profile)
    head = Head(
        TITLE,
        profile,
        server,
        security_schemes={"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
    )
    refused = common.refusals("Problem", ref("Problem"), "application/problem+json", _replies(), traceId=TRACE)
    return common.document(head, map(writer.described, endpoints), schemas, refused)


def _replies() -> Iterator[Response]:
    problems: tuple[Exception, ...] = (
        Invalid({"Report": [required("Report")]}),
        Forbidden(Permission.WORK),
        NotFound("process", 5),
        Conflict("stage", 7, "built-in"),
        BodyTooLarge(),
        errors.UnsupportedMediaType(),
        Unavailable("maintenance"),
    )
    request = common.asking("POST", "/api/processes")
    yield from (errors.render(request, problem) for problem in problems)
    yield errors.reply(500, errors.FAILED)


class _Writer:
    def __init__(self, schemas: Mapping[str, Schema], profile: str) -> None:
        self._samples = Samples(schemas, VALUES)
        self._version = common.in_header("api-version", enum(sorted(PROFILES[profile].versions)))

    def described(self, endpoint: Endpoint) -> Described:
        operation = endpoint.operation
        answers: dict[int, Content | str] = {
            status: f"Problem{status}" for status in operation.statuses if status >= 400 and status not in _BARE
        }
        if endpoint.answer:
            answers[200] = self._content(_answer(endpoint.answer), *MEDIA_TYPES)
        body = None
        if endpoint.body:
            body = common.body(self._content(_body(endpoint), MEDIA_TYPES[0]), required=endpoint.search is None)
        return Described(
            operation=operation,
            tag=_tag(operation.path),
            summary=_SUMMARIES.get(operation.name, common.words(operation.name)),
            answers=answers,
            parameters=[*self._parameters(endpoint), self._version],
            body=body,
            security=[] if operation.is_open else [{"bearer": []}],
        )

    def _content(self, schema: Schema, *media_types: str) -> Content:
        return content(schema, *media_types, example=self._samples.of(schema))

    @staticmethod
    def _parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
        parameters = [common.in_path(name, _ID) for name in common.path_names(endpoint.operation)]
        if endpoint.answer.endswith("[]"):
            parameters += [common.in_query(name, _COUNT) for name in ("pageNumber", "pageSize")]
        return parameters


def _body(endpoint: Endpoint) -> Schema:
    if endpoint.search is not None:
        return _search(*endpoint.search)
    if endpoint.body.endswith("batch"):
        row = record({"id": _ID}, closed=False)
        change = ref(f"{endpoint.body.removesuffix('batch')}Update")
        return array({"allOf": [row, change]}, maxItems=1000)
    return ref(endpoint.body)


def _search(orders: Mapping[str, str], filters: Mapping[str, tuple[str, str]]) -> Schema:
    members = {name: _KINDS[kind] for name, (_, kind) in filters.items()}
    order: Schema = {"type": "string", "pattern": f"^({'|'.join(orders)})( (asc|desc))?$", "example": "id desc"}
    members |= {"orderBy": array(order), "changedSince": _MOMENT}
    return record({name: nullable(schema) for name, schema in members.items()}, optional=members, closed=False)


def _answer(answer: str) -> Schema:
    if answer == "ids":
        return array(_ID)
    return ref(f"{answer.removesuffix('[]')}Page" if answer.endswith("[]") else f"{answer}Read")


def _tag(path: str) -> str:
    part = path.split("/")[2]
    return "Authentication" if part == "auth" else part.replace("-", " ").capitalize()

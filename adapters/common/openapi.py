"""An OpenAPI document: what those of all dialects have in common.

A dialect says of each of its operations what it takes and answers; this puts it in its place. Schemas come from the
tables in `schemas`, paths and statuses from the operations themselves, so that nothing is told twice.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from adapters.common.dialect import Operation
from schemas.common.shapes import Schema

VERSION = "3.1.0"

REASONS: Mapping[int, str] = {
    **{200: "Done.", 201: "Made.", 204: "Done, without a body.", 206: "Partial content."},
    **{302: "Back to the client."},
    **{400: "The request cannot be used.", 401: "Who asks is not known.", 403: "The caller may not do this."},
    **{404: "It is not there.", 405: "Not this method.", 406: "Nothing that the client accepts."},
    **{409: "It clashes with what is there.", 413: "The body is too large.", 415: "Not this kind of body."},
    **{423: "Somebody else holds it.", 500: "An error of the server.", 503: "Not now.", 504: "It took too long."},
}

Content = dict[str, Any]
_PLACE = re.compile(r"\{(\w+)\}")
_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z]|\b)|[A-Z]?[a-z]+|[A-Z]+|\d+")


@dataclass(frozen=True, slots=True)
class Described:
    """What a dialect says of an operation. `answers` are contents by status, nothing for those without a body, or the
    name of a response that several operations share."""

    operation: Operation
    tag: str
    summary: str
    answers: Mapping[int, Content | str]
    parameters: Sequence[dict[str, Any]] = ()
    body: dict[str, Any] | None = None
    security: Sequence[Mapping[str, Sequence[str]]] = ()
    description: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """What stands above the paths. `server` is the address in front of them."""

    title: str
    version: str
    server: str
    description: str = ""
    security_schemes: Mapping[str, Any] = field(default_factory=dict)


def document(
    head: Head, described: Iterable[Described], schemas: Mapping[str, Schema], responses: Mapping[str, Any]
) -> dict[str, Any]:
    """Raises ValueError for an operation that is described twice."""
    several = tuple(described)
    ids = unique_ids([d.operation for d in several])
    paths: dict[str, dict[str, Any]] = {}
    for one, id in zip(several, ids, strict=True):
        item = paths.setdefault(one.operation.path, {})
        method = one.operation.method.lower()
        if method in item:
            raise ValueError(f"{one.operation.method} {one.operation.path} is described twice")
        item[method] = _operation(one, id)
    shared = {answer for d in several for answer in d.answers.values() if isinstance(answer, str)}
    info = {"title": head.title, "version": head.version, "description": head.description}
    return {
        "openapi": VERSION,
        "info": {name: text for name, text in info.items() if text},
        "servers": [{"url": head.server}],
        "tags": [{"name": tag} for tag in dict.fromkeys(d.tag for d in several)],
        "paths": paths,
        "components": {
            "schemas": dict(schemas),
            "responses": {name: written for name, written in responses.items() if name in shared},
            "securitySchemes": dict(head.security_schemes),
        },
    }


def _operation(one: Described, id: str) -> dict[str, Any]:
    written: dict[str, Any] = {"operationId": id, "tags": [one.tag], "summary": one.summary}
    if one.description:
        written["description"] = one.description
    written["parameters"] = list(one.parameters)
    if one.body is not None:
        written["requestBody"] = one.body
    written["responses"] = {str(s): response(s, one.answers.get(s)) for s in sorted(one.operation.statuses)}
    facts = {"x-right": one.operation.right.value, "x-source": one.operation.source}
    return {**written, "security": list(one.security), **facts}


def response(status: int, answer: Content | str | None) -> dict[str, Any]:
    if isinstance(answer, str):
        return {"$ref": f"#/components/responses/{answer}"}
    return {"description": REASONS[status], **({"content": answer} if answer else {})}


# refusals, as the dialect itself words them


def asking(method: str, path: str, accept: str = "") -> Request:
    """The request that an example of a refusal answers."""
    headers = [(b"accept", accept.encode())] if accept else []
    scope = {"type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": b""}
    return Request({**scope, "headers": headers, "scheme": "http", "server": ("localhost", 8080)})


def refusals(name: str, schema: Schema, media_type: str, replies: Iterable[Response], **fixed: Any) -> dict[str, Any]:
    """Responses that operations share, called by name and status, each with a reply as an example; `fixed` are members
    that are never the same twice."""
    responses = {}
    for reply in replies:
        example = {**orjson.loads(reply.body), **fixed}
        status = reply.status_code
        responses[f"{name}{status}"] = response(status, content(schema, media_type, example=example))
    return responses


# names


def words(name: str) -> str:
    """`getProcessDefinitionXML` as a sentence's beginning: Get process definition XML."""
    parts = [word if len(word) > 1 and word.isupper() else word.lower() for word in _WORD.findall(name)]
    return f"{parts[0].capitalize()} {' '.join(parts[1:])}".strip()


def unique_ids(operations: Sequence[Operation]) -> list[str]:
    """An operation that is at several addresses has its own name at the first, and at the others tells what they have
    besides."""
    first: dict[str, list[str]] = {}
    ids = []
    for operation in operations:
        parts = operation.path.split("/")
        known = first.setdefault(operation.name, parts)
        same = next((n for n, pair in enumerate(zip(known, parts, strict=False)) if pair[0] != pair[1]), len(known))
        more = "".join(word.capitalize() for part in parts[same:] for word in re.split(r"\W", _PLACE.sub("", part)))
        ids.append(f"{operation.name}{'At' if more and same < len(known) else ''}{more}")
    return ids


# parts of operations


def content(schema: Schema, *media_types: str, example: Any = None) -> Content:
    example_of = {} if example is None else {"example": example}
    return {media_type: {"schema": schema, **example_of} for media_type in media_types}


def body(written: Content, *, required: bool = True) -> dict[str, Any]:
    return {"required": required, "content": written}


def path_names(operation: Operation) -> list[str]:
    return _PLACE.findall(operation.path)


def in_path(name: str, schema: Schema, example: Any = None) -> dict[str, Any]:
    return _parameter(name, "path", schema, example, required=True)


def in_query(name: str, schema: Schema, example: Any = None, *, required: bool = False) -> dict[str, Any]:
    return _parameter(name, "query", schema, example, required=required)


def in_header(name: str, schema: Schema, example: Any = None) -> dict[str, Any]:
    return _parameter(name, "header", schema, example, required=False)


def _parameter(name: str, where: str, schema: Schema, example: Any, *, required: bool) -> dict[str, Any]:
    example_of = {} if example is None else {"example": example}
    return {"name": name, "in": where, "required": required, "schema": schema, **example_of}

"""A description of the API as it is served, for tools that read OpenAPI."""

import re
from collections.abc import Mapping
from typing import Any

from adapters.facilioo.calls import Endpoint
from schemas.facilioo.contract import components, nullable, ref

TITLE = "Dragoman: facilioo dialect"
_REASONS: Mapping[int, str] = {
    **{200: "Done.", 400: "The request cannot be used.", 401: "Who asks is not known."},
    **{403: "The caller may not do this.", 404: "It is not there.", 405: "Not this method."},
    **{409: "It clashes with what is there.", 413: "The body is too large.", 415: "Not this kind of body."},
    **{500: "An error of the server.", 503: "Not now."},
}
_ID: dict[str, Any] = {"type": "integer", "format": "int32", "minimum": 0, "maximum": 2**31 - 1}
_COUNT: dict[str, Any] = {"type": "integer", "format": "int32", "minimum": 1, "maximum": 2**31 - 1}
_PROBLEM: dict[str, Any] = {
    "type": "object",
    "properties": {
        **{name: {"type": "string"} for name in ("type", "title", "detail", "traceId")},
        "status": {"type": "integer"},
        "errors": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
    },
    "required": ["type", "title", "status", "traceId"],
    "additionalProperties": False,
}
_KINDS: Mapping[str, dict[str, Any]] = {
    "int": {"type": "array", "items": {"type": "integer", "format": "int32"}, "maxItems": 1000},
    "text": {"type": "array", "items": {"type": "string"}, "maxItems": 1000},
    "bool": {"type": "boolean"},
}


def describe(endpoints: tuple[Endpoint, ...], profile: str) -> dict[str, Any]:
    """An OpenAPI 3.1 document."""
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in endpoints:
        operation = endpoint.operation
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(endpoint)
    bearer = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    return {
        "openapi": "3.1.0",
        "info": {"title": TITLE, "version": profile},
        "paths": paths,
        "components": {
            "schemas": {**components(), "Problem": _PROBLEM},
            "securitySchemes": {"bearer": bearer},
        },
    }


def _operation(endpoint: Endpoint) -> dict[str, Any]:
    operation = endpoint.operation
    described: dict[str, Any] = {
        "operationId": operation.name,
        "parameters": _parameters(endpoint),
        "responses": {str(status): _response(endpoint, status) for status in sorted(operation.statuses)},
        "security": [] if endpoint.is_open else [{"bearer": []}],
    }
    if endpoint.body:
        required = not endpoint.search
        content = {"application/json": {"schema": _body(endpoint)}}
        described["requestBody"] = {"required": required, "content": content}
    return described


def _parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": _ID}
        for name in re.findall(r"\{(\w+)\}", endpoint.operation.path)
    ]
    if endpoint.answer.endswith("[]"):
        for name in ("pageNumber", "pageSize"):
            found.append({"name": name, "in": "query", "required": False, "schema": _COUNT})
    return found


def _body(endpoint: Endpoint) -> dict[str, Any]:
    if endpoint.search is not None:
        orders, filters = endpoint.search
        order = {"type": "string", "pattern": f"^({'|'.join(orders)})( (asc|desc))?$"}
        members: dict[str, Any] = {name: _KINDS[kind] for name, (_, kind) in filters.items()}
        members["orderBy"] = {"type": "array", "items": order}
        members["changedSince"] = {"type": "string", "format": "date-time"}
        return {"type": "object", "properties": {name: nullable(schema) for name, schema in members.items()}}
    if endpoint.body.endswith("batch"):
        row = {"type": "object", "properties": {"id": _ID}, "required": ["id"]}
        change = ref(f"{endpoint.body.removesuffix('batch')}Update")
        return {"type": "array", "items": {"allOf": [row, change]}, "maxItems": 1000}
    return ref(endpoint.body)


def _response(endpoint: Endpoint, status: int) -> dict[str, Any]:
    described: dict[str, Any] = {"description": _REASONS[status]}
    if status >= 400:
        if status not in (401, 405):
            described["content"] = {"application/problem+json": {"schema": ref("Problem")}}
    elif endpoint.answer:
        schema = _answer(endpoint.answer)
        kinds = ("application/json", "text/json", "text/plain")
        described["content"] = {kind: {"schema": schema} for kind in kinds}
    return described


def _answer(answer: str) -> dict[str, Any]:
    if answer == "ids":
        return {"type": "array", "items": _ID}
    return ref(f"{answer.removesuffix('[]')}Page" if answer.endswith("[]") else f"{answer}Read")

"""Problems, pages and values in ASP.NET's spelling. Source: dossier facilioo.md, sections 1.4 to 1.6."""

from codecs import BOM_UTF8
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from schemas.common.numbers import within

INT32 = 2**31

_SECTIONS = {
    400: "15.5.1",
    403: "15.5.4",
    404: "15.5.5",
    409: "15.5.10",
    413: "15.5.14",
    415: "15.5.16",
    500: "15.6.1",
    503: "15.6.4",
}
VALIDATION = "One or more validation errors occurred."


class Invalid(ValueError):
    """Fields that will not do: name (PascalCase) -> complaints."""

    def __init__(self, errors: Mapping[str, list[str]]) -> None:
        super().__init__(errors)
        self.errors = errors


def required(name: str) -> str:
    return f"The {name} field is required."


def problem(
    status: int, title: str, trace_id: str, errors: Mapping[str, list[str]] | None = None, detail: str = ""
) -> bytes:
    section = _SECTIONS.get(status, "15.5.1")
    body: dict[str, Any] = {
        "type": f"https://tools.ietf.org/html/rfc9110#section-{section}",
        "title": title,
        "status": status,
    }
    if detail:
        body["detail"] = detail
    if errors is not None:
        body["errors"] = dict(errors)
    return orjson.dumps({**body, "traceId": trace_id})


def convertible(wanted: str, path: str) -> str:
    return f"The JSON value could not be converted to {wanted}. Path: {path}."


def load(body: bytes) -> Any:
    """Behind a byte order mark, if there is one. Raises Invalid."""
    body = body.removeprefix(BOM_UTF8)
    if not body.strip():
        raise Invalid({"": ["A non-empty request body is required."]})
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Invalid({"$": ["The JSON value could not be read. Path: $."]}) from None


def fold(values: Mapping[str, Any]) -> dict[str, Any]:
    """Names do not mind the case."""
    return {name.casefold(): member for name, member in values.items()}


@dataclass(frozen=True, slots=True)
class PageRequest:
    number: int = 1
    size: int = 10


MAX_PAGE = 100


def read_page(parameters: Iterable[tuple[str, str]]) -> PageRequest:
    """Names do not mind the case. A size over 100 is cut without a word."""
    texts = {name.casefold(): value for name, value in parameters}
    errors: dict[str, list[str]] = {}
    values: dict[str, int] = {}
    for name, default in (("PageNumber", 1), ("PageSize", 10)):
        text = texts.get(name.casefold())
        if text is None or text == "":
            values[name] = default
        elif (number := within(text.strip(), 1 - INT32, INT32 - 1)) is None:
            errors[name] = [f"The value '{text}' is not valid for {name}."]
        elif number < 1:
            errors[name] = [f"The field {name} must be between 1 and {INT32 - 1}."]
        else:
            values[name] = number
    if errors:
        raise Invalid(errors)
    return PageRequest(values["PageNumber"], min(values["PageSize"], MAX_PAGE))


def page(items: list[Any], wanted: PageRequest, total: int) -> tuple[dict[str, Any], str]:
    """The seven members, and the content-range header."""
    pages = -(-total // wanted.size)
    body = {
        "items": items,
        "pageNumber": wanted.number,
        "pageSize": wanted.size,
        "totalPages": pages,
        "totalCount": total,
        "hasPreviousPage": wanted.number > 1,
        "hasNextPage": wanted.number < pages,
    }
    first = (wanted.number - 1) * wanted.size + 1
    return body, f"{first}-{wanted.number * wanted.size}/{total}"

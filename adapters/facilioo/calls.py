"""What a handler gets, and how it answers. Source: dossier facilioo.md, sections 1.3, 1.4 and 1.6."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from adapters.common.dialect import Mount, Operation
from adapters.common.http import Raw, dumps, read_body
from adapters.facilioo.auth import Tokens
from adapters.facilioo.errors import VERSIONS, UnsupportedMediaType
from adapters.facilioo.parties import ALL, Party, party_of
from core.instance.queries import InstanceByNumber, InstanceView
from core.people.queries import UserByNumber
from core.principal import Principal
from core.process.queries import ActivityByNumber, ProcessByNumber
from core.registry.queries import ReferenceByNumber
from core.rejections import Forbidden, NotFound
from core.search.query import PageRequest, Query
from core.times import iso_utc, parse_timestamp
from core.turn.command import Command
from core.types import Permission
from schemas.common import charsets
from schemas.common.numbers import within
from schemas.common.shapes import members
from schemas.facilioo.contract import REQUESTS, pascal
from schemas.facilioo.wire import INT32, Invalid, read_page
from schemas.facilioo.wire import page as wire_page

Out = TypeVar("Out")
_DIGITS = re.compile(r"[0-9]+")

#: what may be answered: to lists, to searches, to reads of one thing, to what makes, changes and deletes one
LIST = (200, 400, 401, 403, 405, 500, 503)
READ = DELETE = (200, 400, 401, 403, 404, 405, 500, 503)
SEARCH = CREATE = (200, 400, 401, 403, 405, 413, 415, 500, 503)
CHANGE = (200, 400, 401, 403, 404, 405, 413, 415, 500, 503)

#: kinds of things that a body may refer to by number
_LOOK_UP: Mapping[str, Callable[[int], Query[Any]]] = {
    "type": ProcessByNumber,
    "stage": ActivityByNumber,
    "account": UserByNumber,
    "process": InstanceByNumber,
    "party": lambda number: ReferenceByNumber("party", number),
    "property": lambda number: ReferenceByNumber("property", number),
    "unit": lambda number: ReferenceByNumber("unit", number),
    "feedType": lambda number: ReferenceByNumber("feed-type", number),
}


def moment(text: str) -> int:
    """Also of a day, as .NET reads one. Raises ValueError."""
    return parse_timestamp(f"{text}T00:00:00Z" if len(text) == len("2026-01-01") else text, offset_required=False)


def time(milliseconds: int | None) -> str | None:
    """As .NET writes a UTC time: no more digits of a second than there are."""
    if milliseconds is None:
        return None
    text = iso_utc(milliseconds)
    return text[:-1].rstrip("0").rstrip(".") + "Z" if milliseconds % 1000 else text[:-5] + "Z"


def times(row: Any) -> dict[str, str | None]:
    """The last three members of everything that has a row with these columns."""
    return {
        "created": time(row.created_at),
        "lastModified": time(row.changed_at),
        "deleted": time(row.deleted_at),
    }


@dataclass(slots=True)
class Call:
    request: Request
    mount: Mount
    principal: Principal
    tokens: Tokens

    @property
    def party(self) -> Party:
        return party_of(self.principal)

    async def ask(self, query: Query[Out]) -> Out:
        return await self.mount.engine.ask(query, self.principal)

    async def do(self, command: Command[Out]) -> Out:
        return await self.mount.engine.execute(command, self.principal)

    def require(self, permission: Permission, party_types: Sequence[int] = ALL) -> None:
        """Raises Forbidden."""
        if self.party.type not in party_types or not self.principal.may(permission):
            raise Forbidden(permission)

    def number(self, name: str = "id") -> int:
        """An int32 of the path. Raises Invalid, or NotFound if there cannot be such a thing."""
        text: str = self.request.path_params[name]
        if not _DIGITS.fullmatch(text):
            raise Invalid({name: [f"The value '{text}' is not valid."]})
        number = within(text, 0, INT32 - 1)
        if number is None:
            raise NotFound(name, text)
        return number

    async def body(self) -> bytes:
        """That of a JSON request. Raises UnsupportedMediaType."""
        body = await read_body(self.request)
        content_type = self.request.headers.get("content-type", "")
        media_type = content_type.partition(";")[0].strip().lower()
        if body and media_type not in ("application/json", "text/json") and not media_type.endswith("+json"):
            raise UnsupportedMediaType
        if ";" not in content_type:
            return body
        try:
            return charsets.to_utf8(body, charsets.of_media_type(content_type))
        except charsets.UnknownCharset:
            raise UnsupportedMediaType from None

    async def refer(
        self, values: Mapping[str, Any], shape: str, *skipped: str, process: "Find | None" = None
    ) -> dict[str, Any]:
        """What the ids in a body stand for, by member. Raises Invalid with all that do not exist. `process` finds
        one that the caller sees."""
        referents: dict[str, Any] = {}
        errors: dict[str, list[str]] = {}
        for member in members(REQUESTS[shape]):
            number = values.get(member.name)
            if not member.mark or number is None or member.name in skipped:
                continue
            try:
                if member.mark == "process" and process is not None:
                    referent: Any = await process(self, number)
                else:
                    referent = await self.ask(_LOOK_UP[member.mark](number))
            except NotFound:
                referent = None
            if referent is None or getattr(referent, "deleted_at", None) is not None:
                pascal_name = pascal(member.name)
                errors[pascal_name] = [f"The {pascal_name} {number} does not exist."]
            referents[member.name] = referent
        if errors:
            raise Invalid(errors)
        return referents

    async def _there(self, kind: str, numbers: Sequence[int]) -> list[Any]:
        """Those that there are."""
        existing = []
        for number in dict.fromkeys(numbers):
            with suppress(NotFound):
                existing.append(await self.ask(_LOOK_UP[kind](number)))
        return existing

    async def keys(self, kind: str, numbers: Sequence[int]) -> tuple[int, ...]:
        things = await self._there(kind, numbers)
        return tuple(thing.instance.key if isinstance(thing, InstanceView) else thing.key for thing in things)

    async def usernames(self, numbers: Sequence[int]) -> tuple[str, ...]:
        return tuple(user.username for user in await self._there("account", numbers))

    # answers

    def _headers(self) -> dict[str, str]:
        accept = self.request.headers.get("accept", "")
        for media_type in ("application/json", "text/json", "text/plain"):
            if media_type in accept:
                return {"content-type": f"{media_type}; charset=utf-8", **VERSIONS}
        return {"content-type": "application/json; charset=utf-8", **VERSIONS}

    def reply(self, value: Any) -> Response:
        return Raw(200, dumps(value), self._headers())

    def nothing(self) -> Response:
        return Raw(200, b"", dict(VERSIONS))

    async def page(self, find: Callable[[PageRequest], Awaitable[tuple[list[Any], int]]]) -> Response:
        """A page of what `find` finds for a window, with all members and the content-range header."""
        wanted = read_page(self.request.query_params.multi_items())
        items, total = await find(PageRequest(wanted.size, (wanted.number - 1) * wanted.size, cap=None))
        body, content_range = wire_page(items, wanted, total)
        return Raw(200, dumps(body), {**self._headers(), "content-range": content_range})

    async def page_of(self, items: list[Any]) -> Response:
        """A page of a list that is there as a whole."""

        async def cut(window: PageRequest) -> tuple[list[Any], int]:
            return items[window.offset : window.offset + (window.limit or 0)], len(items)

        return await self.page(cut)


Handler = Callable[[Call], Awaitable[Response]]
Find = Callable[[Call, int], Awaitable[InstanceView]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An operation with its handler, and for a description of it: the shape of its body and of its answer (`X`, a page
    of `X[]`, `ids`, or nothing), and by what it sorts and filters."""

    operation: Operation
    handler: Handler
    body: str = ""
    answer: str = ""
    search: tuple[Mapping[str, str], Mapping[str, tuple[str, str]]] | None = None

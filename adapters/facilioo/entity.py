"""The pattern that every entity follows: list, create, read, change, delete, batch and search. Source: dossier
facilioo.md, section 1.7. An entity declares its shape, who may do what, and how the engine keeps it."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from starlette.responses import Response

from adapters.common.dialect import Operation
from adapters.common.rights import OWN
from adapters.facilioo import calls
from adapters.facilioo.calls import Call, Endpoint, Handler, moment
from adapters.facilioo.parties import ALL, MANAGERS, right_of
from core.rejections import NotFound
from core.search.query import Page, PageRequest, Sort, Where
from core.turn.command import Command, Several
from core.types import Permission
from schemas.facilioo.body import read_batch, read_change, read_create, read_search

V = TypeVar("V")
#: names that the engine has for its fields, and all conditions that it knows of it
Field = TypeVar("Field", bound=str)
Condition = TypeVar("Condition")
#: fields of everything
Common = Literal["key", "changed_at"]

PATTERN = ("list", "create", "get", "update", "delete", "batch", "search")


@dataclass(frozen=True, slots=True)
class Rights:
    """The party types that may do it."""

    read: tuple[int, ...] = ALL
    create: tuple[int, ...] = MANAGERS
    update: tuple[int, ...] = MANAGERS
    delete: tuple[int, ...] = MANAGERS


class Entity(ABC, Generic[V, Field, Condition]):
    """`reading`, `making` and `changing` are the words for what is everybody's business, not that of some party types.

    `name` is that of its shapes, `path` its plural in addresses; `filters` maps a member of a search to (field of
    the engine, int, text or bool), `orders` what may be sorted by. `sources` says where operations are known from."""

    name: str
    path: str
    plural: str = ""
    rights = Rights()
    reading, making, changing = OWN, OWN, OWN
    offers: tuple[str, ...] = PATTERN
    filters: Mapping[str, tuple[Field, str]] = {}
    orders: Mapping[str, Field] = {}
    sources: Mapping[str, str] = {}
    conflicts: tuple[str, ...] = ()

    # how the engine keeps it

    @abstractmethod
    async def one(self, call: Call, number: int) -> V:
        """Raises NotFound, also for what the caller does not see."""

    @abstractmethod
    async def find(
        self,
        call: Call,
        where: tuple[Where[Field | Common] | Condition, ...],
        sort: tuple[Sort[Field | Common], ...],
        window: PageRequest,
    ) -> Page[V]:
        """Of all that the caller sees."""

    @abstractmethod
    async def reads(self, call: Call, views: tuple[V, ...]) -> list[dict[str, Any]]: ...

    async def create(self, call: Call, values: Mapping[str, Any]) -> int:
        """Its number. Raises Invalid."""
        raise NotImplementedError

    async def change(self, call: Call, view: V, values: Mapping[str, Any]) -> tuple[Command[Any], ...]:
        """What changes the members that are in `values`. Raises Invalid."""
        raise NotImplementedError

    async def remove(self, call: Call, view: V) -> tuple[Command[Any], ...]:
        raise NotImplementedError

    def is_deleted(self, view: V) -> bool:
        return getattr(view, "deleted_at", None) is not None

    async def conditions(
        self, call: Call, name: str, values: tuple[Any, ...]
    ) -> tuple[Where[Field | Common] | Condition, ...]:
        """A member of a search as conditions."""
        field, kind = self.filters[name]
        return (Where(field, "eq", values[0]) if kind == "bool" else Where(field, "in", values),)

    # the pattern

    async def live(self, call: Call, number: int) -> V:
        """One that is not deleted: what is, can be read only."""
        view = await self.one(call, number)
        if self.is_deleted(view):
            raise NotFound(self.name, number)
        return view

    async def reply(self, call: Call, view: V) -> Response:
        return call.reply((await self.reads(call, (view,)))[0])

    async def reply_page(
        self, call: Call, where: tuple[Where[Field | Common] | Condition, ...], sort: tuple[Sort[Field | Common], ...]
    ) -> Response:
        async def window(wanted: PageRequest) -> tuple[list[Any], int]:
            page = await self.find(call, where, sort or (Sort("key"),), wanted)
            return await self.reads(call, page.items), page.total

        return await call.page(window)

    async def _list(self, call: Call) -> Response:
        call.require(Permission.READ, self.rights.read)
        return await self.reply_page(call, (), ())

    async def _search(self, call: Call) -> Response:
        call.require(Permission.READ, self.rights.read)
        kinds = {name: kind for name, (_, kind) in self.filters.items()}
        wanted = read_search(await call.body(), kinds, self.orders, moment)
        where: tuple[Where[Field | Common] | Condition, ...] = ()
        if wanted.changed_since is not None:
            where = (Where("changed_at", "gt", wanted.changed_since),)
        for name, values in wanted.equal.items():
            where += await self.conditions(call, name, values)
        return await self.reply_page(call, where, tuple(Sort(self.orders[name], down) for name, down in wanted.order))

    async def _get(self, call: Call) -> Response:
        call.require(Permission.READ, self.rights.read)
        return await self.reply(call, await self.one(call, call.number()))

    async def _create(self, call: Call) -> Response:
        call.require(Permission.START, self.rights.create)
        values = read_create(await call.body(), self.name, moment)
        return await self.reply(call, await self.one(call, await self.create(call, values)))

    async def _update(self, call: Call) -> Response:
        call.require(Permission.WORK, self.rights.update)
        number = call.number()
        values = read_change(await call.body(), self.name, moment)
        commands = await self.change(call, await self.live(call, number), values)
        await call.do(Several(commands))
        return await self.reply(call, await self.one(call, number))

    async def _batch(self, call: Call) -> Response:
        call.require(Permission.WORK, self.rights.update)
        commands: list[Command[Any]] = []
        changes = read_batch(await call.body(), self.name, moment)
        for number, values in changes:
            commands += await self.change(call, await self.live(call, number), values)
        await call.do(Several(tuple(commands)))
        return call.reply([number for number, _ in changes])

    async def _delete(self, call: Call) -> Response:
        call.require(Permission.WORK, self.rights.delete)
        await call.do(Several(await self.remove(call, await self.live(call, call.number()))))
        return call.nothing()

    def endpoints(self) -> list[Endpoint]:
        name, many = self.name, self.plural or f"{self.name}s"
        collection, one = f"/api/{self.path}", f"/api/{self.path}/{{id}}"
        rights = {
            **dict.fromkeys(("list", "search", "get"), right_of(self.rights.read, self.reading)),
            "create": right_of(self.rights.create, self.making),
            **dict.fromkeys(("update", "batch"), right_of(self.rights.update, self.changing)),
            "delete": right_of(self.rights.delete, self.changing),
        }
        pattern: Mapping[str, tuple[str, str, str, tuple[int, ...], Handler, str, str]] = {
            "list": (f"list{many}", "GET", collection, calls.LIST, self._list, "", f"{name}[]"),
            "create": (f"create{name}", "POST", collection, calls.CREATE, self._create, f"{name}Create", name),
            "batch": (f"update{many}", "PATCH", f"{collection}/batch", calls.CHANGE, self._batch, "batch", "ids"),
            "search": (
                f"search{many}",
                "POST",
                f"{collection}/search",
                calls.SEARCH,
                self._search,
                "search",
                f"{name}[]",
            ),
            "get": (f"get{name}", "GET", one, calls.READ, self._get, "", name),
            "update": (f"update{name}", "PATCH", one, calls.CHANGE, self._update, f"{name}Update", name),
            "delete": (f"delete{name}", "DELETE", one, calls.DELETE, self._delete, "", ""),
        }
        endpoints = []
        for offer in self.offers:
            title, method, path, statuses, handler, body, answer = pattern[offer]
            more = (409,) if offer in self.conflicts else ()
            source = self.sources.get(offer, "our choice")
            operation = Operation(title, method, path, rights[offer], (*statuses, *more), source=source)
            shape = f"{name}{body}" if body in ("batch", "search") else body
            searched = (self.orders, self.filters) if offer == "search" else None
            endpoints.append(Endpoint(operation, handler, shape, answer, search=searched))
        return endpoints

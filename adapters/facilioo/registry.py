"""Master data as small registries: parties, properties, units, contracts, types of feed entries. Source: dossier
facilioo.md, sections 3.5 and 3.7; what is not observed there is our choice."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from adapters.common.dialect import Operation
from adapters.common.rights import OWN, SIGNED_IN
from adapters.facilioo import calls
from adapters.facilioo.calls import Call, Endpoint, time, times
from adapters.facilioo.entity import Entity, Rights
from adapters.facilioo.parties import ALL, STAFF, USER, right_of
from adapters.facilioo.processes import Processes
from core.registry.commands import CreateReference, UpdateReference
from core.registry.fields import ReferenceField, ReferenceSort, ReferenceWhere
from core.registry.queries import ReferenceByNumber, ReferencesByKey, SearchReferences
from core.search.query import Is, Page, PageRequest, Where
from core.tables.registry import Reference
from core.turn.command import Command
from core.types import Permission
from schemas.common.shapes import members
from schemas.facilioo.contract import ANSWERS, REQUESTS, pascal
from schemas.facilioo.wire import Invalid

#: BoardChairman, BoardMember, Owner, Tenant, Subtenant, Resident
CONTRACT_TYPES = (1, 2, 3, 4, 5, 6)

_ORDERS: Mapping[str, ReferenceField] = {
    **{"id": "number", "name": "name", "externalId": "external_id"},
    **{"created": "created_at", "lastModified": "changed_at"},
}


class Registry(Entity[Reference, ReferenceField, ReferenceWhere]):
    """`kind` is what the engine calls it; `part_of` the member with the id of what it is a part of; `allowed` the
    values that a member may have, `fixed` what never changes, `defaults` what rows have that came without."""

    kind: str
    reading = SIGNED_IN
    part_of: str = ""
    allowed: Mapping[str, tuple[int, ...]] = {}
    filters: Mapping[str, tuple[ReferenceField, str]] = {
        "ids": ("number", "int"),
        "externalIds": ("external_id", "text"),
    }
    orders: Mapping[str, ReferenceField] = _ORDERS
    fixed: tuple[str, ...] = ()
    defaults: Mapping[str, Any] = {}

    async def one(self, call: Call, number: int) -> Reference:
        return await call.ask(ReferenceByNumber(self.kind, number))

    async def find(
        self, call: Call, where: tuple[ReferenceWhere, ...], sort: tuple[ReferenceSort, ...], window: PageRequest
    ) -> Page[Reference]:
        of_kind: ReferenceWhere = Where("kind", "eq", self.kind)
        return await call.ask(SearchReferences((of_kind, *where), sort, window))

    async def conditions(self, call: Call, name: str, values: tuple[Any, ...]) -> tuple[ReferenceWhere, ...]:
        if self.filters[name][0] == "parent_key":
            return (Where("parent_key", "in", await call.keys(name.removesuffix("Ids"), values)),)
        return await super().conditions(call, name, values)

    async def reads(self, call: Call, views: tuple[Reference, ...]) -> list[dict[str, Any]]:
        parents = await call.ask(ReferencesByKey(tuple({row.parent_key for row in views if row.parent_key})))
        return [self._read(row, parents.get(row.parent_key)) for row in views]

    def _read(self, row: Reference, parent: Reference | None) -> dict[str, Any]:
        ext = row.ext
        special = {
            "id": row.number,
            "name": row.name,
            "externalId": row.external_id or ext.get("externalId"),
            self.part_of: parent.number if parent is not None else ext.get(self.part_of, 0),
            **times(row),
        }
        answer: dict[str, Any] = {}
        for member in members(ANSWERS[self.name]):
            stored = ext.get(member.name, self.defaults.get(member.name))
            value = special.get(member.name, stored)
            answer[member.name] = time(value) if member.kind == "date" and isinstance(value, int) else value
        return answer

    def _check(self, values: Mapping[str, Any]) -> None:
        for name, allowed in self.allowed.items():
            if name in values and values[name] not in allowed:
                pascal_name = pascal(name)
                raise Invalid({pascal_name: [f"The value '{values[name]}' is not valid for {pascal_name}."]})

    def _columns(self, values: Mapping[str, Any], refs: Mapping[str, Any]) -> dict[str, Any]:
        new: dict[str, Any] = {}
        if "name" in values:
            new["name"] = values["name"]
        if "externalId" in values:
            new["external_id"] = values["externalId"] or ""
        if self.part_of in refs:
            new["parent_key"] = refs[self.part_of].key
        ext_names = [m.name for m in members(REQUESTS[self.name]) if m.name not in ("name", self.part_of)]
        return {**new, "ext": {name: values[name] for name in ext_names if name in values}}

    async def create(self, call: Call, values: Mapping[str, Any]) -> int:
        self._check(values)
        refs = await call.refer(values, self.name)
        return (await call.do(CreateReference(self.kind, **self._columns(values, refs)))).number

    async def change(self, call: Call, view: Reference, values: Mapping[str, Any]) -> tuple[Command[Any], ...]:
        self._check(values)
        ext = view.ext
        for name in self.fixed:
            if name in values and values[name] != ext.get(name):
                raise Invalid({pascal(name): [f"The {pascal(name)} cannot be changed."]})
        refs = await call.refer(values, self.name)
        return (UpdateReference(view.key, **self._columns(values, refs)),)

    async def remove(self, call: Call, view: Reference) -> tuple[Command[Any], ...]:
        return (UpdateReference(view.key, deleted=True),)


class Parties(Registry):
    """Its type stays: accounts carry it with them."""

    name, path, plural, kind = "Party", "parties", "Parties", "party"
    sources: Mapping[str, str] = {"list": "documented"}
    allowed: Mapping[str, tuple[int, ...]] = {"type": ALL}
    fixed = ("type",)
    defaults: Mapping[str, Any] = {"type": USER}


class Properties(Registry):
    name, path, plural, kind = "Property", "properties", "Properties", "property"
    sources: Mapping[str, str] = {"list": "measured"}

    def __init__(self, processes: Processes) -> None:
        self._processes = processes

    async def _its_processes(self, call: Call) -> Response:
        """Those of its units: the list that clients poll. Nothing but pages is asked for."""
        call.require(Permission.READ)
        row = await self.one(call, call.number())
        return await self._processes.reply_page(call, (Is("within", (row.key,)),), ())

    def endpoints(self) -> list[Endpoint]:
        path = "/api/properties/{id}/processes"
        operation = Operation("listProcessesOfProperty", "GET", path, OWN, calls.READ, source="measured")
        return [*super().endpoints(), Endpoint(operation, self._its_processes, answer="Process[]")]


class Contracts(Registry):
    name, path, plural, kind = "Contract", "contracts", "Contracts", "contract"
    part_of = "unitId"
    rights = Rights(read=STAFF)
    allowed: Mapping[str, tuple[int, ...]] = {"type": CONTRACT_TYPES}
    filters: Mapping[str, tuple[ReferenceField, str]] = {**Registry.filters, "unitIds": ("parent_key", "int")}


class Units(Registry):
    name, path, plural, kind = "Unit", "units", "Units", "unit"
    part_of = "propertyId"
    sources: Mapping[str, str] = {"list": "documented"}
    filters: Mapping[str, tuple[ReferenceField, str]] = {**Registry.filters, "propertyIds": ("parent_key", "int")}

    def __init__(self, contracts: Contracts) -> None:
        self._contracts = contracts

    async def _its_contracts(self, call: Call) -> Response:
        call.require(Permission.READ, self._contracts.rights.read)
        row = await self.one(call, call.number())
        return await self._contracts.reply_page(call, (Where("parent_key", "eq", row.key),), ())

    def endpoints(self) -> list[Endpoint]:
        right = right_of(self._contracts.rights.read, OWN)
        operation = Operation("listContractsOfUnit", "GET", "/api/units/{id}/contracts", right, calls.READ)
        return [*super().endpoints(), Endpoint(operation, self._its_contracts, answer="Contract[]")]


class FeedTypes(Registry):
    name, path, plural, kind = "ProcessFeedType", "process-feed-types", "ProcessFeedTypes", "feed-type"
    sources: Mapping[str, str] = dict.fromkeys(
        ("list", "create", "get", "update", "delete", "batch", "search"), "documented"
    )

"""Roles, tenants and mapping rules, which are made, changed and found in the same way. Source: dossier camunda.md,
section 3.10."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Never

from starlette.responses import Response

from adapters.camunda import errors
from adapters.camunda.access import Need
from adapters.camunda.calls import CREATE, DELETE, READ_BY_ID, SEARCH, UPDATE, Call, Endpoints, reply
from adapters.camunda.errors import Intent, Problem
from adapters.camunda.searching import Filter, Plain, Searchable, found, page_of
from adapters.common.http import Raw
from core.directory.commands import CreateEntry, DeleteEntry, UpdateEntry
from core.directory.fields import EntryField, EntryWhere
from core.directory.queries import EntryById, MappingRules, SearchEntries
from core.rejections import Conflict, NotFound
from core.search.query import Where
from core.tables.directory import Entry
from core.types import EntryKind
from schemas.camunda.identity import EntryRequest, parse_entry
from schemas.camunda.search import Member

endpoints = Endpoints()


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of entry on the wire. `fields` are the members of an entry, with the engine's names; the first is its id.
    `noun` and `id_noun` are the words of the vendor's texts."""

    kind: EntryKind
    name: str
    path: str
    noun: str
    id_noun: str
    resource: str
    fields: Mapping[str, EntryField]
    members: Filter[EntryField, Never]
    sort: Mapping[str, EntryField]
    creating: Intent
    updating: Intent
    deleting: Intent

    @property
    def id_name(self) -> str:
        return next(iter(self.fields))

    @property
    def reading(self) -> Need:
        return ("READ", self.resource)

    @property
    def search(self) -> Plain[EntryField]:
        return Searchable(self.members, self.sort)

    def record(self, entry: Entry) -> dict[str, Any]:
        members = {name: getattr(entry, column) for name, column in self.fields.items()}
        return {name: value or (None if name == "description" else "") for name, value in members.items()}


_EXACT = Member("text")

ROLE = Kind(
    kind=EntryKind.ROLE,
    name="Role",
    path="/roles",
    noun="role",
    id_noun="ID",
    resource="ROLE",
    fields={"roleId": "entry_id", "name": "name", "description": "description"},
    members={"roleId": (_EXACT, "entry_id"), "name": (_EXACT, "name")},
    sort={"roleId": "entry_id", "name": "name"},
    creating=errors.CREATE_ROLE,
    updating=errors.UPDATE_ROLE,
    deleting=errors.DELETE_ROLE,
)
TENANT = Kind(
    kind=EntryKind.TENANT,
    name="Tenant",
    path="/tenants",
    noun="tenant",
    id_noun="ID",
    resource="TENANT",
    fields={"tenantId": "entry_id", "name": "name", "description": "description"},
    members={"tenantId": (_EXACT, "entry_id"), "name": (_EXACT, "name")},
    sort={"tenantId": "entry_id", "name": "name", "key": "key"},
    creating=errors.CREATE_TENANT,
    updating=errors.UPDATE_TENANT,
    deleting=errors.DELETE_TENANT,
)
_RULE_FIELDS: Mapping[str, EntryField] = {
    "mappingRuleId": "entry_id",
    "claimName": "claim_name",
    "claimValue": "claim_value",
    "name": "name",
}
MAPPING_RULE = Kind(
    kind=EntryKind.MAPPING_RULE,
    name="MappingRule",
    path="/mapping-rules",
    noun="mapping rule",
    id_noun="id",
    resource="MAPPING_RULE",
    fields=_RULE_FIELDS,
    members={name: (_EXACT, column) for name, column in _RULE_FIELDS.items()},
    sort=_RULE_FIELDS,
    creating=errors.CREATE_RULE,
    updating=errors.UPDATE_RULE,
    deleting=errors.DELETE_RULE,
)
KINDS = (ROLE, TENANT, MAPPING_RULE)


async def find(call: Call, kind: Kind, id: str) -> Entry:
    """Raises NotFound."""
    return await call.ask(EntryById(kind.kind, id))


async def _check_claim(call: Call, kind: Kind, wanted: EntryRequest, intent: str, id: str = "") -> None:
    """No other mapping rule has this claim. Raises Problem."""
    if kind is not MAPPING_RULE:
        return
    name, value = wanted.values["claimName"], wanted.values["claimValue"]
    rules = await call.ask(MappingRules())
    others = (rule for rule in rules if rule.entry_id != (id or wanted.id))
    if any((rule.claim_name, rule.claim_value) == (name, value) for rule in others):
        doing = f"Expected to {intent.lower()} mapping rule with claimName '{name}' and claimValue '{value}'"
        raise errors.already(intent, f"{doing}, but a mapping rule with this claim already exists.")


@dataclass(frozen=True, slots=True)
class Operations:
    """What is done with the entries of a kind."""

    kind: Kind

    def _id(self, call: Call) -> str:
        id: str = call.request.path_params[self.kind.id_name]
        return id

    async def _wanted(self, call: Call, *, new: bool) -> EntryRequest:
        return parse_entry(await call.body(), tuple(self.kind.fields), new=new)

    def _values(self, wanted: EntryRequest) -> dict[str, str]:
        """All but the id, with the engine's names."""
        return {column: wanted.values[name] for name, column in list(self.kind.fields.items())[1:]}

    def _absent(self, verb: str, id: str) -> Problem:
        return errors.absent(verb, self.kind.noun, self.kind.id_noun, id)

    async def create(self, call: Call) -> Response:
        kind = self.kind
        call.means(kind.creating)
        wanted = await self._wanted(call, new=True)
        call.check_doing()
        await _check_claim(call, kind, wanted, "CREATE")
        try:
            await call.do(CreateEntry(kind.kind, wanted.id, **self._values(wanted)))
        except Conflict:
            raise errors.exists(kind.noun, kind.id_noun, wanted.id) from None
        return reply(kind.record(await find(call, kind, wanted.id)), 201)

    async def get(self, call: Call) -> Response:
        id = self._id(call)
        call.check_reading(self.kind.reading, id=id)
        return reply(self.kind.record(await find(call, self.kind, id)))

    async def update(self, call: Call) -> Response:
        kind, id = self.kind, self._id(call)
        call.means(kind.updating, id)
        wanted = await self._wanted(call, new=False)
        call.check_doing()
        try:
            await find(call, kind, id)
            await _check_claim(call, kind, wanted, "UPDATE", id)
            await call.do(UpdateEntry(kind.kind, id, **self._values(wanted)))
        except NotFound:
            raise self._absent("UPDATE", id) from None
        shown = kind.record(await find(call, kind, id))
        return reply({**shown, "description": shown["description"] or ""} if "description" in shown else shown)

    async def delete(self, call: Call) -> Response:
        kind, id = self.kind, self._id(call)
        call.means(kind.deleting, id)
        try:
            await call.do(DeleteEntry(kind.kind, id))
        except NotFound:
            raise self._absent("DELETE", id) from None
        except Conflict:
            reason = f"Expected to delete {kind.noun} with {kind.id_noun} '{id}', but it is built in."
            detail = f"Command 'DELETE' rejected with code 'INVALID_STATE': {reason}"
            raise Problem(409, "INVALID_STATE", detail) from None
        return Raw(204)

    async def search(self, call: Call) -> Response:
        kind = self.kind
        wanted = await kind.search.read(call)
        of_kind: EntryWhere = Where("kind", "eq", kind.kind.value)
        readable: tuple[EntryWhere, ...] = call.access.where(kind.reading, "entry_id")
        where = (of_kind, *readable, *kind.search.where(wanted))
        page = await call.ask(SearchEntries(where, kind.search.order(wanted), page_of(wanted.page)))
        return await found(page, kind.record)


def declare(kind: Kind) -> None:
    """The five operations of a kind."""
    do, name, one = Operations(kind), kind.name, f"{kind.path}/{{{kind.id_name}}}"
    # there is no mapping rule that is built in
    deleted = DELETE if kind is MAPPING_RULE else (*DELETE, 409)
    endpoints(f"create{name}", "POST", kind.path, CREATE)(do.create)
    endpoints(f"get{name}", "GET", one, READ_BY_ID)(do.get)
    updated = (*UPDATE, 409) if kind is MAPPING_RULE else UPDATE
    endpoints(f"update{name}", "PUT", one, updated)(do.update)
    endpoints(f"delete{name}", "DELETE", one, deleted)(do.delete)
    endpoints(f"search{name}s", "POST", f"{kind.path}/search", SEARCH)(do.search)


for _kind in KINDS:
    declare(_kind)

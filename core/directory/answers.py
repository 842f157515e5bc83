"""Answers about roles, tenants and mapping rules, their members, and what is granted."""

from collections.abc import Iterable

from core.directory.fields import ASSOCIATE, ENTRY, GRANT
from core.directory.queries import (
    Belongings,
    BelongingsOf,
    EntryById,
    GrantByKey,
    MappingRules,
    SearchAssociates,
    SearchEntries,
    SearchGrants,
)
from core.rejections import NotFound
from core.search.query import Page
from core.search.reader import Reader, answers, of_tenant
from core.search.search import search
from core.storage.record import load
from core.storage.rows import load_any
from core.tables.directory import Associate, Entry, Grant
from core.tables.people import Group
from core.types import EntryKind, MemberKind


@answers(EntryById)
def entry_by_id(query: EntryById, r: Reader) -> Entry:
    for entry in load_any(r.connection, Entry, "entry_id", [query.id]):
        if entry.kind == query.kind and entry.tenant_key == r.principal.tenant_key:
            return entry
    raise NotFound(query.kind, query.id)


@answers(MappingRules)
def mapping_rules(query: MappingRules, r: Reader) -> tuple[Entry, ...]:
    return tuple(entry for entry in of_tenant(r, Entry) if entry.kind == EntryKind.MAPPING_RULE)


@answers(SearchEntries)
def search_entries(query: SearchEntries, r: Reader) -> Page[Entry]:
    page = search(r, ENTRY, query)
    return Page(tuple(load(Entry, row) for row in page.rows), page.total, page.capped, page.start, page.end)


@answers(SearchAssociates)
def search_associates(query: SearchAssociates, r: Reader) -> Page[Associate]:
    page = search(r, ASSOCIATE, query)
    return Page(tuple(load(Associate, row) for row in page.rows), page.total, page.capped, page.start, page.end)


@answers(GrantByKey)
def grant_by_key(query: GrantByKey, r: Reader) -> Grant:
    return r.one(Grant, "key", query.key, "grant")


@answers(SearchGrants)
def search_grants(query: SearchGrants, r: Reader) -> Page[Grant]:
    page = search(r, GRANT, query)
    return Page(tuple(load(Grant, row) for row in page.rows), page.total, page.capped, page.start, page.end)


@answers(BelongingsOf)
def belongings_of(query: BelongingsOf, r: Reader) -> Belongings:
    """Membership is followed until nothing new is found: a user is in a group that is in a role that is in a tenant."""
    members = {(kind.value, id) for kind, id in query.members}
    tenants: dict[str, Entry] = {}
    fresh = set(members)
    while fresh:
        owners: set[tuple[str, str]] = set()
        for owner in _owners(r, fresh):
            if isinstance(owner, Group):
                owners.add((MemberKind.GROUP.value, owner.name))
            elif owner.kind == EntryKind.TENANT:
                tenants[owner.entry_id] = owner
            else:
                owners.add((MemberKind.ROLE.value, owner.entry_id))
        fresh = owners - members
        members |= fresh
    grants = load_any(r.connection, Grant, "owner_id", {id for _, id in members})
    granted = (g for g in grants if g.tenant_key == r.principal.tenant_key and (g.owner_kind, g.owner_id) in members)

    def ids(kind: MemberKind) -> tuple[str, ...]:
        return tuple(sorted(id for k, id in members if k == kind))

    return Belongings(
        ids(MemberKind.GROUP),
        ids(MemberKind.ROLE),
        tuple(tenants[id] for id in sorted(tenants)),
        tuple(sorted(granted, key=lambda g: g.key)),
    )


def _owners(r: Reader, members: Iterable[tuple[str, str]]) -> list[Entry | Group]:
    wanted = set(members)
    rows = load_any(r.connection, Associate, "member_id", {id for _, id in wanted})
    tenant = r.principal.tenant_key
    keys = {row.owner_key for row in rows if row.tenant_key == tenant and (row.kind, row.member_id) in wanted}
    return [*load_any(r.connection, Entry, "key", keys), *load_any(r.connection, Group, "key", keys)]

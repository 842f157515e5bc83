"""By what roles, tenants, mapping rules and grants are searched."""

from collections.abc import Mapping

from sqlalchemy import BigInteger, ColumnElement, Text, bindparam, cast, exists, literal, select

from core.people.fields import has_member
from core.search.field import Field, plain
from core.search.kind import Kind
from core.tables.joined import associates, entries, grants


def _entry_member_of(op: str, name: str) -> ColumnElement[bool]:
    """Of the owner whose key is the value."""
    mine = (associates.c.member_id == entries.c.entry_id, associates.c.kind == entries.c.kind)
    owner = associates.c.owner_key == bindparam(name, type_=BigInteger)
    return exists(select(literal(1)).where(*mine, owner))


ENTRY_FIELDS: Mapping[str, Field] = {
    **{
        name: plain(entries.c[name])
        for name in ("key", "kind", "entry_id", "name", "description", "claim_name", "claim_value")
    },
    "member_of": Field(_entry_member_of),
    "has_member": Field(has_member),
}


ASSOCIATE_FIELDS: Mapping[str, Field] = {
    name: plain(associates.c[name]) for name in ("key", "owner_key", "kind", "member_id")
}


GRANT_FIELDS: Mapping[str, Field] = {
    **{name: plain(grants.c[name]) for name in ("key", "owner_kind", "owner_id", "resource_kind")},
    **{name: plain(grants.c[name]) for name in ("resource_id", "property_name")},
    "key_text": plain(cast(grants.c.key, Text)),
}


ENTRY = Kind("entry", entries, ENTRY_FIELDS)
ASSOCIATE = Kind("associate", associates, ASSOCIATE_FIELDS)
GRANT = Kind("grant", grants, GRANT_FIELDS)

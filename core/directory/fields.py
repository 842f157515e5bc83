"""By what roles, tenants, mapping rules and grants are searched."""

from collections.abc import Mapping
from typing import Literal, TypeAlias

from sqlalchemy import BigInteger, ColumnElement, Text, bindparam, cast, exists, literal, select

from core.people.fields import has_member
from core.search.field import Field, columns, plain
from core.search.kind import Kind
from core.search.query import Either, Is, Sort, Where
from core.tables.joined import associates, entries, grants


def _entry_member_of(op: str, name: str) -> ColumnElement[bool]:
    """Of the owner whose key is the value."""
    is_member = (associates.c.member_id == entries.c.entry_id, associates.c.kind == entries.c.kind)
    owner = associates.c.owner_key == bindparam(name, type_=BigInteger)
    return exists(select(literal(1)).where(*is_member, owner))


EntryField = Literal["key", "kind", "entry_id", "name", "description", "claim_name", "claim_value"]
EntryFact = Literal["member_of", "has_member"]
EntryWhere: TypeAlias = Where[EntryField] | Is[EntryFact] | Either["EntryWhere"]
EntrySort: TypeAlias = Sort[EntryField]

ENTRY_FIELDS: Mapping[str, Field] = {
    **columns(entries, EntryField),
    "member_of": Field(_entry_member_of),
    "has_member": Field(has_member),
}


AssociateField = Literal["key", "owner_key", "kind", "member_id"]
AssociateWhere: TypeAlias = Where[AssociateField] | Either["AssociateWhere"]
AssociateSort: TypeAlias = Sort[AssociateField]

ASSOCIATE_FIELDS: Mapping[str, Field] = columns(associates, AssociateField)


_GrantColumn = Literal["key", "owner_kind", "owner_id", "resource_kind", "resource_id", "property_name"]
GrantField = _GrantColumn | Literal["key_text"]
GrantWhere: TypeAlias = Where[GrantField] | Either["GrantWhere"]
GrantSort: TypeAlias = Sort[GrantField]

GRANT_FIELDS: Mapping[str, Field] = {
    **columns(grants, _GrantColumn),
    "key_text": plain(cast(grants.c.key, Text)),
}


ENTRY = Kind("entry", entries, ENTRY_FIELDS)
ASSOCIATE = Kind("associate", associates, ASSOCIATE_FIELDS)
GRANT = Kind("grant", grants, GRANT_FIELDS)

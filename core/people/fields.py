"""By what users and groups are searched."""

from collections.abc import Mapping
from typing import Literal, TypeAlias

from sqlalchemy import BigInteger, ColumnElement, Text, bindparam, case, exists, func, literal, select

from core.search.field import Field, columns, filled, plain
from core.search.kind import Kind
from core.search.query import Either, Is, Sort, Where
from core.tables.joined import associates, entries, groups, memberships, users
from core.types import MemberKind


def _member_of(op: str, name: str) -> ColumnElement[bool]:
    """Of the group whose key is the value."""
    membership = (memberships.c.user_key == users.c.key, memberships.c.group_key == bindparam(name, type_=BigInteger))
    return exists(select(literal(1)).where(*membership))


def _associate_of(op: str, name: str) -> ColumnElement[bool]:
    """Of the role or tenant whose key is the value."""
    is_user = (associates.c.member_id == users.c.username, associates.c.kind == MemberKind.USER.value)
    owner = associates.c.owner_key == bindparam(name, type_=BigInteger)
    return exists(select(literal(1)).where(*is_user, owner))


def has_member(op: str, name: str) -> ColumnElement[bool]:
    """`kind id` of the member, separated by a space."""
    member = associates.c.kind + literal(" ", Text) + associates.c.member_id
    return exists(
        select(literal(1)).where(associates.c.owner_key == entries.c.key, member == bindparam(name, type_=Text))
    )


_UserColumn = Literal[
    "key", "number", "username", "username_folded", "first_name", "last_name", "email", "status", "authority",
    "read_only", "library_key", "permissions", "created_at", "changed_at",
]  # fmt: skip
UserField = _UserColumn | Literal["display_name"]
UserFact = Literal["member_of", "associate_of"]
UserWhere: TypeAlias = Where[UserField] | Is[UserFact] | Either["UserWhere"]
UserSort: TypeAlias = Sort[UserField]

USER_FIELDS: Mapping[str, Field] = {
    **columns(users, _UserColumn),
    "email": filled(users.c.email),
    "display_name": filled(func.trim(users.c.first_name + literal(" ", Text) + users.c.last_name, type_=Text)),
    "member_of": Field(_member_of),
    "associate_of": Field(_associate_of),
}


GroupField = Literal["key", "name", "title"]
GroupWhere: TypeAlias = Where[GroupField] | Either["GroupWhere"]
GroupSort: TypeAlias = Sort[GroupField]

GROUP_FIELDS: Mapping[str, Field] = {
    "key": plain(groups.c.key),
    "name": plain(groups.c.name),
    "title": plain(case((groups.c.title == literal("", Text), groups.c.name), else_=groups.c.title)),
}


USER = Kind("user", users, USER_FIELDS)
GROUP = Kind("group", groups, GROUP_FIELDS)

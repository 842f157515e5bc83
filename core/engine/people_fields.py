"""The fields by which users and groups are searched."""

from collections.abc import Mapping

from sqlalchemy import BigInteger, ColumnElement, Text, bindparam, case, exists, func, literal, select

from core.engine.fields import Field, plain
from core.storage.records import Group, Membership, User
from core.storage.statements import table_of

users = table_of(User)
groups = table_of(Group)
memberships = table_of(Membership)


def _member_of(op: str, name: str) -> ColumnElement[bool]:
    """Of the group whose key is the value."""
    mine = (memberships.c.user_key == users.c.key, memberships.c.group_key == bindparam(name, type_=BigInteger))
    return exists(select(literal(1)).where(*mine))


USER_FIELDS: Mapping[str, Field] = {
    **{
        name: plain(users.c[name])
        for name in (
            "key", "number", "username", "username_folded", "first_name", "last_name", "email", "status", "authority",
            "read_only", "library_key",
        )
    },
    "display_name": plain(func.trim(users.c.first_name + literal(" ", Text) + users.c.last_name)),
    "member_of": Field(_member_of),
}  # fmt: skip

GROUP_FIELDS: Mapping[str, Field] = {
    "key": plain(groups.c.key),
    "name": plain(groups.c.name),
    "title": plain(case((groups.c.title == literal("", Text), groups.c.name), else_=groups.c.title)),
}

"""Whoever manages users is no administrator by that, whatever way they take, on both databases."""

from dataclasses import replace
from typing import Any

import pytest

from core import commands as c
from core.engine.engine import Engine
from core.principal import system
from core.rejections import Forbidden
from core.types import EntryKind, MemberKind, OwnerKind, Permission, UserStatus

MANAGER = frozenset({Permission.MANAGE_USERS})


@pytest.mark.parametrize(
    "wanted",
    [
        *(c.AddAssociate(OwnerKind.ROLE, "admin", kind, "x") for kind in MemberKind if kind != MemberKind.ROLE),
        c.RemoveAssociate(OwnerKind.ROLE, "admin", MemberKind.GROUP, "inside"),
        c.AddMember("inside", "x"),
        c.AddMember("deeper", "x"),
        c.AddMember("strong", "x"),
        c.RemoveMember("inside", "boss"),
        c.AddAssociate(OwnerKind.GROUP, "inside", MemberKind.USER, "x"),
        c.AddAssociate(OwnerKind.GROUP, "inside", MemberKind.CLIENT, "x"),
        c.AddAssociate(OwnerKind.GROUP, "deeper", MemberKind.MAPPING_RULE, "x"),
        c.UpdateEntry(EntryKind.MAPPING_RULE, "rule", claim_value="mine"),
        c.DeleteEntry(EntryKind.MAPPING_RULE, "rule"),
        c.UpdateGroup("inside", new_name="outside"),
        c.DeleteGroup("inside"),
        c.CreateGroup("mine", permissions=frozenset({Permission.ADMINISTER})),
        c.PutGrant("user", "x", "USER", ("UPDATE",), "*"),
        c.SetPassword("boss", "hash"),
        c.UpdateUser("boss", email="x@example.com"),
        c.SetUserStatus("boss", UserStatus.INACTIVE),
        c.RenameUser("boss", "x2"),
        c.CloseUser("boss"),
        c.DeleteUser("boss"),
        c.UpdateUser("x", permissions=frozenset({Permission.ADMINISTER})),
    ],
    ids=repr,
)
async def test_only_administrators_make_and_unmake_administrators(engine: Engine, wanted: Any) -> None:
    """`boss` is one by a group of a group in the role, as are `rule` and whoever is in `strong`; `x` manages users."""
    who = system(engine.default_tenant)
    for command in (
        c.CreateUser("boss"),
        c.CreateUser("x"),
        *(c.CreateGroup(name) for name in ("inside", "deeper", "x")),
        c.CreateGroup("strong", permissions=frozenset({Permission.ADMINISTER})),
        c.CreateEntry(EntryKind.MAPPING_RULE, "rule", "Rule", claim_name="a", claim_value="b"),
        c.CreateEntry(EntryKind.MAPPING_RULE, "x", "X", claim_name="a", claim_value="x"),
        c.AddAssociate(OwnerKind.ROLE, "admin", MemberKind.GROUP, "inside"),
        c.AddAssociate(OwnerKind.ROLE, "admin", MemberKind.MAPPING_RULE, "rule"),
        c.AddAssociate(OwnerKind.GROUP, "inside", MemberKind.GROUP, "deeper"),
        c.AddMember("inside", "boss"),
    ):
        await engine.execute(command, who)
    manager = replace(who, user_key=1, username="x", permissions=MANAGER)
    with pytest.raises(Forbidden):
        await engine.execute(wanted, manager)
    await engine.execute(wanted, who)


async def test_who_manages_users_does_so(engine: Engine) -> None:
    who = system(engine.default_tenant)
    manager = replace(who, user_key=1, username="m", permissions=MANAGER)
    for command in (
        c.CreateUser("ann"),
        c.CreateGroup("clerks"),
        c.AddMember("clerks", "ann"),
        c.CreateEntry(EntryKind.ROLE, "reader", "Reader"),
        c.AddAssociate(OwnerKind.ROLE, "reader", MemberKind.GROUP, "clerks"),
        c.PutGrant("role", "reader", "PROCESS_DEFINITION", ("READ_USER_TASK",), "approve"),
        c.SetPassword("ann", "hash"),
        c.UpdateGroup("clerks", new_name="workers"),
        c.RenameUser("ann", "anna"),
        c.DeleteGroup("workers"),
        c.DeleteUser("anna"),
    ):
        await engine.execute(command, manager)

"""Whoever manages users is no administrator by that, whatever way they take, on both databases."""

from dataclasses import replace
from typing import Any

import pytest

from core.directory.commands import AddAssociate, CreateEntry, DeleteEntry, PutGrant, RemoveAssociate, UpdateEntry
from core.engine import Engine
from core.people.commands import (
    AddMember,
    CloseUser,
    CreateGroup,
    CreateUser,
    DeleteGroup,
    DeleteUser,
    RemoveMember,
    RenameUser,
    SetPassword,
    SetUserStatus,
    UpdateGroup,
    UpdateUser,
)
from core.people.queries import ListUsers
from core.principal import Principal, system
from core.rejections import Forbidden
from core.types import EntryKind, MemberKind, OwnerKind, Permission, UserStatus
from tests.support.graphs import me

MANAGER = frozenset({Permission.MANAGE_USERS})


@pytest.mark.parametrize(
    "wanted",
    [
        *(AddAssociate(OwnerKind.ROLE, "admin", kind, "x") for kind in MemberKind if kind != MemberKind.ROLE),
        RemoveAssociate(OwnerKind.ROLE, "admin", MemberKind.GROUP, "inside"),
        AddMember("inside", "x"),
        AddMember("deeper", "x"),
        AddMember("strong", "x"),
        RemoveMember("inside", "boss"),
        AddAssociate(OwnerKind.GROUP, "inside", MemberKind.USER, "x"),
        AddAssociate(OwnerKind.GROUP, "inside", MemberKind.CLIENT, "x"),
        AddAssociate(OwnerKind.GROUP, "deeper", MemberKind.MAPPING_RULE, "x"),
        UpdateEntry(EntryKind.MAPPING_RULE, "rule", claim_value="mine"),
        DeleteEntry(EntryKind.MAPPING_RULE, "rule"),
        UpdateGroup("inside", new_name="outside"),
        DeleteGroup("inside"),
        CreateGroup("mine", permissions=frozenset({Permission.ADMINISTER})),
        PutGrant("user", "x", "USER", ("UPDATE",), "*"),
        SetPassword("boss", "hash"),
        UpdateUser("boss", email="x@example.com"),
        SetUserStatus("boss", UserStatus.INACTIVE),
        RenameUser("boss", "x2"),
        CloseUser("boss"),
        DeleteUser("boss"),
        UpdateUser("x", permissions=frozenset({Permission.ADMINISTER})),
    ],
    ids=repr,
)
async def test_only_administrators_make_and_unmake_administrators(engine: Engine, wanted: Any) -> None:
    """`boss` is one by a group of a group in the role, as are `rule` and whoever is in `strong`; `x` manages users."""
    who = system(engine.default_tenant)
    for command in (
        CreateUser("boss"),
        CreateUser("x"),
        *(CreateGroup(name) for name in ("inside", "deeper", "x")),
        CreateGroup("strong", permissions=frozenset({Permission.ADMINISTER})),
        CreateEntry(EntryKind.MAPPING_RULE, "rule", "Rule", claim_name="a", claim_value="b"),
        CreateEntry(EntryKind.MAPPING_RULE, "x", "X", claim_name="a", claim_value="x"),
        AddAssociate(OwnerKind.ROLE, "admin", MemberKind.GROUP, "inside"),
        AddAssociate(OwnerKind.ROLE, "admin", MemberKind.MAPPING_RULE, "rule"),
        AddAssociate(OwnerKind.GROUP, "inside", MemberKind.GROUP, "deeper"),
        AddMember("inside", "boss"),
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
        CreateUser("ann"),
        CreateGroup("clerks"),
        AddMember("clerks", "ann"),
        CreateEntry(EntryKind.ROLE, "reader", "Reader"),
        AddAssociate(OwnerKind.ROLE, "reader", MemberKind.GROUP, "clerks"),
        PutGrant("role", "reader", "PROCESS_DEFINITION", ("READ_USER_TASK",), "approve"),
        SetPassword("ann", "hash"),
        UpdateGroup("clerks", new_name="workers"),
        RenameUser("ann", "anna"),
        DeleteGroup("workers"),
        DeleteUser("anna"),
    ):
        await engine.execute(command, manager)


async def test_nobody_gives_away_more_than_he_may_do(engine: Engine) -> None:
    who = me(engine)
    everything = frozenset(Permission)
    await engine.execute(CreateUser("chief", permissions=everything), who)
    await engine.execute(CreateUser("clerk", permissions=frozenset({Permission.MANAGE_USERS})), who)
    clerk = Principal(
        engine.default_tenant, 1, "clerk", "test", permissions=frozenset({Permission.MANAGE_USERS, Permission.WORK})
    )
    await engine.execute(UpdateUser("clerk", first_name="Clara"), clerk)
    await engine.execute(CreateUser("helper", permissions=frozenset({Permission.WORK})), clerk)
    for command in (
        CreateUser("friend", permissions=everything),
        UpdateUser("helper", permissions=everything),
        UpdateUser("chief", password_hash="x"),
        SetPassword("chief", "x"),
        CloseUser("chief"),
        DeleteUser("chief"),
    ):
        with pytest.raises(Forbidden):
            await engine.execute(command, clerk)
    (chief,) = (u for u in await engine.ask(ListUsers(), who) if u.username == "chief")
    assert chief.password_hash == ""

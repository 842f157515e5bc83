"""User groups: global ones and those of a library. Source: dossier inforouter.md, section 3.4."""

from adapters.common.rights import MANAGER, OWN, SIGNED_IN
from adapters.inforouter.auth import Call, required
from adapters.inforouter.declare import DONE, S_, Answer, B, I, S, Service, T, web
from adapters.inforouter.errors import Denied, Failure
from adapters.inforouter.people import (
    NAMESPACE,
    check_manager,
    find_group,
    find_library,
    find_user,
    group_element,
    groups_of_library,
    in_order,
    libraries_by_key,
    long_name,
    users_element,
)
from core.library.commands import SetLibraryMember
from core.library.queries import LibraryMembers
from core.people.commands import AddMember, CreateGroup, DeleteGroup, RemoveMember, UpdateGroup
from core.people.queries import GroupMembers, GroupsOf
from core.people.queries import Groups as GroupsQuery
from core.principal import Principal
from core.rejections import Conflict, NotFound
from core.tables.people import Group
from core.types import AssigneeKind
from schemas.inforouter.element import Element

MAX_NAME = 64


async def _elements(call: Call, who: Principal, groups: tuple[Group, ...], name: str = "usergroups") -> Answer:
    libraries = await libraries_by_key(call, who)
    return Answer((Element(name, children=tuple(group_element(g, libraries) for g in groups)),))


def _valid(name: str) -> str:
    if len(name) > MAX_NAME or any(c in '/\\<>"|?*:' or not c.isprintable() for c in name):
        raise Failure("Invalid user group name")
    return name


async def _create(call: Call, ticket: str | None, domain: str | None, name: str | None, *, show: bool) -> Answer:
    who = await call.principal(ticket)
    wanted = _valid(required("GroupName", name))
    library = await find_library(call, who, domain) if (domain or "").strip() else None
    await check_manager(call, who, library)
    command = CreateGroup(
        long_name(library, wanted),
        library_key=library.key if library is not None else 0,
        ext={NAMESPACE: {"show_members": show}},
    )
    await call.execute(command, who)
    return DONE


async def _rename(
    call: Call, ticket: str | None, domain: str | None, name: str | None, new: str | None, show: bool | None
) -> Answer:
    who = await call.principal(ticket)
    group, library = await find_group(call, who, domain, required("GroupName", name))
    wanted = _valid(required("NewGroupName", new))
    await check_manager(call, who, library)
    ext = {} if show is None else {NAMESPACE: {"show_members": show}}
    await call.execute(UpdateGroup(group.name, long_name(library, wanted), ext=ext), who)
    return DONE


async def _members(
    call: Call, ticket: str | None, domain: str | None, name: str | None, sort: int, *, ascending: bool, full: bool
) -> Answer:
    who = await call.principal(ticket)
    group, _ = await find_group(call, who, domain, required("GroupName", name))
    users = in_order(await call.ask(GroupMembers((group.key,)), who), sort, ascending=ascending)
    return Answer((await users_element(call, who, users, full=full),))


async def _membership(
    call: Call, ticket: str | None, domain: str | None, group_name: str | None, user_name: str | None, *, member: bool
) -> Answer:
    """Adding a member and removing somebody who is none both succeed, as a 9.0 server does."""
    who = await call.principal(ticket)
    group, library = await find_group(call, who, domain, required("GroupName", group_name))
    user = await find_user(call, who, required("UserName", user_name))
    await check_manager(call, who, library)
    try:
        if member:
            await call.execute(AddMember(group.name, user.username), who)
        else:
            await call.execute(RemoveMember(group.name, user.username), who)
    except Conflict:
        pass
    except NotFound as error:
        if error.kind != "member":
            raise
    return DONE


class Groups(Service):
    @web(MANAGER, T, S_, S, S, root="response")
    async def AddUsergroupMember(
        ctx: Call,
        AuthenticationTicket: str | None,
        DomainName: str | None,
        GroupName: str | None,
        UserName: str | None,
    ) -> Answer:
        """Adds a user to a group."""
        return await _membership(ctx, AuthenticationTicket, DomainName, GroupName, UserName, member=True)

    @web(MANAGER, T, S_, S)
    async def CreateUserGroup(
        ctx: Call, AuthenticationTicket: str | None, DomainName: str | None, GroupName: str | None
    ) -> Answer:
        """Creates a group of a library or, without one, a global group; its members are hidden."""
        return await _create(ctx, AuthenticationTicket, DomainName, GroupName, show=False)

    @web(MANAGER, T, S_, S, B)
    async def CreateUserGroup1(
        ctx: Call, AuthenticationTicket: str | None, DomainName: str | None, GroupName: str | None, showMembers: bool
    ) -> Answer:
        """Creates a group and says whether its members may be seen."""
        return await _create(ctx, AuthenticationTicket, DomainName, GroupName, show=showMembers)

    @web(MANAGER, T, S_, S, root="response")
    async def DeleteUsergroup(
        ctx: Call, AuthenticationTicket: str | None, DomainName: str | None, GroupName: str | None
    ) -> Answer:
        """Deletes a group, not its members."""
        who = await ctx.principal(AuthenticationTicket)
        group, library = await find_group(ctx, who, DomainName, required("GroupName", GroupName))
        await check_manager(ctx, who, library)
        await ctx.execute(DeleteGroup(group.name), who)
        return DONE

    @web(SIGNED_IN, T, S, root="response")
    async def GetDomainGroups(ctx: Call, AuthenticationTicket: str | None, DomainName: str | None) -> Answer:
        """The groups of a library, and the global groups that are its members."""
        who = await ctx.principal(AuthenticationTicket)
        library = await find_library(ctx, who, required("DomainName", DomainName))
        own_groups = await groups_of_library(ctx, who, library)
        members = (await ctx.ask(LibraryMembers(library.key), who)).groups
        both = {group.key: group for group in (*own_groups, *members)}
        return await _elements(ctx, who, tuple(sorted(both.values(), key=lambda g: g.name_folded)))

    @web(SIGNED_IN, T, root="response")
    async def GetGlobalGroups(ctx: Call, AuthenticationTicket: str | None) -> Answer:
        """The groups that belong to no library."""
        who = await ctx.principal(AuthenticationTicket)
        return await _elements(ctx, who, await ctx.ask(GroupsQuery(0), who))

    @web(OWN, T, S)
    async def GetGroupMembershipsOfUser(ctx: Call, AuthenticationTicket: str | None, userName: str | None) -> Answer:
        """The groups that a user belongs to."""
        who = await ctx.principal(AuthenticationTicket)
        user = await find_user(ctx, who, required("userName", userName))
        if user.key != who.user_key and not who.is_administrator:
            raise Denied
        return await _elements(ctx, who, await ctx.ask(GroupsOf(user.key), who), "UserGroups")

    @web(SIGNED_IN, T, S, root="response")
    async def GetLocalGroups(ctx: Call, AuthenticationTicket: str | None, DomainName: str | None) -> Answer:
        """The groups of a library."""
        who = await ctx.principal(AuthenticationTicket)
        library = await find_library(ctx, who, required("DomainName", DomainName))
        return await _elements(ctx, who, await groups_of_library(ctx, who, library))

    @web(SIGNED_IN, T, S_, S, root="response")
    async def GetUserGroup(
        ctx: Call, AuthenticationTicket: str | None, DomainName: str | None, GroupName: str | None
    ) -> Answer:
        """A group of a library or, without one, a global group."""
        who = await ctx.principal(AuthenticationTicket)
        group, _ = await find_group(ctx, who, DomainName, required("GroupName", GroupName))
        return Answer((group_element(group, await libraries_by_key(ctx, who)),))

    @web(SIGNED_IN, T, S_, S, root="response")
    async def GetUserGroupMembers(
        ctx: Call, AuthenticationTicket: str | None, DomainName: str | None, GroupName: str | None
    ) -> Answer:
        """The members of a group."""
        return await _members(ctx, AuthenticationTicket, DomainName, GroupName, 0, ascending=True, full=True)

    @web(SIGNED_IN, T, S_, S, I, B, B, root="response")
    async def GetUserGroupMembers1(
        ctx: Call,
        AuthenticationTicket: str | None,
        domainName: str | None,
        groupName: str | None,
        sortBy: int,
        sortAscending: bool,
        detailMode: bool,
    ) -> Answer:
        """The members of a group, in an order."""
        return await _members(
            ctx, AuthenticationTicket, domainName, groupName, sortBy, ascending=sortAscending, full=detailMode
        )

    @web(MANAGER, T, S, S, root="response")
    async def RemoveUserGroupFromDomainMembership(
        ctx: Call, AuthenticationTicket: str | None, DomainName: str | None, GroupName: str | None
    ) -> Answer:
        """Ends the membership of a group in a library."""
        who = await ctx.principal(AuthenticationTicket)
        library = await find_library(ctx, who, required("DomainName", DomainName))
        group = await either_group(ctx, who, library.name, required("GroupName", GroupName))
        await check_manager(ctx, who, library)
        await ctx.execute(SetLibraryMember(library.key, AssigneeKind.GROUP, group.key, member=False), who)
        return DONE

    @web(MANAGER, T, S_, S, S, root="response")
    async def RemoveUsergroupMember(
        ctx: Call,
        AuthenticationTicket: str | None,
        DomainName: str | None,
        GroupName: str | None,
        UserName: str | None,
    ) -> Answer:
        """Removes a user from a group."""
        return await _membership(ctx, AuthenticationTicket, DomainName, GroupName, UserName, member=False)

    @web(MANAGER, T, S_, S, S, root="response")
    async def UpdateUserGroupName(
        ctx: Call,
        AuthenticationTicket: str | None,
        DomainName: str | None,
        GroupName: str | None,
        NewGroupName: str | None,
    ) -> Answer:
        """Gives a group another name."""
        return await _rename(ctx, AuthenticationTicket, domain=DomainName, name=GroupName, new=NewGroupName, show=None)

    @web(MANAGER, T, S_, S, S, B, root="response")
    async def UpdateUserGroupName1(
        ctx: Call,
        AuthenticationTicket: str | None,
        DomainName: str | None,
        GroupName: str | None,
        NewGroupName: str | None,
        showMembers: bool,
    ) -> Answer:
        """Gives a group another name and says whether its members may be seen."""
        return await _rename(
            ctx, AuthenticationTicket, domain=DomainName, name=GroupName, new=NewGroupName, show=showMembers
        )


async def either_group(call: Call, who: Principal, domain: str, name: str) -> Group:
    """A global group or, where there is none of this name, one of the library."""
    try:
        return (await find_group(call, who, None, name))[0]
    except NotFound:
        return (await find_group(call, who, domain, name))[0]

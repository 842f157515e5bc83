"""Libraries (domains) as containers of members. Source: dossier inforouter.md, section 3.5."""

from adapters.common.rights import ADMINISTRATOR, MANAGER, OWN, SIGNED_IN
from adapters.inforouter import errors
from adapters.inforouter.auth import Call, required
from adapters.inforouter.declare import DONE, S_, Answer, B, I, S, Service, T, web
from adapters.inforouter.errors import Denied
from adapters.inforouter.groups import either_group
from adapters.inforouter.people import (
    as_administrator,
    check_manager,
    find_library,
    find_user,
    group_element,
    in_order,
    libraries_by_key,
    library_element,
    users_element,
)
from core.library.commands import SetLibraryManager, SetLibraryMember
from core.library.queries import Libraries as LibrariesQuery
from core.library.queries import LibrariesOf, LibraryMembers
from core.people.queries import GroupMembers
from core.principal import Principal
from core.tables.library import Library
from core.tables.people import User
from core.types import AssigneeKind
from schemas.inforouter.element import Element


def _domains(libraries: tuple[Library, ...]) -> Answer:
    return Answer((Element("domains", children=tuple(map(library_element, libraries))),))


async def _members(
    call: Call, ticket: str | None, name: str | None, sort: int, *, ascending: bool, full: bool
) -> Answer:
    who = await call.principal(ticket)
    library = await find_library(call, who, required("DomainName", name))
    members = await call.ask(LibraryMembers(library.key), who)
    libraries = await libraries_by_key(call, who)
    users = await users_element(call, who, in_order(members.users, sort, ascending=ascending), full=full)
    groups = Element("usergroups", children=tuple(group_element(g, libraries) for g in members.groups))
    return Answer((users, groups))


async def _users(call: Call, ticket: str | None, name: str | None, sort: int, *, ascending: bool, full: bool) -> Answer:
    who = await call.principal(ticket)
    library = await find_library(call, who, required("DomainName", name))
    everybody = await _everybody(call, who, library)
    users = in_order(everybody.values(), sort, ascending=ascending)
    return Answer((await users_element(call, who, users, full=full),))


async def _everybody(call: Call, who: Principal, library: Library) -> dict[int, User]:
    """Direct members and the members of its groups."""
    members = await call.ask(LibraryMembers(library.key), who)
    group_members = await call.ask(GroupMembers(tuple(g.key for g in members.groups)), who)
    return {user.key: user for user in (*members.users, *group_members)}


async def _manager(call: Call, ticket: str | None, domain: str | None, name: str | None, *, manager: bool) -> Answer:
    who = as_administrator(await call.principal(ticket), errors.ONLY_ADMINISTRATOR_1573)
    library = await find_library(call, who, required("DomainName", domain))
    user = await find_user(call, who, required("UserName", name))
    await call.execute(SetLibraryManager(library.key, user.key, manager), who)
    return DONE


async def _member(call: Call, ticket: str | None, domain: str | None, name: str | None, *, member: bool) -> Answer:
    who = await call.principal(ticket)
    library = await find_library(call, who, required("DomainName", domain))
    user = await find_user(call, who, required("UserName" if member else "Username", name))
    await check_manager(call, who, library)
    await call.execute(SetLibraryMember(library.key, AssigneeKind.USER, user.key, member), who)
    return DONE


class Libraries(Service):
    @web(ADMINISTRATOR, T, S, S, root="response")
    async def AddManagerToDomain(
        ctx: Call, AuthenticationTicket: str | None, DomainName: str | None, UserName: str | None
    ) -> Answer:
        """Makes a member of a library its manager."""
        return await _manager(ctx, AuthenticationTicket, DomainName, UserName, manager=True)

    @web(MANAGER, T, S, S, root="response")
    async def AddUserAsDomainMember(
        ctx: Call, AuthenticationTicket: str | None, DomainName: str | None, UserName: str | None
    ) -> Answer:
        """Makes a user a member of a library."""
        return await _member(ctx, AuthenticationTicket, DomainName, UserName, member=True)

    @web(MANAGER, T, S, S, root="response")
    async def AddUserGroupAsDomainMember(
        ctx: Call, AuthenticationTicket: str | None, DomainName: str | None, GroupName: str | None
    ) -> Answer:
        """Makes a group a member of a library."""
        who = await ctx.principal(AuthenticationTicket)
        library = await find_library(ctx, who, required("DomainName", DomainName))
        group = await either_group(ctx, who, library.name, required("GroupName", GroupName))
        await check_manager(ctx, who, library)
        await ctx.execute(SetLibraryMember(library.key, AssigneeKind.GROUP, group.key), who)
        return DONE

    @web(SIGNED_IN, T, S, root="response")
    async def DomainExists(ctx: Call, AuthenticationTicket: str | None, DomainName: str | None) -> Answer:
        """Succeeds if there is a library with this name."""
        who = await ctx.principal(AuthenticationTicket)
        await find_library(ctx, who, required("DomainName", DomainName))
        return DONE

    @web(SIGNED_IN, T, S, root="response")
    async def GetDomain(ctx: Call, AuthenticationTicket: str | None, DomainName: str | None) -> Answer:
        """A library."""
        who = await ctx.principal(AuthenticationTicket)
        library = await find_library(ctx, who, required("DomainName", DomainName))
        return Answer((library_element(library),))

    @web(SIGNED_IN, T, S, root="response")
    async def GetDomainMembers(ctx: Call, AuthenticationTicket: str | None, DomainName: str | None) -> Answer:
        """The users and groups that are direct members of a library."""
        return await _members(ctx, AuthenticationTicket, DomainName, 0, ascending=True, full=True)

    @web(SIGNED_IN, T, S, I, B, B, root="response")
    async def GetDomainMembers1(
        ctx: Call,
        AuthenticationTicket: str | None,
        domainName: str | None,
        sortBy: int,
        sortAscending: bool,
        detailMode: bool,
    ) -> Answer:
        """The users and groups that are direct members of a library, in an order."""
        return await _members(ctx, AuthenticationTicket, domainName, sortBy, ascending=sortAscending, full=detailMode)

    @web(SIGNED_IN, T, S, root="response")
    async def GetDomainMembershipsOfUser(ctx: Call, AuthenticationTicket: str | None, userName: str | None) -> Answer:
        """The libraries that a user belongs to, directly or through a group."""
        who = await ctx.principal(AuthenticationTicket)
        user = await find_user(ctx, who, required("userName", userName))
        return _domains(await ctx.ask(LibrariesOf(user.key), who))

    @web(SIGNED_IN, T, root="response")
    async def GetDomains(ctx: Call, AuthenticationTicket: str | None) -> Answer:
        """All libraries."""
        who = await ctx.principal(AuthenticationTicket)
        return _domains(await ctx.ask(LibrariesQuery(), who))

    @web(SIGNED_IN, T, S, root="response")
    async def GetDomainUsers(ctx: Call, AuthenticationTicket: str | None, DomainName: str | None) -> Answer:
        """The users of a library, those of its groups too."""
        return await _users(ctx, AuthenticationTicket, DomainName, 0, ascending=True, full=True)

    @web(SIGNED_IN, T, S, I, B, B, root="response")
    async def GetDomainUsers1(
        ctx: Call,
        AuthenticationTicket: str | None,
        domainName: str | None,
        sortBy: int,
        sortAscending: bool,
        detailMode: bool,
    ) -> Answer:
        """The users of a library, those of its groups too, in an order."""
        return await _users(ctx, AuthenticationTicket, domainName, sortBy, ascending=sortAscending, full=detailMode)

    @web(OWN, T, S_)
    async def GetManagedDomainsByUser(ctx: Call, AuthenticationTicket: str | None, userName: str | None) -> Answer:
        """The libraries that a user manages, or those of the caller."""
        who = await ctx.principal(AuthenticationTicket)
        name = (userName or "").strip() or who.username
        if name.casefold() != who.username.casefold() and not who.is_administrator:
            raise Denied(errors.ADMINISTRATOR_2840)
        user = await find_user(ctx, who, name)
        return _domains(await ctx.ask(LibrariesOf(user.key, managed=True), who))

    @web(SIGNED_IN, T, S, root="response")
    async def GetManagers(ctx: Call, AuthenticationTicket: str | None, DomainName: str | None) -> Answer:
        """The managers of a library."""
        who = await ctx.principal(AuthenticationTicket)
        library = await find_library(ctx, who, required("DomainName", DomainName))
        managers = (await ctx.ask(LibraryMembers(library.key), who)).managers
        return Answer((await users_element(ctx, who, in_order(managers)),))

    @web(OWN, T, root="response")
    async def GetMemberDomains(ctx: Call, AuthenticationTicket: str | None) -> Answer:
        """The libraries that the caller belongs to."""
        who = await ctx.principal(AuthenticationTicket)
        return _domains(await ctx.ask(LibrariesOf(who.user_key), who))

    @web(ADMINISTRATOR, T, S, S, root="response")
    async def RemoveManagerFromDomain(
        ctx: Call, AuthenticationTicket: str | None, DomainName: str | None, UserName: str | None
    ) -> Answer:
        """Takes the manager's role of a library from a user."""
        return await _manager(ctx, AuthenticationTicket, DomainName, UserName, manager=False)

    @web(MANAGER, T, S, S, root="response")
    async def RemoveUserFromDomainMembership(
        ctx: Call, AuthenticationTicket: str | None, DomainName: str | None, Username: str | None
    ) -> Answer:
        """Ends the membership of a user in a library, and his manager's role with it."""
        return await _member(ctx, AuthenticationTicket, DomainName, Username, member=False)

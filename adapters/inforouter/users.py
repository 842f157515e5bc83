"""Finding users. Source: dossier inforouter.md, section 3.3."""

from typing import Any

from adapters.common.rights import ADMINISTRATOR, MANAGER, OWN, SIGNED_IN
from adapters.inforouter.auth import Call, required
from adapters.inforouter.declare import DONE, S_, Answer, B, I, S, Service, T, web
from adapters.inforouter.errors import Denied, Failure
from adapters.inforouter.people import (
    SORTS,
    as_administrator,
    find_library,
    find_user,
    in_order,
    libraries_by_key,
    manages,
    shape,
    users_element,
)
from adapters.inforouter.redirections import element as redirection_element
from core.library.queries import Coworkers, LibraryMembers
from core.people.queries import ListUsers, Redirections, SearchUsers
from core.principal import Principal
from core.search.query import PageRequest, Sort, Where
from core.tables.people import User
from core.types import UserStatus
from schemas.inforouter import people
from schemas.inforouter.element import Element


def _pattern(text: str) -> str:
    """A filter: anything that contains the text."""
    escaped = "".join(f"\\{c}" if c in "*?\\" else c for c in text)
    return f"*{escaped}*"


async def _search(
    call: Call,
    who: Principal,
    start: int,
    count: int,
    texts: dict[str, str | None],
    domain: str | None,
    status: int,
    kind: int,
    sort: int,
    ascending: bool,
) -> tuple[tuple[User, ...], int]:
    """`texts` maps columns to what they have to contain."""
    where = [
        Where(column, "ilike", _pattern(text.strip()))
        for column, text in texts.items()
        if (text or "").strip() and text
    ]
    if (domain or "").strip():
        wanted = (domain or "").strip().casefold()
        keys = [x.key for x in (await libraries_by_key(call, who)).values() if wanted in x.name_folded]
        where.append(Where("library_key", "in", keys))
    if status in (0, 1):
        where.append(Where("status", "eq" if status else "neq", UserStatus.ACTIVE.value))
    if kind in (1, 2):
        where.append(Where("read_only", "eq", int(kind == 2)))
    columns = SORTS.get(sort)
    if columns is None:
        raise Failure("[SortBy] error:Value is not valid.")
    order = tuple(Sort(column, not ascending) for column in columns)
    page = PageRequest(limit=count if count > 0 else None, offset=max(0, start), cap=None)
    found = await call.ask(SearchUsers(tuple(where), order, page), who)
    return found.items, found.total


async def _listing(call: Call, ticket: str | None, *, full: bool, **filters: Any) -> Answer:
    who = as_administrator(await call.principal(ticket))
    users, total = await _search(call, who, **filters)
    return Answer((await users_element(call, who, users, full=full),), (("totalusercount", str(total)),))


class Users(Service):
    @web(ADMINISTRATOR, T, root="response")
    async def GetAllUsers(ctx: Call, AuthenticationTicket: str | None) -> Answer:
        """All users, disabled ones too."""
        who = as_administrator(await ctx.principal(AuthenticationTicket))
        users = in_order(await ctx.ask(ListUsers(), who))
        return Answer((await users_element(ctx, who, users),))

    @web(ADMINISTRATOR, T, I, I, S_, S_, S_, S_, S_, S_, I, I, B, root="response")
    async def GetAllUsers1(
        ctx: Call,
        AuthenticationTicket: str | None,
        StartingRowNumber: int,
        NumbeOfRow: int,
        firstNameFilter: str | None,
        lastNameFilter: str | None,
        userNameFilter: str | None,
        emailFilter: str | None,
        authenticationSourceFilter: str | None,
        domainNameFilter: str | None,
        StatusFilter: int,
        SortBy: int,
        SortAscending: bool,
    ) -> Answer:
        """A page of the users that pass the filters."""
        return await _listing(
            ctx,
            AuthenticationTicket,
            full=True,
            start=StartingRowNumber,
            count=NumbeOfRow,
            texts=_texts(firstNameFilter, lastNameFilter, userNameFilter, emailFilter, authenticationSourceFilter),
            domain=domainNameFilter,
            status=StatusFilter,
            kind=-1,
            sort=SortBy,
            ascending=SortAscending,
        )

    @web(ADMINISTRATOR, T, I, I, S_, S_, S_, S_, S_, S_, I, I, I, B, root="response")
    async def GetAllUsers2(
        ctx: Call,
        AuthenticationTicket: str | None,
        startingRowNumber: int,
        numberOfRow: int,
        firstNameFilter: str | None,
        lastNameFilter: str | None,
        userNameFilter: str | None,
        emailFilter: str | None,
        authenticationSourceFilter: str | None,
        domainNameFilter: str | None,
        userStatusFilter: int,
        userTypeFilter: int,
        sortBy: int,
        sortAscending: bool,
    ) -> Answer:
        """A page of the users that pass the filters, among them the type of the user."""
        return await _listing(
            ctx,
            AuthenticationTicket,
            full=True,
            start=startingRowNumber,
            count=numberOfRow,
            texts=_texts(firstNameFilter, lastNameFilter, userNameFilter, emailFilter, authenticationSourceFilter),
            domain=domainNameFilter,
            status=userStatusFilter,
            kind=userTypeFilter,
            sort=sortBy,
            ascending=sortAscending,
        )

    @web(ADMINISTRATOR, T, I, I, S_, S_, S_, S_, S_, S_, I, I, I, B, root="response")
    async def GetAllUsersWithoutDetails(
        ctx: Call,
        AuthenticationTicket: str | None,
        startingRowNumber: int,
        numberOfRow: int,
        firstNameFilter: str | None,
        lastNameFilter: str | None,
        userNameFilter: str | None,
        emailFilter: str | None,
        authenticationSourceFilter: str | None,
        domainNameFilter: str | None,
        userStatusFilter: int,
        userTypeFilter: int,
        sortBy: int,
        sortAscending: bool,
    ) -> Answer:
        """A page of the users that pass the filters, with their names only."""
        return await _listing(
            ctx,
            AuthenticationTicket,
            full=False,
            start=startingRowNumber,
            count=numberOfRow,
            texts=_texts(firstNameFilter, lastNameFilter, userNameFilter, emailFilter, authenticationSourceFilter),
            domain=domainNameFilter,
            status=userStatusFilter,
            kind=userTypeFilter,
            sort=sortBy,
            ascending=sortAscending,
        )

    @web(OWN, T, root="response")
    async def GetCoWorkers(ctx: Call, AuthenticationTicket: str | None) -> Answer:
        """Everybody who shares a library with the caller."""
        who = await ctx.principal(AuthenticationTicket)
        users = in_order(await ctx.ask(Coworkers(who.user_key), who), 2)
        return Answer((await users_element(ctx, who, users),))

    @web(OWN, T, I, B, B, root="response")
    async def GetCoWorkers1(
        ctx: Call, AuthenticationTicket: str | None, sortBy: int, sortAscending: bool, detailMode: bool
    ) -> Answer:
        """Everybody who shares a library with the caller, in an order."""
        who = await ctx.principal(AuthenticationTicket)
        users = in_order(await ctx.ask(Coworkers(who.user_key), who), sortBy, ascending=sortAscending)
        return Answer((await users_element(ctx, who, users, full=detailMode),))

    @web(OWN, T)
    async def GetCurrentUser(ctx: Call, AuthenticationTicket: str | None) -> Answer:
        """The caller himself."""
        who = await ctx.principal(AuthenticationTicket)
        user = await find_user(ctx, who, who.username)
        rows = await ctx.ask(Redirections(who.user_key), who)

        redirection = redirection_element(rows[0][0], rows[0][2]) if rows else Element("TaskRedirection")
        libraries = await libraries_by_key(ctx, who)
        return Answer((people.user(shape(user, libraries), more=(redirection,)),))

    @web(MANAGER, T, S, root="response")
    async def GetLocalUsers(ctx: Call, AuthenticationTicket: str | None, DomainName: str | None) -> Answer:
        """The users that are direct members of a library."""
        who = await ctx.principal(AuthenticationTicket)
        library = await find_library(ctx, who, required("DomainName", DomainName))
        if not await manages(ctx, who, library):
            raise Denied
        members = await ctx.ask(LibraryMembers(library.key), who)
        return Answer((await users_element(ctx, who, in_order(members.users)),))

    @web(SIGNED_IN, T, S_, root="response")
    async def GetUser(ctx: Call, AuthenticationTicket: str | None, UserName: str | None) -> Answer:
        """A user, or the caller if no name is given."""
        who = await ctx.principal(AuthenticationTicket)
        user = await find_user(ctx, who, (UserName or "").strip() or who.username)
        return Answer((people.user(shape(user, await libraries_by_key(ctx, who))),))

    @web(SIGNED_IN, T, S, root="response")
    async def UserExists(ctx: Call, AuthenticationTicket: str | None, UserName: str | None) -> Answer:
        """Succeeds if there is a user with this name."""
        who = await ctx.principal(AuthenticationTicket)
        await find_user(ctx, who, required("UserName", UserName))
        return DONE


def _texts(
    first: str | None, last: str | None, name: str | None, email: str | None, source: str | None
) -> dict[str, str | None]:
    source = "" if source is not None and source.strip().casefold() == "native" else source
    return {"first_name": first, "last_name": last, "username": name, "email": email, "authority": source}

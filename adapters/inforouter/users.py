"""Finding users. Source: dossier inforouter.md, section 3.3."""

from collections.abc import Iterator
from dataclasses import dataclass

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
from core.people.fields import UserField, UserSort, UserWhere
from core.people.queries import ListUsers, Redirections, SearchUsers
from core.search.query import PageRequest, Sort, Where
from core.types import UserStatus
from schemas.inforouter import people
from schemas.inforouter.element import Element


def _pattern(text: str) -> str:
    """A filter: anything that contains the text."""
    escaped = "".join(f"\\{c}" if c in "*?\\" else c for c in text)
    return f"*{escaped}*"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which users a list is to have, as it was asked for: texts that have to be contained, numbers of a status (0, 1)
    and of a type (1, 2), any other one for all; which rows of them (0: all), in which order."""

    start: int
    count: int
    first_name: str | None
    last_name: str | None
    username: str | None
    email: str | None
    authority: str | None
    domain: str | None
    status: int
    type: int
    sort: int
    ascending: bool

    @property
    def where(self) -> Iterator[UserWhere]:
        """All but the library."""
        native = _given(self.authority).casefold() == "native"
        texts: dict[UserField, str] = {
            "first_name": _given(self.first_name),
            "last_name": _given(self.last_name),
            "username": _given(self.username),
            "email": _given(self.email),
            "authority": "" if native else _given(self.authority),
        }
        for column, text in texts.items():
            if text:
                yield Where(column, "ilike", _pattern(text))
        if self.status in (0, 1):
            yield Where("status", "eq" if self.status else "neq", UserStatus.ACTIVE.value)
        if self.type in (1, 2):
            yield Where("read_only", "eq", int(self.type == 2))

    @property
    def order(self) -> tuple[UserSort, ...]:
        """Raises Failure for a number that means no order."""
        columns = SORTS.get(self.sort)
        if columns is None:
            raise Failure("[SortBy] error:Value is not valid.")
        return tuple(Sort(column, not self.ascending) for column in columns)

    @property
    def page(self) -> PageRequest:
        return PageRequest(limit=self.count if self.count > 0 else None, offset=max(0, self.start), cap=None)


def _given(text: str | None) -> str:
    return (text or "").strip()


async def _listing(call: Call, ticket: str | None, wanted: Wanted, *, full: bool) -> Answer:
    who = as_administrator(await call.principal(ticket))
    where = [*wanted.where]
    if domain := _given(wanted.domain).casefold():
        libraries = (await libraries_by_key(call, who)).values()
        where.append(
            Where("library_key", "in", [library.key for library in libraries if domain in library.name_folded])
        )
    page = await call.ask(SearchUsers(tuple(where), wanted.order, wanted.page), who)
    users = await users_element(call, who, page.items, full=full)
    return Answer((users,), (("totalusercount", str(page.total)),))


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
        wanted = Wanted(
            start=StartingRowNumber,
            count=NumbeOfRow,
            first_name=firstNameFilter,
            last_name=lastNameFilter,
            username=userNameFilter,
            email=emailFilter,
            authority=authenticationSourceFilter,
            domain=domainNameFilter,
            status=StatusFilter,
            type=-1,
            sort=SortBy,
            ascending=SortAscending,
        )
        return await _listing(ctx, AuthenticationTicket, wanted, full=True)

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
        wanted = Wanted(
            start=startingRowNumber,
            count=numberOfRow,
            first_name=firstNameFilter,
            last_name=lastNameFilter,
            username=userNameFilter,
            email=emailFilter,
            authority=authenticationSourceFilter,
            domain=domainNameFilter,
            status=userStatusFilter,
            type=userTypeFilter,
            sort=sortBy,
            ascending=sortAscending,
        )
        return await _listing(ctx, AuthenticationTicket, wanted, full=True)

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
        wanted = Wanted(
            start=startingRowNumber,
            count=numberOfRow,
            first_name=firstNameFilter,
            last_name=lastNameFilter,
            username=userNameFilter,
            email=emailFilter,
            authority=authenticationSourceFilter,
            domain=domainNameFilter,
            status=userStatusFilter,
            type=userTypeFilter,
            sort=sortBy,
            ascending=sortAscending,
        )
        return await _listing(ctx, AuthenticationTicket, wanted, full=False)

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

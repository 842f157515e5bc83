"""Cover for somebody who is away. Source: dossier inforouter.md, section 3.9."""

from adapters.common.rights import OWN, SIGNED_IN
from adapters.inforouter.auth import Call, required
from adapters.inforouter.declare import DONE, Answer, D, S, Service, T, web
from adapters.inforouter.errors import TASK_DENIED, Denied, Failure
from adapters.inforouter.people import find_user, full_name
from core.people.commands import RemoveRedirection, SetRedirection
from core.people.queries import Redirections as RedirectionsQuery
from core.principal import Principal
from core.tables.people import Redirection, User
from core.types import Action
from schemas.inforouter import people
from schemas.inforouter.element import Element
from schemas.inforouter.moments import Moment
from schemas.inforouter.task import format_local


def _day(milliseconds: int | None) -> str:
    return "" if milliseconds is None else format_local(milliseconds, "%Y-%m-%d")


def element(row: Redirection, user: User) -> Element:
    """The redirection with one of its two users."""
    return people.redirection(
        user.number,
        user.username,
        full_name=full_name(user),
        email=user.email,
        start=_day(row.starts_at),
        end=_day(row.ends_at),
    )


async def _as_cover(call: Call, ticket: str | None, name: str | None) -> tuple[Principal, User]:
    """The caller, and the user whose tasks they may redirect."""
    who = await call.principal(ticket)
    user = await find_user(call, who, required("userName", name))
    if not await call.may(who, Action.REDIRECT_TASKS, user):
        raise Denied(TASK_DENIED)
    return who, user


class Redirections(Service):
    @web(SIGNED_IN, T, S)
    async def GetUserTaskRedirectionsFrom(ctx: Call, AuthenticationTicket: str | None, userName: str | None) -> Answer:
        """Who redirects his tasks to a user."""
        who = await ctx.principal(AuthenticationTicket)
        user = await find_user(ctx, who, required("userName", userName))
        rows = await ctx.ask(RedirectionsQuery(user.key, to=True), who)
        ordered = sorted(rows, key=lambda row: row[1].username_folded)
        elements = tuple(element(row, source) for row, source, _ in ordered)
        return Answer((Element("TaskRedirections", children=elements),))

    @web(SIGNED_IN, T, S)
    async def GetUserTaskRedirectionTo(ctx: Call, AuthenticationTicket: str | None, userName: str | None) -> Answer:
        """To whom a user redirects his tasks."""
        who = await ctx.principal(AuthenticationTicket)
        user = await find_user(ctx, who, required("userName", userName))
        rows = await ctx.ask(RedirectionsQuery(user.key), who)
        return Answer(tuple(element(row, target) for row, _, target in rows))

    @web(OWN, T, S)
    async def RemoveUserTaskRedirection(ctx: Call, AuthenticationTicket: str | None, userName: str | None) -> Answer:
        """Ends the redirection of a user; what was forwarded stays where it is."""
        who, user = await _as_cover(ctx, AuthenticationTicket, userName)
        await ctx.execute(RemoveRedirection(user.username), who)
        return DONE

    @web(OWN, T, S, S)
    async def RerouteUserTaskRedirection(
        ctx: Call, AuthenticationTicket: str | None, userName: str | None, redirectTasksToUser: str | None
    ) -> Answer:
        """Redirects to somebody else, for the same time."""
        who, user = await _as_cover(ctx, AuthenticationTicket, userName)
        target = await find_user(ctx, who, required("redirectTasksToUser", redirectTasksToUser))
        rows = await ctx.ask(RedirectionsQuery(user.key), who)
        if not rows:
            raise Failure("" if ctx.profile.error_codes else "There is no task redirection for this user.")
        row = rows[0][0]
        await ctx.execute(SetRedirection(user.username, target.username, row.starts_at, row.ends_at), who)
        return DONE

    @web(OWN, T, S, S, D, D)
    async def SetUserTaskRedirection(
        ctx: Call,
        AuthenticationTicket: str | None,
        userName: str | None,
        redirectTasksToUser: str | None,
        startOn: Moment,
        endOn: Moment,
    ) -> Answer:
        """Redirects the new tasks of a user to another one for some time."""
        who, user = await _as_cover(ctx, AuthenticationTicket, userName)
        target = await find_user(ctx, who, required("redirectTasksToUser", redirectTasksToUser))
        start = startOn.milliseconds() if startOn.given else ctx.now
        end = endOn.milliseconds() if endOn.given else None
        await ctx.execute(SetRedirection(user.username, target.username, start, end), who)
        return DONE

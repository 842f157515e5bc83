"""The thirteen transfers: what a user leaves behind goes to another. System administrators only.

Source: seed page "TransferUserTasks API"; dossier inforouter.md, section 3.11. Parameters are spelled as on that page.
What concerns things that are not kept here is checked and acknowledged.
"""

from dataclasses import replace
from typing import Any

from adapters.common.rights import ADMINISTRATOR
from adapters.inforouter.auth import Call, required
from adapters.inforouter.declare import DONE, Answer, S, Service, T, web
from adapters.inforouter.errors import Denied
from adapters.inforouter.flows import Draft, compiled, revise
from adapters.inforouter.people import find_user
from core.library.commands import SetLibraryManager, SetLibraryMember, TransferDocuments
from core.library.queries import LibrariesOf, LibraryMembers
from core.people.commands import AddMember, RemoveMember
from core.people.queries import GroupsOf
from core.principal import Principal
from core.process.queries import Drafted, ProcessView
from core.rejections import Conflict, Rejection
from core.tables.people import User
from core.task.commands import TransferTasks
from core.types import AssigneeKind, ProcessStatus
from schemas.inforouter.flow import TaskDef


def _left_behind(what: str) -> Answer:
    return Answer(attributes=(("warnings", f"Some {what} could not be transferred."),))


async def _both(call: Call, ticket: str | None, giver: str | None, taker: str | None) -> tuple[Principal, User, User]:
    """Ticket, permission, names, existence, in this order: nobody but an administrator learns who exists."""
    who = await call.principal(ticket)
    if not who.is_administrator:
        raise Denied
    names = required("fromUserName", giver), required("toUserName", taker)
    return who, await find_user(call, who, names[0]), await find_user(call, who, names[1])


async def _acknowledged(call: Call, ticket: str | None, giver: str | None, taker: str | None) -> Answer:
    await _both(call, ticket, giver, taker)
    return DONE


class Transfers(Service):
    @web(ADMINISTRATOR, T, S, S, family=True)
    async def TransferUserTasks(
        ctx: Call, AuthenticationTicket: str | None, FromUserName: str | None, ToUserName: str | None
    ) -> Answer:
        """Transfers all open workflow tasks from one user to another. System administrators only."""
        who, giver, taker = await _both(ctx, AuthenticationTicket, FromUserName, ToUserName)
        moved = await ctx.execute(TransferTasks(giver.username, taker.username), who)
        return _left_behind("tasks") if moved.left else DONE

    @web(ADMINISTRATOR, T, S, S, family=True)
    async def TransferUserWorkflowDefinitions(
        ctx: Call, AuthenticationTicket: str | None, FromUserName: str | None, ToUserName: str | None
    ) -> Answer:
        """Replaces a user by another in workflow definitions, as assignee and as supervisor."""
        who, giver, taker = await _both(ctx, AuthenticationTicket, FromUserName, ToUserName)
        if giver.key == taker.key:
            return DONE
        some_left = False
        for view in await ctx.ask(Drafted(), who):
            if giver.number in Draft.of(view).numbers()[0]:
                try:
                    await _replace(ctx, who, view, giver.number, taker.number)
                except Rejection:
                    some_left = True
        return _left_behind("workflow roles") if some_left else DONE

    @web(ADMINISTRATOR, T, S, S, family=True)
    async def TransferUserGroupMemberships(
        ctx: Call, AuthenticationTicket: str | None, FromUserName: str | None, ToUserName: str | None
    ) -> Answer:
        """Transfers the group memberships of a user to another."""
        who, giver, taker = await _both(ctx, AuthenticationTicket, FromUserName, ToUserName)
        if giver.key == taker.key:
            return DONE
        some_left = False
        for group in await ctx.ask(GroupsOf(giver.key), who):
            some_left |= await _failed(ctx, who, AddMember(group.name, taker.username))
            some_left |= await _failed(ctx, who, RemoveMember(group.name, giver.username))
        return _left_behind("group memberships") if some_left else DONE

    @web(ADMINISTRATOR, T, S, S, family=True)
    async def TransferUserDomainMemberships(
        ctx: Call, AuthenticationTicket: str | None, FromUserName: str | None, ToUserName: str | None
    ) -> Answer:
        """Transfers the direct library memberships of a user to another."""
        who, giver, taker = await _both(ctx, AuthenticationTicket, FromUserName, ToUserName)
        if giver.key == taker.key:
            return DONE
        some_left = False
        for library in await ctx.ask(LibrariesOf(giver.key), who):
            members = await ctx.ask(LibraryMembers(library.key), who)
            if all(user.key != giver.key for user in members.users):
                continue
            some_left |= await _failed(ctx, who, SetLibraryMember(library.key, AssigneeKind.USER, taker.key))
            if any(user.key == giver.key for user in members.managers):
                # the role is another transfer's; a manager stays a member until it is done
                some_left = True
                continue
            some_left |= await _failed(
                ctx, who, SetLibraryMember(library.key, AssigneeKind.USER, giver.key, member=False)
            )
        return _left_behind("memberships") if some_left else DONE

    @web(ADMINISTRATOR, T, S, S, family=True)
    async def TransferUserDomainManagerRoles(
        ctx: Call, AuthenticationTicket: str | None, FromUserName: str | None, ToUserName: str | None
    ) -> Answer:
        """Transfers the manager's roles of a user to another, who becomes a member where he is none."""
        who, giver, taker = await _both(ctx, AuthenticationTicket, FromUserName, ToUserName)
        if giver.key == taker.key:
            return DONE
        some_left = False
        for library in await ctx.ask(LibrariesOf(giver.key, managed=True), who):
            some_left |= await _failed(ctx, who, SetLibraryMember(library.key, AssigneeKind.USER, taker.key))
            some_left |= await _failed(ctx, who, SetLibraryManager(library.key, taker.key))
            some_left |= await _failed(ctx, who, SetLibraryManager(library.key, giver.key, manager=False))
        return _left_behind("manager roles") if some_left else DONE

    @web(ADMINISTRATOR, T, S, S, family=True)
    async def TransferUserISOTasks(
        ctx: Call, AuthenticationTicket: str | None, FromUserName: str | None, ToUserName: str | None
    ) -> Answer:
        """Transfers ISO review assignments, of which none are kept here."""
        return await _acknowledged(ctx, AuthenticationTicket, FromUserName, ToUserName)

    @web(ADMINISTRATOR, T, S, S, family=True)
    async def TransferUserCheckedOutDocuments(
        ctx: Call, AuthenticationTicket: str | None, FromUserName: str | None, ToUserName: str | None
    ) -> Answer:
        """Transfers the locks of documents, which stay checked out."""
        who, giver, taker = await _both(ctx, AuthenticationTicket, FromUserName, ToUserName)
        await ctx.execute(TransferDocuments(giver.username, taker.username, checked_out=True), who)
        return DONE

    @web(ADMINISTRATOR, T, S, S, family=True)
    async def TransferUserDocumentOwnerships(
        ctx: Call, AuthenticationTicket: str | None, FromUserName: str | None, ToUserName: str | None
    ) -> Answer:
        """Transfers the ownership of documents."""
        who, giver, taker = await _both(ctx, AuthenticationTicket, FromUserName, ToUserName)
        await ctx.execute(TransferDocuments(giver.username, taker.username), who)
        return DONE

    @web(ADMINISTRATOR, T, S, S, family=True)
    async def TransferUserDocumentSubscriptions(
        ctx: Call, AuthenticationTicket: str | None, FromUserName: str | None, ToUserName: str | None
    ) -> Answer:
        """Transfers subscriptions of documents, which are not kept here."""
        return await _acknowledged(ctx, AuthenticationTicket, FromUserName, ToUserName)

    @web(ADMINISTRATOR, T, S, S, family=True)
    async def TransferUserExpirationNotices(
        ctx: Call, AuthenticationTicket: str | None, FromUserName: str | None, ToUserName: str | None
    ) -> Answer:
        """Transfers notices of expiration, which are not kept here."""
        return await _acknowledged(ctx, AuthenticationTicket, FromUserName, ToUserName)

    @web(ADMINISTRATOR, T, S, S, family=True)
    async def TransferUserFolderOwnerships(
        ctx: Call, AuthenticationTicket: str | None, FromUserName: str | None, ToUserName: str | None
    ) -> Answer:
        """Transfers the ownership of folders, which is not kept here."""
        return await _acknowledged(ctx, AuthenticationTicket, FromUserName, ToUserName)

    @web(ADMINISTRATOR, T, S, S, family=True)
    async def TransferUserFolderSubscriptions(
        ctx: Call, AuthenticationTicket: str | None, FromUserName: str | None, ToUserName: str | None
    ) -> Answer:
        """Transfers subscriptions of folders, which are not kept here."""
        return await _acknowledged(ctx, AuthenticationTicket, FromUserName, ToUserName)

    @web(ADMINISTRATOR, T, S, S, family=True)
    async def TransferUserSecurityPermissions(
        ctx: Call, AuthenticationTicket: str | None, FromUserName: str | None, ToUserName: str | None
    ) -> Answer:
        """Transfers entries of access lists, which are not kept here."""
        return await _acknowledged(ctx, AuthenticationTicket, FromUserName, ToUserName)


async def _failed(call: Call, who: Principal, command: Any) -> bool:
    """What the taker has already is skipped silently."""
    try:
        await call.execute(command, who)
    except Conflict as conflict:
        return conflict.reason != "exists"
    except Rejection:
        return True
    return False


async def _replace(call: Call, who: Principal, view: ProcessView, giver: int, taker: int) -> None:
    async def decide(view: ProcessView, draft: Draft) -> dict[str, Any]:
        draft.users = list(_exchanged(draft.users, giver, taker))
        for step in draft.steps:
            for task in step.tasks:
                task.task = _with(task.task, giver, taker)
        new: dict[str, Any] = {"content": draft.content, "supervisors": draft.supervisors}
        if view.process.status == ProcessStatus.ACTIVE:
            new["graph"] = await compiled(call, who, view, draft)
        return new

    await revise(call, who, view, decide)


def _with(task: TaskDef, giver: int, taker: int) -> TaskDef:
    users = tuple(_exchanged(task.users, giver, taker))
    return replace(task, users=users, supervisor=taker if task.supervisor == giver else task.supervisor)


def _exchanged(numbers: Any, giver: int, taker: int) -> Any:
    return dict.fromkeys(taker if n == giver else n for n in numbers)

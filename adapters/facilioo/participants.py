"""Who has to do with a process: accessor parties and clerks. Source: dossier facilioo.md, section 3.4.

A responsible clerk gets the open tasks of the process that nobody has; an editor may take them. Whoever has one of the
tasks, or may take it, is shown as such, however that came about.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.responses import Response

from adapters.common.dialect import Operation
from adapters.common.rights import OWN, Right
from adapters.facilioo import calls
from adapters.facilioo.accounts import Accounts
from adapters.facilioo.calls import Call, Endpoint
from adapters.facilioo.feeds import Feeds
from adapters.facilioo.parties import INSURANCE_BROKER, MANAGERS, right_of
from adapters.facilioo.processes import Processes
from adapters.facilioo.registry import Parties
from core.instance.commands import Involve
from core.instance.queries import InstanceView, InvolvedIn
from core.people.queries import UserByNumber, UserNumbers, UsersByName
from core.registry.queries import ReferencesByKey
from core.rejections import NotFound
from core.tables.people import User
from core.tables.task import Task
from core.task.commands import AssignTask, UnassignTask, UpdateTask
from core.task.queries import TasksOf
from core.turn.command import Command, Several
from core.types import Involved, Permission, TaskState
from schemas.facilioo.wire import Invalid

CLERKS: Mapping[str, Involved] = {
    "spectator-clerks": Involved.SPECTATOR,
    "editor-clerks": Involved.EDITOR,
    "responsible-clerks": Involved.RESPONSIBLE,
}
#: who lets others see a process or an entry
_OPENERS = (*MANAGERS, INSURANCE_BROKER)
_Find = Callable[[Call, bool], Awaitable[tuple[str, int, int]]]
"""What a path names: instance or comment, its key, and the party that cannot be taken away (0 for none). If it is to be
changed, it must not be deleted."""


class Participants:
    def __init__(self, processes: Processes, feeds: Feeds, parties: Parties, accounts: Accounts) -> None:
        self._processes = processes
        self._feeds = feeds
        self._parties = parties
        self._accounts = accounts

    # accessor parties

    async def _of_process(self, call: Call, changing: bool) -> tuple[str, int, int]:
        find = self._processes.live if changing else self._processes.one
        view = await find(call, call.number())
        ext = view.instance.ext.get("facilioo", {})
        return "instance", view.instance.key, ext.get("createdByPartyId", 0)

    async def _of_feed(self, call: Call, changing: bool) -> tuple[str, int, int]:
        find = self._feeds.live if changing else self._feeds.one
        return "comment", (await find(call, call.number())).key, 0

    async def _page(self, call: Call, key: int) -> Response:
        rows = await call.ask(InvolvedIn(key, Involved.ACCESSOR))
        references = await call.ask(ReferencesByKey(tuple(row.member_key for row in rows)))
        views = tuple(references[row.member_key] for row in rows if row.member_key in references)
        return await call.page_of(await self._parties.reads(call, views))

    def _accessors(self, find: _Find) -> "tuple[calls.Handler, calls.Handler, calls.Handler]":
        async def listing(call: Call) -> Response:
            call.require(Permission.READ)
            _, key, _ = await find(call, False)
            return await self._page(call, key)

        async def set_to(call: Call, involved: bool) -> Response:
            call.require(Permission.WORK, _OPENERS)
            number = call.number("partyId")
            entity, key, creator = await find(call, True)
            party = await self._parties.live(call, number)
            if not involved and number == creator:
                raise Invalid({"PartyId": ["The party of the creator cannot be removed."]})
            await call.do(
                Involve(
                    entity=entity,
                    entity_key=key,
                    role=Involved.ACCESSOR,
                    member_kind="party",
                    member_key=party.key,
                    involved=involved,
                )
            )
            return await self._page(call, key)

        async def put(call: Call) -> Response:
            return await set_to(call, True)

        async def delete(call: Call) -> Response:
            return await set_to(call, False)

        return listing, put, delete

    # clerks

    async def _users(self, call: Call, view: InstanceView, role: Involved) -> list[User]:
        rows = await call.ask(InvolvedIn(view.instance.key, role))
        users_by_key = await call.ask(UserNumbers(tuple(row.member_key for row in rows)))
        users = [users_by_key[row.member_key] for row in rows if row.member_key in users_by_key]
        names: list[str] = []
        for task in await _open_tasks(call, view):
            if role is Involved.RESPONSIBLE and task.assignee is not None:
                names.append(task.assignee)
            elif role is Involved.EDITOR:
                names += task.candidate_users
        usernames = {user.username for user in users}
        more = await call.ask(UsersByName(tuple(name for name in dict.fromkeys(names) if name not in usernames)))
        return [*users, *more.values()]

    async def _clerks_page(self, call: Call, view: InstanceView, role: Involved) -> Response:
        users = await self._users(call, view, role)
        return await call.page_of(await self._accounts.reads(call, tuple(users)))

    def _clerks(self, role: Involved) -> "tuple[calls.Handler, calls.Handler, calls.Handler]":
        async def listing(call: Call) -> Response:
            call.require(Permission.READ)
            return await self._clerks_page(call, await self._processes.one(call, call.number()), role)

        async def set_to(call: Call, involved: bool) -> Response:
            call.require(Permission.WORK, MANAGERS)
            number = call.number("accountId")
            view = await self._processes.live(call, call.number())
            user = await call.ask(UserByNumber(number))
            if self._accounts.is_deleted(user):
                raise NotFound("account", number)
            commands: list[Command[Any]] = [
                Involve(
                    entity="instance",
                    entity_key=view.instance.key,
                    role=role,
                    member_kind="account",
                    member_key=user.key,
                    involved=involved,
                )
            ]
            for task in await _open_tasks(call, view):
                commands.extend(_of_task(task, role, user.username, involved=involved))
            await call.do(Several(tuple(commands)))
            return await self._clerks_page(call, view, role)

        async def put(call: Call) -> Response:
            return await set_to(call, True)

        async def delete(call: Call) -> Response:
            return await set_to(call, False)

        return listing, put, delete

    def endpoints(self) -> list[Endpoint]:
        endpoints: list[Endpoint] = []
        for owner, path, find in (
            ("Process", "/api/processes/{id}/accessor-parties", self._of_process),
            ("Feed", "/api/process-feeds/{id}/accessor-parties", self._of_feed),
        ):
            right = right_of(_OPENERS, OWN)
            endpoints += _three(
                f"AccessorParty{owner}",
                path,
                member="{partyId}",
                answer="Party[]",
                handlers=self._accessors(find),
                right=right,
                more=(),
            )
        for name, role in CLERKS.items():
            title = f"{role.capitalize()}Clerk"
            more = () if role is Involved.SPECTATOR else (409,)
            path = f"/api/processes/{{id}}/{name}"
            right = right_of(MANAGERS, OWN)
            endpoints += _three(
                title,
                path,
                member="{accountId}",
                answer="Account[]",
                handlers=self._clerks(role),
                right=right,
                more=more,
            )
        return endpoints


def _three(
    title: str,
    path: str,
    member: str,
    answer: str,
    handlers: "tuple[calls.Handler, ...]",
    right: Right,
    more: tuple[int, ...],
) -> list[Endpoint]:
    listing, put, delete = handlers
    changed = (*calls.READ, *more)
    return [
        Endpoint(Operation(f"list{title}", "GET", path, OWN, calls.READ), listing, answer=answer),
        Endpoint(Operation(f"add{title}", "PUT", f"{path}/{member}", right, changed), put, answer=answer),
        Endpoint(Operation(f"remove{title}", "DELETE", f"{path}/{member}", right, changed), delete, answer=answer),
    ]


async def _open_tasks(call: Call, view: InstanceView) -> list[Task]:
    tasks = (await call.ask(TasksOf((view.instance.key,))))[view.instance.key]
    return [task for task in tasks if task.state == TaskState.CREATED]


def _of_task(task: Task, role: Involved, name: str, *, involved: bool) -> list[Command[Any]]:
    """What being a clerk means for a task."""
    if role is Involved.RESPONSIBLE:
        if involved and task.assignee is None:
            return [AssignTask(task.key, name)]
        return [UnassignTask(task.key)] if not involved and task.assignee == name else []
    candidates = task.candidate_users
    if role is Involved.SPECTATOR or (name in candidates) == involved:
        return []
    new_candidates = (*candidates, name) if involved else tuple(other for other in candidates if other != name)
    return [UpdateTask(task.key, candidate_users=new_candidates)]

"""Who may do what where the part that somebody has in a thing decides: managers of libraries, supervisors of processes,
who has a task, who made it. Every command is decided for everybody, and taken back.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.engine import Engine
from core.identity.queries import PrincipalOf
from core.instance.commands import CancelInstance, DeleteInstance, StartInstance
from core.instance.queries import InstanceByKey
from core.library.commands import CreateLibrary, RegisterDocument, SetLibraryManager, SetLibraryMember
from core.people.commands import (
    AddMember,
    CreateGroup,
    CreateUser,
    DeleteGroup,
    RemoveMember,
    RemoveRedirection,
    SetRedirection,
    UpdateGroup,
)
from core.people.queries import GroupByName, May, UserByName
from core.principal import Extent, Principal, system
from core.process.commands import DraftProcess, ReviseProcess, Supervisors
from core.process.queries import Drafted
from core.reach import OPEN, PARTS, PERMISSIONS, Place, authorized, no_rows, reaches
from core.rejections import Conflict, Forbidden, NotFound
from core.task.commands import (
    AssignTask,
    AttachDocument,
    CancelTask,
    ClaimTask,
    CompleteTask,
    CreateTask,
    DeleteTask,
    ReassignTask,
    SetComment,
    UpdateTask,
)
from core.task.queries import TaskByKey
from core.turn.command import Command, Several
from core.types import Action, AssigneeKind, Permission, ProcessStatus
from tests.support.examples import chain, work
from tests.support.rounds import rounds
from tests.unit.conftest import Living

WORKER = frozenset({Permission.START, Permission.WORK, Permission.READ})
#: what is given and taken; each is somebody else's at first, in both libraries
PASSED_ROUND = ("manager", "supervisor", "chief", "watcher", "assignee")
#: what stays with whom it is
KEPT = ("assigner", "creator", "reader")
NOBODYS = -1


@dataclass
class Room:
    """A library with documents, groups, a process and a task of it. Chiefs supervise as a group; the reader belongs to
    the library through one."""

    name: str
    key: int
    document: int
    other_document: int
    process: int = 0
    instance: int = 0
    task: int = 0
    chiefs: int = 0
    revision: int = 1
    holders: dict[str, set[str]] = field(default_factory=dict)

    def group(self, name: str) -> str:
        return f"{self.name}/{name}"

    @property
    def reader(self) -> str:
        (reader,) = self.holders["reader"]
        return reader


@dataclass
class House:
    """`people` act with what was found out about them when they came in."""

    engine: Engine
    tag: str = ""
    people: dict[str, Principal] = field(default_factory=dict)
    rooms: dict[str, Room] = field(default_factory=dict)

    @property
    def system(self) -> Principal:
        return system(self.engine.default_tenant, dialect="test")

    async def do(self, command: Command[Any], who: Principal | None = None) -> Any:
        return await self.engine.execute(command, who or self.system)

    async def enter(self, name: str, *more: Permission) -> str:
        made = await self.do(CreateUser(f"{name}{self.tag}", permissions=WORKER | set(more)))
        who = await self.engine.ask(PrincipalOf(user_key=made.key), self.system)
        self.people[who.username] = replace(who, reach=PARTS)
        return who.username

    def named(self, name: str) -> str:
        return f"{name}{self.tag}"

    def other(self, room: Room) -> Room:
        return next(r for r in self.rooms.values() if r is not room)

    def whose(self, room: Room, roles: tuple[str, ...]) -> set[str]:
        found: set[str] = set()
        for role in roles:
            found |= set(self.people) if role == "everybody" else room.holders.get(role, {self.named(role)})
        return found

    async def build(self, base: str) -> None:
        name = self.named(base)
        mine = {role: await self.enter(f"{base}'s {role}") for role in (*PASSED_ROUND, *KEPT)}
        key = (await self.do(CreateLibrary(name))).key
        documents = [(await self.do(RegisterDocument(key, "in", file))).key for file in ("a.txt", "b.txt")]
        room = self.rooms[base] = Room(name, key, *documents)
        room.holders = {role: {person} for role, person in mine.items()}
        await self.do(CreateGroup(room.group("Staff"), members=(mine["reader"],), library_key=key))
        made = await self.do(CreateGroup(room.group("Chiefs"), members=(mine["chief"],), library_key=key))
        staff = await self.engine.ask(GroupByName(room.group("Staff")), self.system)
        await self.do(SetLibraryMember(key, AssigneeKind.GROUP, staff.key))
        for person in (mine["manager"], self.named("stranger")):
            await self.do(SetLibraryMember(key, AssigneeKind.USER, self.people[person].user_key))
        await self.do(SetLibraryManager(key, self.people[mine["manager"]].user_key))
        room.chiefs = made.number
        supervisors = Supervisors((self.people[mine["supervisor"]].number,), (room.chiefs,))
        room.process = (await self.do(DraftProcess(f"of-{name}", name, {}, key, supervisors=supervisors))).key
        graph = chain(f"of-{name}", work(), name=name)
        await self.do(ReviseProcess(room.process, 0, graph=graph, status=ProcessStatus.ACTIVE))
        start = StartInstance(room.process, document_key=room.document)
        started = await self.do(start, self.people[mine["creator"]])
        room.instance, room.task = started.key, started.tasks[0].key
        await self.do(ReassignTask(room.task, mine["assignee"]), replace(self.system, username=mine["assigner"]))
        await self.do(UpdateTask(room.task, supervisor=mine["watcher"]))

    async def may(self, name: str, command: Command[Any]) -> bool:
        """Would it be done? What comes behind it fails, so that nothing of it stays."""
        with pytest.raises((Forbidden, NotFound)) as refused:
            await self.engine.execute(Several((command, CompleteTask(NOBODYS))), self.people[name])
        if isinstance(refused.value, NotFound):
            assert (refused.value.kind, refused.value.id) == ("task", str(NOBODYS))
        return isinstance(refused.value, NotFound)

    async def who_may(self, what: str, room: Room) -> set[str]:
        return await self.allowed(DOINGS[what][0](self, room))

    async def allowed(self, command: Command[Any]) -> set[str]:
        """All of them ask in the same turn."""
        answers = await asyncio.gather(*(self.may(name, command) for name in self.people))
        return {name for name, allowed in zip(self.people, answers, strict=True) if allowed}

    async def pass_on(self, room: Room, role: str, holders: set[str]) -> None:
        """Let these be it, and nobody else."""
        before = room.holders[role]
        room.holders[role] = holders
        match role:
            case "manager":
                for name in before ^ holders:
                    await self.do(SetLibraryManager(room.key, self.people[name].user_key, name in holders))
            case "chief":
                for name in before ^ holders:
                    kind = AddMember if name in holders else RemoveMember
                    await self.do(kind(room.group("Chiefs"), name))
            case "supervisor":
                numbers = tuple(self.people[name].number for name in holders)
                supervisors = Supervisors(numbers, (room.chiefs,))
                await self.do(ReviseProcess(room.process, room.revision, supervisors=supervisors))
                room.revision += 1
            case "watcher":
                await self.do(UpdateTask(room.task, supervisor=next(iter(holders), "")))
            case _:
                await self.do(AssignTask(room.task, next(iter(holders), "somebody else")))


async def open_house(engine: Engine, tag: str = "") -> House:
    house = House(engine, tag)
    await house.enter("root", Permission.ADMINISTER)
    await house.enter("clerk", Permission.MANAGE_USERS)
    await house.enter("designer", Permission.DESIGN)
    await house.enter("stranger")
    for base in ("Papers", "Plans"):
        await house.build(base)
    return house


Doing = Callable[[House, Room], Command[Any]]
Roles = tuple[str, ...]

MANAGERS: Roles = ("root", "manager")
IN_CHARGE: Roles = ("creator", "supervisor", "chief")
AT_WORK: Roles = ("assignee", "supervisor", "chief", "watcher")
DESIGNERS: Roles = ("root", "manager", "supervisor", "chief")
DIRECTORS: Roles = ("root", "supervisor", "chief")
REDIRECTING: Roles = ("root", "clerk", "manager", "reader")


def revising(**new: Any) -> Doing:
    return lambda h, r: ReviseProcess(r.process, r.revision, **new)


def deploying(name: str) -> Doing:
    return lambda h, r: ReviseProcess(
        r.process, r.revision, graph=chain(f"of-{r.name}", work("else"), name=name or r.name)
    )


#: what is done in a library, and whose part in it lets them
DOINGS: Mapping[str, tuple[Doing, Roles]] = {
    "make a group": (lambda h, r: CreateGroup(r.group("New"), library_key=r.key), MANAGERS),
    "make a group of no library": (lambda h, r: CreateGroup(f"New{r.name}"), ("root",)),
    "rename a group": (lambda h, r: UpdateGroup(r.group("Staff"), r.group("Crew")), MANAGERS),
    "delete a group": (lambda h, r: DeleteGroup(r.group("Staff")), MANAGERS),
    "add to a group": (lambda h, r: AddMember(r.group("Staff"), h.named("clerk")), MANAGERS),
    "take from a group": (lambda h, r: RemoveMember(r.group("Staff"), r.reader), MANAGERS),
    "let somebody in": (
        lambda h, r: SetLibraryMember(r.key, AssigneeKind.USER, h.people[h.named("clerk")].user_key),
        MANAGERS,
    ),
    "make somebody manager": (
        lambda h, r: SetLibraryManager(r.key, h.people[h.named("stranger")].user_key, manager=True),
        ("root",),
    ),
    "draft a process": (lambda h, r: DraftProcess("new", "New", {}, r.key), MANAGERS),
    "draft a process of no library": (lambda h, r: DraftProcess("new", "New", {}), ("root",)),
    "revise a process": (revising(content={"a": 1}), DESIGNERS),
    "deploy a process": (deploying(""), DESIGNERS),
    "deploy another process": (
        lambda h, r: ReviseProcess(r.process, r.revision, graph=chain(f"of-{h.other(r).name}", work(), name=r.name)),
        ("root",),
    ),
    "rename a process": (revising(name="Else"), DIRECTORS),
    "rename a process by a version": (deploying("Else"), DIRECTORS),
    "appoint supervisors": (revising(supervisors=Supervisors()), DIRECTORS),
    "delete a process": (revising(status=ProcessStatus.DELETED), MANAGERS),
    "redirect tasks": (lambda h, r: SetRedirection(r.reader, h.named("clerk"), 0), REDIRECTING),
    "end a redirection": (lambda h, r: RemoveRedirection(r.reader), REDIRECTING),
    "start": (lambda h, r: StartInstance(r.process, document_key=r.other_document), ("everybody",)),
    "start about nothing": (lambda h, r: StartInstance(r.process), ()),
    "start about what is elsewhere": (
        lambda h, r: StartInstance(r.process, document_key=h.other(r).other_document),
        (),
    ),
    "make a task": (lambda h, r: CreateTask("New", document_key=r.document), ("everybody",)),
    "complete": (lambda h, r: CompleteTask(r.task), ("assignee",)),
    "claim": (lambda h, r: ClaimTask(r.task, "x"), ()),
    "change a task": (lambda h, r: UpdateTask(r.task, priority=1), AT_WORK),
    "keep something with a task": (lambda h, r: UpdateTask(r.task, ext={"t": {"a": 1}}), AT_WORK),
    "reassign": (lambda h, r: ReassignTask(r.task, h.named("clerk")), AT_WORK),
    "comment": (lambda h, r: SetComment(r.task, "So"), AT_WORK),
    "attach": (lambda h, r: AttachDocument(r.task, r.document, 1), AT_WORK),
    "drop": (lambda h, r: CancelTask(r.task), AT_WORK),
    "redefine a task": (lambda h, r: UpdateTask(r.task, name="Else"), IN_CHARGE),
    "watch over a task": (lambda h, r: UpdateTask(r.task, supervisor="x"), IN_CHARGE),
    "assign": (lambda h, r: AssignTask(r.task, "x"), IN_CHARGE),
    "delete a task": (lambda h, r: DeleteTask(r.task), ("root", "assigner", "manager")),
    "stop": (lambda h, r: CancelInstance(r.instance), IN_CHARGE),
    "remove": (lambda h, r: DeleteInstance(r.instance), IN_CHARGE),
}


async def test_everybody_does_what_their_part_lets_them_and_nothing_elsewhere(engine: Engine) -> None:
    house = await open_house(engine)
    for what, (_, roles) in DOINGS.items():
        for room in house.rooms.values():
            assert await house.who_may(what, room) == house.whose(room, roles), (what, room.name)


async def test_it_is_told_beforehand_as_it_is_decided_then(engine: Engine) -> None:
    house = await open_house(engine)
    for room in house.rooms.values():
        task = (await engine.ask(TaskByKey(room.task), house.system)).task
        instance = (await engine.ask(InstanceByKey(room.instance), house.system)).instance
        (view,) = await engine.ask(Drafted(room.key), house.system)
        reader = await engine.ask(UserByName(room.reader), house.system)
        for action, thing, roles in (
            (Action.MANAGE_LIBRARY, Place(room.key), MANAGERS),
            (Action.MANAGE_LIBRARY, Place(0), ("root",)),
            (Action.REVISE_PROCESS, view.process, DESIGNERS),
            (Action.DIRECT_PROCESS, view.process, DIRECTORS),
            (Action.DELETE_PROCESS, view.process, MANAGERS),
            (Action.REDIRECT_TASKS, reader, REDIRECTING),
            (Action.COMPLETE_TASK, task, ("assignee",)),
            (Action.UPDATE_TASK, task, AT_WORK),
            (Action.SUPERVISE_TASK, task, ("supervisor", "chief", "watcher")),
            (Action.DELETE_TASK, task, ("root", "assigner", "manager")),
            (Action.UPDATE_INSTANCE, instance, IN_CHARGE),
        ):
            told = {name for name, who in house.people.items() if await engine.ask(May(action, thing), who)}
            assert told == house.whose(room, roles), (action, room.name)


#: whose role is given to whom: to who had it at first, and to somebody who has it nowhere
STEP = st.tuples(st.sampled_from(["Papers", "Plans"]), st.sampled_from(PASSED_ROUND), st.integers(0, 2))
TAGS = count()


@settings(max_examples=rounds(5))
@given(steps=st.lists(st.tuples(STEP, st.sampled_from(sorted(DOINGS))), min_size=1, max_size=5))
def test_a_role_counts_as_long_as_somebody_has_it(
    living: Living, steps: list[tuple[tuple[str, str, int], str]]
) -> None:
    async def play() -> None:
        house = await open_house(living.engine, f" {next(TAGS)}")
        first = {base: dict(room.holders) for base, room in house.rooms.items()}
        for (base, role, choice), what in steps:
            holders = (first[base][role], {house.named("stranger")}, set[str]())[choice]
            await house.pass_on(house.rooms[base], role, holders)
            for room in house.rooms.values():
                assert await house.who_may(what, room) == house.whose(room, DOINGS[what][1]), (what, room.name)

    living.run(play())


@pytest.mark.parametrize(("role", "what"), [("manager", "make a group"), ("supervisor", "revise a process")])
async def test_a_role_that_was_taken_away_in_the_same_turn_is_gone(engine: Engine, role: str, what: str) -> None:
    """They have just done it, and the engine has not asked anew who they are."""
    house = await open_house(engine)
    room = house.rooms["Papers"]
    (name,) = room.holders[role]
    who, command = house.people[name], DOINGS[what][0](house, room)
    assert await house.may(name, command)
    taking: dict[str, Command[Any]] = {
        "manager": SetLibraryManager(room.key, who.user_key, manager=False),
        "supervisor": ReviseProcess(room.process, room.revision, supervisors=Supervisors()),
    }
    outcomes = await asyncio.gather(
        engine.execute(taking[role], house.system), engine.execute(command, who), return_exceptions=True
    )
    assert [type(outcome).__name__ for outcome in outcomes] == ["Done", "Forbidden"]


async def test_a_group_that_went_to_another_library_is_not_theirs_by_its_name(engine: Engine) -> None:
    """What a manager looked at is not what the command finds under the name."""
    house = await open_house(engine)
    papers, plans = house.rooms.values()
    (name,) = papers.holders["manager"]
    moving = asyncio.gather(
        engine.execute(DeleteGroup(papers.group("Staff")), house.system),
        engine.execute(CreateGroup(papers.group("Staff"), library_key=plans.key), house.system),
        engine.execute(DeleteGroup(papers.group("Staff")), house.people[name]),
        return_exceptions=True,
    )
    assert [type(outcome).__name__ for outcome in await moving] == ["Done", "Created", "Forbidden"]


async def test_a_task_that_was_passed_on_is_not_theirs_any_more(engine: Engine) -> None:
    house = await open_house(engine)
    room = house.rooms["Papers"]
    (name,) = room.holders["assignee"]
    outcomes = await asyncio.gather(
        engine.execute(AssignTask(room.task, house.named("clerk")), house.system),
        engine.execute(UpdateTask(room.task, priority=1), house.people[name]),
        return_exceptions=True,
    )
    assert [type(outcome).__name__ for outcome in outcomes] == ["Done", "Forbidden"]


async def test_what_has_ended_is_still_only_theirs_whose_it_was(engine: Engine) -> None:
    house = await open_house(engine)
    room = house.rooms["Papers"]
    (name,) = room.holders["assignee"]
    await engine.execute(CompleteTask(room.task), house.people[name])
    correction = UpdateTask(room.task, ended_at=1)
    assert await house.allowed(correction) == house.whose(room, AT_WORK)
    with pytest.raises(Conflict):
        await engine.execute(DeleteInstance(room.instance), house.people[next(iter(room.holders["creator"]))])


async def test_of_a_process_that_is_deleted_nobody_is_supervisor(engine: Engine) -> None:
    house = await open_house(engine)
    room = house.rooms["Papers"]
    await house.do(ReviseProcess(room.process, room.revision, status=ProcessStatus.DELETED))
    assert await house.who_may("change a task", room) == house.whose(room, ("assignee", "watcher"))
    assert await house.who_may("stop", room) == house.whose(room, ("creator",))


def test_where_permissions_decide_every_action_takes_one() -> None:
    assert set(PERMISSIONS) == set(Action)
    assert set(PARTS.extents) == set(Action) - {Action.READ_TASK}


def test_what_authorizations_do_not_tell_of_is_done_nowhere() -> None:
    told = {Action.UPDATE_TASK: Extent(everything=True)}
    limited = Principal(1, 2, "ann", "test", reach=authorized(told))
    unlimited = Principal(1, 2, "ann", "test", reach=authorized(None))
    for action, permission in PERMISSIONS.items():
        if permission is Permission.WORK:
            assert reaches(limited, action, None, no_rows) == (action is Action.UPDATE_TASK)
        assert reaches(unlimited, action, None, no_rows)
    for who in (limited, unlimited):
        assert {permission for permission in Permission if not who.may(permission)} == {Permission.ADMINISTER}


def test_an_open_house_spares_nobody_the_permission_for_accounts() -> None:
    visitor = Principal(1, 0, "anonymous", "test", reach=OPEN)
    assert {permission for permission in Permission if visitor.may(permission)} == {
        *(Permission.START, Permission.WORK, Permission.READ, Permission.DESIGN)
    }
    assert not visitor.is_administrator

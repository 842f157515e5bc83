"""Two engines on one PostgreSQL database change the same rows at once, some of it in vain.

What was acknowledged is there afterwards, and nothing else.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.engine import Engine
from core.graph.elements import Call, Element, ElementKind, Participants, TaskTemplate
from core.identity.commands import ExtendCredential, IssueCredential, RevokeCredential, SetSetting, SpendCredential
from core.identity.digests import digest
from core.instance.commands import CancelInstance, ChangeInstance, ReviseComment, SetVariables, StartInstance
from core.job.commands import FireTimer
from core.job.queries import NextTimers
from core.outbox.commands import NoteDelivery, Subscribe
from core.people.commands import (
    AddMember,
    CreateGroup,
    CreateUser,
    DeleteUser,
    RemoveMember,
    RenameUser,
    UpdateGroup,
    UpdateUser,
)
from core.principal import Principal, system
from core.process.commands import DeployProcess, DraftProcess, ReviseProcess, UpdateActivity
from core.registry.commands import CreateReference, UpdateReference
from core.rejections import NotFound, Rejection, WrongState
from core.storage import open_store
from core.tables.event import Event
from core.tables.identity import Credential, Setting
from core.tables.instance import Comment, Instance, Variable
from core.tables.outbox import Delivery
from core.tables.people import Group, Membership, User
from core.tables.process import Activity
from core.tables.registry import Reference
from core.tables.task import Holding, Task
from core.task.commands import (
    AssignTask,
    CompleteTask,
    CreateTask,
    DeleteTask,
    ReassignTask,
    TransferTasks,
    UnassignTask,
    UpdateTask,
)
from core.turn.command import Command, Done, Removed, Several, Transferred
from core.types import CredentialKind
from tests.conftest import fresh_database
from tests.support import examples
from tests.support.examples import chain, rows, work
from tests.support.rounds import rounds

pytestmark = pytest.mark.postgresql

HOUR = 3_600_000


@dataclass
class Pair:
    """Two processes, as far as the database can tell."""

    engines: tuple[Engine, Engine]
    known: dict[str, Any] = field(default_factory=dict)

    @property
    def who(self) -> Principal:
        return system(self.engines[0].default_tenant, dialect="test")

    async def do(self, command: Command[Any], engine: int = 0) -> Any:
        return await self.engines[engine].execute(command, self.who)

    async def at_once(self, *commands: tuple[int, Command[Any]]) -> list[Any]:
        """What came of each; (which process, command)"""
        outcomes = await asyncio.gather(*(self.do(cmd, n) for n, cmd in commands), return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException) and not isinstance(outcome, Rejection):
                raise outcome
        return outcomes

    async def both(self, command: Command[Any]) -> list[Any]:
        return await self.at_once((0, command), (1, command))

    def row(self, cls: type[Any], **known: Any) -> Any:
        (found,) = (row for row in rows(self.engines[0], cls) if all(getattr(row, n) == v for n, v in known.items()))
        return found


async def start(url: str) -> Pair:
    engines = Engine(open_store(url)), Engine(open_store(url))
    for engine in engines:
        await engine.start()
    return Pair(engines)


@pytest.fixture
async def pair(postgresql: str, empty_postgresql: str) -> AsyncIterator[Pair]:
    pair = await start(fresh_database(postgresql, empty_postgresql))
    yield pair
    for engine in pair.engines:
        await engine.stop()


@pytest.fixture(scope="module")
def world(postgresql: str, empty_postgresql: str) -> Iterator[tuple[Pair, asyncio.Runner]]:
    """Made once for all examples of a property."""
    with asyncio.Runner() as runner:
        pair = runner.run(start(fresh_database(postgresql, empty_postgresql)))
        pair.known = runner.run(examples.make(pair.engines[0], pair.who)).known
        yield pair, runner
        for engine in pair.engines:
            runner.run(engine.stop())


# Whatever is merged into what is there


def _kept(ext: Mapping[str, Any]) -> dict[str, int]:
    return dict(ext.get("t", {}))


@dataclass(frozen=True)
class Register:
    """Something that keeps all that was ever put to it: how it is put there, and what is there."""

    put: Callable[[dict[str, Any], str, int], Command[Any]]
    kept: Callable[[Pair], dict[str, int]]


def _reference(pair: Pair) -> dict[str, int]:
    found = pair.row(Reference, key=pair.known["reference"]).ext
    return {name: value for name, value in found.items() if name.startswith("k")}


def _variables(pair: Pair) -> dict[str, int]:
    found = rows(pair.engines[0], Variable)
    mine = (row for row in found if row.instance_key == pair.known["instance"] and row.name.startswith("k"))
    return {row.name: int(row.value) for row in mine}


def _comment(pair: Pair) -> dict[str, int]:
    return dict(pair.row(Comment, key=pair.known["comment"]).ext)


def _of(cls: type[Any], name: str) -> Callable[[Pair], dict[str, int]]:
    return lambda pair: _kept(pair.row(cls, key=pair.known[name]).ext)


REGISTERS: dict[str, Register] = {
    "user": Register(lambda k, n, v: UpdateUser("ann", ext={"t": {n: v}}), _of(User, "ann")),
    "group": Register(lambda k, n, v: UpdateGroup("staff", ext={"t": {n: v}}), _of(Group, "staff")),
    "activity": Register(lambda k, n, v: UpdateActivity(k["activity"], ext={"t": {n: v}}), _of(Activity, "activity")),
    "task": Register(lambda k, n, v: UpdateTask(k["task_plain"], ext={"t": {n: v}}), _of(Task, "task_plain")),
    "instance": Register(lambda k, n, v: ChangeInstance(k["instance"], ext={"t": {n: v}}), _of(Instance, "instance")),
    "reference": Register(lambda k, n, v: UpdateReference(k["reference"], ext={n: v}), _reference),
    "comment": Register(lambda k, n, v: ReviseComment(k["comment"], ext={n: v}), _comment),
    "variables": Register(lambda k, n, v: SetVariables(k["instance"], {n: v}), _variables),
}

#: alone, with another that is accepted, in front of one that is refused
WAYS = ("alone", "together", "in vain")
STEPS = st.lists(
    st.tuples(st.integers(0, 1), st.sampled_from(sorted(REGISTERS)), st.sampled_from(WAYS)), min_size=4, max_size=30
)
_numbers = iter(range(1, 10**9))


@settings(max_examples=rounds(20))
@given(turns=st.lists(STEPS, min_size=1, max_size=3))
def test_no_acknowledged_value_is_lost(world: tuple[Pair, asyncio.Runner], turns: list[Any]) -> None:
    pair, runner = world
    before = {name: register.kept(pair) for name, register in REGISTERS.items()}
    revision = pair.row(User, username="ann").revision
    touched = 0
    for steps in turns:
        commands: list[tuple[int, Command[Any]]] = []
        values: list[dict[str, dict[str, int]]] = []
        for engine, name, way in steps:
            n = next(_numbers)
            command = REGISTERS[name].put(pair.known, f"k{n}", n)
            value = {name: {f"k{n}": n}}
            if way == "together":
                m = next(_numbers)
                command = Several((command, REGISTERS["user"].put(pair.known, f"k{m}", m)))
                value.setdefault("user", {})[f"k{m}"] = m
            elif way == "in vain":
                command, value = Several((command, UpdateReference(404))), {}
            commands.append((engine, command))
            values.append(value)
        outcomes = runner.run(pair.at_once(*commands))
        for outcome, value, (_, _, way) in zip(outcomes, values, steps, strict=True):
            assert isinstance(outcome, Rejection) == (way == "in vain"), outcome
            touched += len(value.get("user", ()))
            for name, added in value.items():
                before[name] |= added
    assert {name: register.kept(pair) for name, register in REGISTERS.items()} == before
    assert pair.row(User, username="ann").revision == revision + touched


async def test_what_is_refused_here_leaves_alone_what_is_changed_there(pair: Pair) -> None:
    await pair.do(CreateUser("ann", first_name="Old"))
    vain = Several((UpdateUser("ann", first_name="Vain"), UpdateUser("nobody", first_name="")))
    for n in range(30):
        outcomes = await pair.at_once((0, vain), (1, UpdateUser("ann", first_name=f"New {n}")), (0, vain))
        assert [isinstance(outcome, NotFound) for outcome in outcomes] == [True, False, True]
        assert pair.row(User, username="ann").first_name == f"New {n}"


# What can be done but once


async def test_a_token_is_spent_once(pair: Pair) -> None:
    user = (await pair.do(CreateUser("ann"))).key
    for _ in range(20):
        issued = await pair.do(IssueCredential(CredentialKind.REFRESH, user, HOUR))
        outcomes = await pair.both(SpendCredential(digest(issued.text), CredentialKind.REFRESH))
        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Done", "NotFound"]
    assert rows(pair.engines[0], Credential) == []


async def test_a_token_that_was_spent_is_not_extended(pair: Pair) -> None:
    user = (await pair.do(CreateUser("ann"))).key
    for _ in range(20):
        token = digest((await pair.do(IssueCredential(CredentialKind.TICKET, user, HOUR))).text)
        spent, extended = await pair.at_once(
            (0, RevokeCredential(token, CredentialKind.TICKET)),
            (1, ExtendCredential(token, CredentialKind.TICKET, 2**52)),
        )
        assert spent == Removed(1)
        assert isinstance(extended, Done | NotFound)


async def test_each_attempt_to_deliver_counts(pair: Pair) -> None:
    await pair.do(Subscribe(("reference.created",), {}))
    await pair.do(CreateReference("unit", "a"))
    (delivery,) = rows(pair.engines[0], Delivery)
    for _ in range(10):
        await pair.both(NoteDelivery((delivery.key,), error="no answer"))
    assert pair.row(Delivery).attempts == 20


async def test_whoever_is_made_a_member_or_dismissed_twice_is_so_once(pair: Pair) -> None:
    await pair.do(CreateUser("ann"))
    await pair.do(CreateGroup("staff"))
    for _ in range(10):
        added = await pair.both(AddMember("staff", "ann"))
        assert sorted(type(outcome).__name__ for outcome in added) == ["Conflict", "Done"]
        removed = await pair.both(RemoveMember("staff", "ann"))
        assert sorted(type(outcome).__name__ for outcome in removed) == ["Done", "NotFound"]
    assert pair.row(User, username="ann").revision == 20


async def test_whoever_goes_leaves_no_membership(pair: Pair) -> None:
    for n in range(15):
        await pair.do(CreateUser("ann"))
        await pair.do(CreateGroup(f"staff{n}"))
        gone, _ = await pair.at_once((0, DeleteUser("ann")), (1, AddMember(f"staff{n}", "ann")))
        assert gone == Done()
    assert rows(pair.engines[0], Membership) == []


async def test_a_timer_fires_once(pair: Pair) -> None:
    for engine in pair.engines:
        examples.keep_still(engine)
    made = await pair.do(DeployProcess(chain("timed", examples.SOON, work())))
    for _ in range(10):
        await pair.do(StartInstance(made.process_key))
    for timer in await pair.engines[0].ask(NextTimers(), pair.who):
        assert await pair.both(FireTimer(timer.key)) == [Done(), Done()]
    assert [event.kind for event in rows(pair.engines[0], Event)].count("timer.fired") == 10


async def test_a_draft_is_revised_once(pair: Pair) -> None:
    draft = (await pair.do(DraftProcess("d", "D", {}))).key
    for revision in range(10):
        outcomes = await pair.both(ReviseProcess(draft, revision, {"n": revision}))
        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Conflict", "Done"]


async def test_a_setting_is_made_once(pair: Pair) -> None:
    for n in range(10):
        outcomes = await pair.at_once(
            *((e, SetSetting(f"key{n}", f"{e}", only_if_absent=True)) for e in (0, 1)),
        )
        assert outcomes == [Done(), Done()]
    assert {row.name for row in rows(pair.engines[0], Setting)} == {f"key{n}" for n in range(10)}


async def test_names_are_unique_whatever_their_case(pair: Pair) -> None:
    """No index holds that: who makes one waits for whoever makes another."""
    for n in range(15):
        outcomes = await pair.at_once((0, CreateGroup(f"Staff{n}")), (1, CreateGroup(f"STAFF{n}")))
        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Conflict", "Created"]
        drafts = await pair.at_once((0, DraftProcess(f"a{n}", f"P{n}", {})), (1, DraftProcess(f"b{n}", f"p{n}", {})))
        assert sorted(type(outcome).__name__ for outcome in drafts) == ["Conflict", "Created"]


# What is done to many rows at once


async def test_a_rename_keeps_what_is_said_of_the_user_meanwhile(pair: Pair) -> None:
    for name in ("ann", "bob"):
        await pair.do(CreateUser(name))
    task = (await pair.do(CreateTask("t", candidate_users=("ann",)))).tasks[0].key
    old, new = "ann", "anna"
    for n in range(15):
        renamed, updated, _ = await pair.at_once(
            (0, RenameUser(old, new)),
            (1, UpdateTask(task, candidate_users=(old, "bob", f"user{n}"))),
            (1, AddMember("none", old)),
        )
        assert (renamed, updated) == (Done(), Done())
        candidates = list(pair.row(Task, key=task).candidate_users)
        assert candidates[1:] == ["bob", f"user{n}"]
        old, new = new, old


async def test_a_rename_and_changes_of_the_user_are_all_counted(pair: Pair) -> None:
    await pair.do(CreateUser("ann"))
    acknowledged, old, new = 0, "ann", "anna"
    for n in range(15):
        outcomes = await pair.at_once(
            (0, RenameUser(old, new)), *((1, UpdateUser(old, first_name=f"{n}.{i}")) for i in range(3))
        )
        acknowledged += sum(outcome == Done() for outcome in outcomes)
        old, new = new, old
    assert pair.row(User).revision == acknowledged


async def test_a_transfer_moves_the_tasks_of_a_user_whatever_the_name(pair: Pair) -> None:
    for name in ("ann", "bob"):
        await pair.do(CreateUser(name))
    await asyncio.gather(*(pair.do(CreateTask("t", assignee="ann")) for _ in range(5)))
    names = ["ann", "anna"]
    for _ in range(10):
        moved, renamed = await pair.at_once((0, TransferTasks(names[0], "bob")), (1, RenameUser(*names)))
        assert renamed == Done()
        holders = {row.assignee for row in rows(pair.engines[0], Task)}
        if isinstance(moved, NotFound):
            assert holders == {names[1]}
        else:
            assert moved == Transferred(5, 0)
            assert holders == {"bob"}
            await pair.do(TransferTasks("bob", names[1]))
        names.reverse()


# What moves in instances


async def test_in_a_canceled_instance_nothing_is_left_open(pair: Pair, caplog: pytest.LogCaptureFixture) -> None:
    """Who completes and who cancels take the instance first: neither has to be run again."""
    made = await pair.do(DeployProcess(chain("two", work("a"), work("b"))))
    for _ in range(15):
        started = await pair.do(StartInstance(made.process_key))
        outcomes = await pair.at_once((0, CompleteTask(started.tasks[0].key)), (1, CancelInstance(started.key)))
        assert outcomes[1] == Done()
        assert isinstance(outcomes[0], Done | WrongState)
    assert {row.state for row in rows(pair.engines[0], Instance)} == {"TERMINATED"}
    assert {row.state for row in rows(pair.engines[0], Task)} <= {"COMPLETED", "CANCELED"}
    assert "attempt" not in caplog.text


async def test_who_passes_a_task_on_and_who_cancels_wait_for_each_other(
    pair: Pair, caplog: pytest.LogCaptureFixture
) -> None:
    await pair.do(CreateUser("ann"))
    for command in (
        lambda key: ReassignTask(key, "ann"),
        lambda key: AssignTask(key, "ann"),
        lambda key: UnassignTask(key),
        lambda key: DeleteTask(key),
    ):
        for _ in range(6):
            started = await pair.do(CreateTask("t", assignee="bob"))
            cancel = CancelInstance(started.key)
            outcomes = await pair.at_once((0, command(started.tasks[0].key)), (1, cancel))
            assert Done() in outcomes
    assert {row.state for row in rows(pair.engines[0], Task)} == {"CANCELED"}
    assert {row.state for row in rows(pair.engines[0], Instance)} == {"TERMINATED"}
    assert "attempt" not in caplog.text


async def test_each_holding_of_an_instance_has_its_own_place(pair: Pair) -> None:
    for name in ("ann", "bob"):
        await pair.do(CreateUser(name))
    users = [pair.row(User, username=name).key for name in ("ann", "bob")]
    template = TaskTemplate(participants=Participants(tuple(users)))
    made = await pair.do(DeployProcess(chain("several", work("a", template))))
    started = await pair.do(StartInstance(made.process_key))
    first, second = (task.key for task in started.tasks)
    for n in range(10):
        await pair.at_once((0, AssignTask(first, f"f{n}")), (1, AssignTask(second, f"s{n}")))
    engine = pair.engines[0]
    places = [h.ordinal for h in rows(engine, Holding)] + [t.ordinal for t in rows(engine, Task)]
    assert sorted(places) == list(range(1, 23))
    assert pair.row(Instance).ordinals == 22


async def test_what_a_canceled_instance_called_is_not_left_open(pair: Pair, caplog: pytest.LogCaptureFixture) -> None:
    call = Element("call", ElementKind.CALL_ACTIVITY, call=Call("inner"))
    await pair.do(DeployProcess(chain("inner", work("a"))))
    made = await pair.do(DeployProcess(chain("outer", call, work("b"))))
    for _ in range(15):
        started = await pair.do(StartInstance(made.process_key))
        outcomes = await pair.at_once((0, CompleteTask(started.tasks[0].key)), (1, CancelInstance(started.key)))
        assert outcomes[1] == Done()
        assert isinstance(outcomes[0], Done | WrongState)
    assert {row.state for row in rows(pair.engines[0], Instance)} <= {"TERMINATED", "COMPLETED"}
    assert {row.state for row in rows(pair.engines[0], Task)} <= {"COMPLETED", "CANCELED"}
    assert "attempt" not in caplog.text


async def test_the_last_of_several_goes_on(pair: Pair, caplog: pytest.LogCaptureFixture) -> None:
    """Two people complete their tasks side by side: whoever is second finds the other one's done."""
    users = tuple([(await pair.do(CreateUser(name))).key for name in ("ann", "bob")])
    template = TaskTemplate(participants=Participants(users))
    made = await pair.do(DeployProcess(chain("several", work("a", template), work("b", template))))
    for _ in range(15):
        started = await pair.do(StartInstance(made.process_key))
        first, second = (CompleteTask(task.key) for task in started.tasks)
        assert await pair.at_once((0, first), (1, second)) == [Done(), Done()]
        tasks = [row for row in rows(pair.engines[0], Task) if row.instance_key == started.key]
        assert [row.state for row in tasks] == ["COMPLETED", "COMPLETED", "CREATED", "CREATED"]
    assert "attempt" not in caplog.text

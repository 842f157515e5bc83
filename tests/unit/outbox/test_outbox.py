"""Deliveries are written with their events: none too many, none too few, in order."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.instance.commands import AddComment, ReviseComment
from core.outbox.commands import ChangeSubscription, LeaseSubscription, NoteDelivery, SendMail, Subscribe
from core.outbox.fields import DeliveryWhere
from core.outbox.queries import (
    DeliveryView,
    PendingDeliveries,
    PendingSubscriptions,
    SearchDeliveries,
    SearchSubscriptions,
    SubscriptionByKey,
)
from core.people.commands import CreateUser, DeleteUser
from core.process.commands import CreateStage, UpdateStage
from core.registry.commands import CreateReference, UpdateReference
from core.rejections import Conflict, NotFound, Rejection, Unavailable
from core.search.query import Sort, Where
from core.task.commands import AssignTask, ClaimTask, CompleteTask, CreateTask, DeleteTask, TransferTasks, UpdateTask
from core.turn.command import Command, Created, Several
from tests.support.rounds import rounds
from tests.support.running import Running
from tests.unit.conftest import Living

KINDS = ("task.created", "task.claimed", "task.completed", "task.transferred", "instance.completed", "task.updated")


async def subscribe(run: Running, *kinds: str) -> int:
    made: Created = await run.do(Subscribe(kinds, {"to": "somebody"}))
    return made.key


async def told(run: Running, key: int) -> list[tuple[str, int, str]]:
    """(kind of the event, number of the thing, state)"""
    where: tuple[DeliveryWhere, ...] = (Where("subscription_key", "eq", key),)
    found = await run.engine.ask(SearchDeliveries(where, (Sort("event_at"), Sort("key"))), run.who)
    return [(view.event.kind, view.delivery.entity_number, view.delivery.state) for view in found.items]


async def test_only_what_was_asked_for_is_told_and_only_from_now_on(run: Running) -> None:
    assert not run.engine.tells(run.who.dialect)
    await run.do(CreateTask("before"))
    key = await subscribe(run, "task.created", "reference.created:unit")
    assert run.engine.tells(run.who.dialect)
    made = await run.do(CreateTask("after"))
    await run.do(AssignTask(made.tasks[0].key, "ann"))
    await run.do(CreateReference("unit", "U"))
    await run.do(CreateReference("party", "P"))
    assert await told(run, key) == [
        ("task.created", made.tasks[0].number, "WAITING"),
        ("reference.created", 1, "WAITING"),
    ]


async def test_what_is_gone_is_told_by_its_number(run: Running) -> None:
    made = await run.do(CreateTask("t"))
    user = await run.do(CreateUser("ann"))
    stage = await run.do(CreateStage("s"))
    unit = await run.do(CreateReference("unit", "u"))
    remark = await run.do(AddComment(made.key, "x"))
    key = await subscribe(
        run, "task.deleted", "user.deleted", "stage.deleted", "reference.deleted:unit", "instance.uncommented"
    )
    await run.do(ReviseComment(remark.key, deleted=True))
    await run.do(DeleteTask(made.tasks[0].key))
    await run.do(DeleteUser("ann"))
    await run.do(UpdateStage(stage.key, deleted=True))
    await run.do(UpdateReference(unit.key, deleted=True))
    assert await told(run, key) == [
        ("instance.uncommented", remark.number, "WAITING"),
        ("task.deleted", made.tasks[0].number, "WAITING"),
        ("user.deleted", user.number, "WAITING"),
        ("stage.deleted", stage.number, "WAITING"),
        ("reference.deleted", unit.number, "WAITING"),
    ]


async def test_of_what_is_refused_nobody_is_told(run: Running) -> None:
    key = await subscribe(run, "reference.created", "reference.updated")
    with pytest.raises(NotFound):
        await run.do(Several((CreateReference("unit", "lost"), UpdateReference(99))))
    outcomes = await asyncio.gather(
        run.do(CreateReference("unit", "a")),
        run.do(UpdateReference(99)),
        run.do(CreateReference("unit", "b")),
        return_exceptions=True,
    )
    assert isinstance(outcomes[1], NotFound)
    assert await told(run, key) == [("reference.created", 1, "WAITING"), ("reference.created", 2, "WAITING")]


async def test_a_transfer_of_many_tells_of_each(run: Running) -> None:
    for name in ("ann", "bob"):
        await run.do(CreateUser(name))
    made = await asyncio.gather(*(run.do(CreateTask("t", assignee="ann")) for _ in range(5)))
    key = await subscribe(run, "task.transferred")
    await run.do(TransferTasks("ann", "bob"))
    numbers = sorted(m.tasks[0].number for m in made)
    assert sorted(await told(run, key)) == [("task.transferred", n, "WAITING") for n in numbers]


async def test_what_came_of_it_is_noted(run: Running) -> None:
    key = await subscribe(run, "task.created")
    for name in "abc":
        await run.do(CreateTask(name))
    (first, *_) = await run.engine.ask(PendingDeliveries(key, 1), run.who)
    assert await run.engine.ask(PendingSubscriptions(run.who.dialect), run.who) == (key,)
    assert await run.engine.ask(PendingSubscriptions("somebody else's"), run.who) == ()
    await run.do(NoteDelivery((first.delivery.key,), due_at=5, status_code=500, error="no"))
    (again, *others) = await run.engine.ask(PendingDeliveries(key), run.who)
    assert (again.delivery.key, again.delivery.attempts, again.delivery.error) == (first.delivery.key, 1, "no")
    await run.do(NoteDelivery((again.delivery.key,), delivered=True, status_code=200))
    await run.do(NoteDelivery((others[0].delivery.key,), given_up=True))
    await run.do(NoteDelivery((again.delivery.key,), given_up=True))
    assert [state for _, _, state in await told(run, key)] == ["DELIVERED", "FAILED", "WAITING"]
    await run.do(ChangeSubscription(key, stopped=True))
    assert await run.engine.ask(PendingSubscriptions(run.who.dialect), run.who) == ()
    await run.do(ChangeSubscription(key, deleted=True))
    assert [state for _, _, state in await told(run, key)] == ["DELIVERED", "FAILED", "FAILED"]
    with pytest.raises(NotFound):
        await run.do(ChangeSubscription(key, stopped=False))
    await run.do(CreateTask("unseen"))
    assert len(await told(run, key)) == 3
    assert not run.engine.tells(run.who.dialect)


async def test_one_at_a_time_delivers(run: Running) -> None:
    key = await subscribe(run, "task.created")
    taken = await asyncio.gather(*(run.do(LeaseSubscription(key, 60_000)) for _ in range(4)))
    assert sorted(taken) == [False, False, False, True]
    until = (await run.engine.ask(SubscriptionByKey(key), run.who)).leased_until
    assert await run.do(LeaseSubscription(key, 60_000, until)), "its holder may go on"
    until = (await run.engine.ask(SubscriptionByKey(key), run.who)).leased_until
    assert await run.do(LeaseSubscription(key, 0, until))
    assert await run.do(LeaseSubscription(key, 1))
    assert len((await run.engine.ask(SearchSubscriptions(), run.who)).items) == 1


step = st.tuples(st.sampled_from(["create", "claim", "complete", "transfer", "rename"]), st.integers(0, 5))


@settings(max_examples=rounds(15))
@given(st.lists(st.sampled_from(KINDS), unique=True), st.lists(step, max_size=12), st.booleans())
def test_deliveries_are_the_events_that_were_asked_for(
    living: Living, kinds: Sequence[str], steps: Sequence[tuple[str, int]], at_once: bool
) -> None:
    """Whatever is done, one after the other or all in one turn."""
    living.run(_compare(living, tuple(kinds), steps, at_once))


async def _compare(living: Living, kinds: tuple[str, ...], steps: Sequence[tuple[str, int]], at_once: bool) -> None:
    run = Running(living.engine)
    for name in ("ann", "bob"):
        with suppress(Conflict):
            await run.do(CreateUser(name))
    made = [await run.do(CreateTask("t")) for _ in range(3)]
    keys = [m.tasks[0].key for m in made]
    subscription = await subscribe(run, *kinds)
    before = _events(living)

    def command(what: str, n: int) -> Command[object]:
        key = keys[n % len(keys)]
        return {
            "create": CreateTask("t", assignee="ann"),
            "claim": ClaimTask(key, "ann" if n % 2 else "bob"),
            "complete": CompleteTask(key),
            "transfer": TransferTasks("ann", "bob"),
            "rename": UpdateTask(key, name=str(n)),
        }[what]

    if at_once:
        outcomes = await asyncio.gather(*(run.do(command(*each)) for each in steps), return_exceptions=True)
    else:
        outcomes = [(await asyncio.gather(run.do(command(*each)), return_exceptions=True))[0] for each in steps]
    assert all(isinstance(o, Rejection) or not isinstance(o, BaseException) for o in outcomes)
    assert not any(isinstance(o, Unavailable) for o in outcomes)
    happened = [(key, kind) for key, kind in _events(living) if (key, kind) not in set(before) and kind in kinds]
    found = await run.engine.ask(PendingDeliveries(subscription, 1000), run.who)
    assert sorted((view.event.key, view.event.kind) for view in found) == sorted(happened)
    assert [view.event.at for view in found] == sorted(view.event.at for view in found)
    await run.do(ChangeSubscription(subscription, deleted=True))


def _events(living: Living) -> list[tuple[int, str]]:
    rows, _ = living.connection.execute("SELECT key, kind FROM event ORDER BY key", {})
    return [(int(key), str(kind)) for key, kind in rows]


RESET = SendMail(7, "ann@example.com", "Reset", "the code is 1234", lifetime=60_000)


async def mails(run: Running) -> list[DeliveryView]:
    keys = await run.engine.ask(PendingSubscriptions(run.who.dialect), run.who)
    found = [await run.engine.ask(PendingDeliveries(key), run.who) for key in keys]
    return [view for views in found for view in views]


async def test_the_mails_of_a_dialect_wait_in_one_place(run: Running) -> None:
    await asyncio.gather(*(run.do(RESET) for _ in range(5)))
    elsewhere = replace(run.who, dialect="other")
    await run.engine.execute(RESET, elsewhere)
    assert len(await mails(run)) == 5
    assert len(await run.engine.ask(PendingSubscriptions(run.who.dialect), run.who)) == 1
    assert len(await run.engine.ask(PendingSubscriptions("other"), elsewhere)) == 1
    (first, *_) = await mails(run)
    assert (first.event.kind, first.event.entity_key) == ("mail.accepted", 7)
    assert first.event.after == {"subject": "Reset"}, "history is kept, a code is not"
    assert first.delivery.expires_at == first.delivery.event_at + 60_000


async def test_a_mail_is_accepted_with_the_rest_of_its_command_or_not_at_all(run: Running) -> None:
    with pytest.raises(NotFound):
        await run.do(Several((RESET, UpdateReference(99))))
    assert await mails(run) == []


async def test_what_a_mail_says_is_forgotten_when_it_is_sent_or_given_up(run: Running) -> None:
    for _ in range(3):
        await run.do(RESET)
    sent, given_up, waiting = (view.delivery.key for view in await mails(run))
    await run.do(NoteDelivery((sent,), delivered=True))
    await run.do(NoteDelivery((given_up,), given_up=True, error="nobody there"))
    await run.do(NoteDelivery((waiting,), due_at=5, error="not now"))
    connection = run.engine.store.connect()
    rows, _ = connection.execute("SELECT key, content FROM delivery WHERE content <> '{}'", {})
    connection.close()
    ((key, content),) = rows
    assert key == waiting
    assert "1234" in content


async def test_a_mail_that_is_tried_again_does_not_hold_up_the_others(run: Running) -> None:
    await run.do(RESET)
    await run.do(RESET)
    first, second = (view.delivery for view in await mails(run))
    await run.do(NoteDelivery((first.key,), due_at=first.event_at + 1000, error="not now"))
    due = PendingDeliveries(first.subscription_key, due_by=first.event_at + 999)
    assert [view.delivery.key for view in await run.engine.ask(due, run.who)] == [second.key]


async def test_nobody_is_told_of_events_because_there_are_mails(run: Running) -> None:
    await run.do(RESET)
    await run.do(CreateTask("t"))
    assert len(await mails(run)) == 1

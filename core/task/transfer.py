"""Commands over sets: a few statements whatever the number of tasks, still with one event for each."""

from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Text,
    bindparam,
    case,
    exists,
    func,
    literal,
    not_,
    null,
    or_,
    select,
    update,
)

from core.rejections import Forbidden, NotFound
from core.storage.jsontext import dump
from core.storage.statements import Flavour, Statement, any_of, table_of
from core.storage.store import Connection
from core.tables.event import Event
from core.tables.instance import Instance
from core.tables.joined import events
from core.tables.outbox import Delivery
from core.tables.people import User
from core.tables.task import Holding, Task
from core.task.commands import TransferTasks
from core.turn.command import Transferred
from core.turn.commits import commit_once
from core.turn.sets import SetTurn, handles_set
from core.types import OPEN_TASK_STATES, DeliveryState, HandOver, Permission, TaskState

TRANSFERRED = "task.transferred"

tasks = table_of(Task)
deliveries = table_of(Delivery)
holdings = table_of(Holding)
instances = table_of(Instance)
users = table_of(User)

_TRANSIENT = tuple(s.value for s in OPEN_TASK_STATES if s is not TaskState.CREATED)


@lru_cache(maxsize=1)
def _users() -> Statement:
    """Locked, so that nobody renames them meanwhile."""
    named = (users.c.tenant_key == bindparam("tenant"), any_of(users.c.username_folded, "names"))
    columns = (users.c.username_folded, users.c.username)
    return Statement(select(*columns).where(*named).order_by(users.c.key).with_for_update(read=True))


def _mine() -> tuple[Any, ...]:
    return (
        tasks.c.tenant_key == bindparam("tenant", type_=BigInteger),
        tasks.c.assignee == bindparam("giver", type_=Text),
    )


def _movable() -> ColumnElement[bool]:
    return tasks.c.state.in_([literal(s.value, Text) for s in (TaskState.CREATED, TaskState.PLANNED)])


@lru_cache(maxsize=1)
def _lock() -> tuple[Statement, Statement]:
    """Instances before their tasks, as everybody else does."""
    moving = instances.c.key.in_(select(tasks.c.instance_key).where(*_mine(), _movable()))
    of_instances = select(instances.c.key).where(moving).order_by(instances.c.key)
    of_tasks = select(tasks.c.key).where(*_mine(), _movable()).order_by(tasks.c.key)
    return Statement(of_instances.with_for_update()), Statement(of_tasks.with_for_update())


@lru_cache(maxsize=4)
def _count(movable: bool) -> Statement:
    state = _movable() if movable else tasks.c.state.in_(
        [literal(s, Text) for s in _TRANSIENT]
    )  # fmt: skip
    return Statement(select(func.count()).where(*_mine(), state))


@lru_cache(maxsize=1)
def _log() -> Statement:
    names = [c.name for c in events.columns]
    values = {
        "key": bindparam("first", type_=BigInteger) + func.row_number().over(order_by=tasks.c.key) - 1,
        "at": bindparam("at", type_=BigInteger),
        "tenant_key": tasks.c.tenant_key,
        "kind": literal(TRANSFERRED, Text),
        "entity": literal("task", Text),
        "entity_key": tasks.c.key,
        "instance_key": tasks.c.instance_key,
        "actor_key": bindparam("actor_key", type_=BigInteger),
        "actor": bindparam("actor", type_=Text),
        "dialect": bindparam("dialect", type_=Text),
        "before": bindparam("before", type_=Text),
        "after": bindparam("after", type_=Text),
    }
    moved = select(*(values[name] for name in names)).where(*_mine(), _movable())
    return Statement(events.insert().from_select(names, moved))


@lru_cache(maxsize=1)
def _tell() -> Statement:
    """A delivery for each of the events."""
    names = [c.name for c in deliveries.columns]
    place = func.row_number().over(order_by=tasks.c.key) - 1
    at = bindparam("at", type_=BigInteger)
    values = {
        "key": bindparam("first_delivery", type_=BigInteger) + place,
        "tenant_key": tasks.c.tenant_key,
        "subscription_key": bindparam("subscription", type_=BigInteger),
        "event_key": bindparam("first", type_=BigInteger) + place,
        "event_at": at,
        "entity_number": tasks.c.number,
        "state": literal(DeliveryState.WAITING.value, Text),
        "attempts": literal(0, Integer),
        "due_at": at,
        "expires_at": literal(0, BigInteger),
        "content": literal("{}", Text),
        "status_code": literal(0, Integer),
        "error": null(),
        "changed_at": at,
    }
    moved = select(*(values[name] for name in names)).where(*_mine(), _movable())
    return Statement(deliveries.insert().from_select(names, moved))


def _held() -> ColumnElement[bool]:
    """Those that are open have a holding, which ends now; planned ones have none yet."""
    return tasks.c.ordinal > literal(0, Integer)


@lru_cache(maxsize=1)
def _close() -> Statement:
    """The holdings that end."""
    names = [c.name for c in holdings.columns]
    values = {
        **{name: tasks.c[name] for name in names if name in tasks.c},
        "key": bindparam("first_holding", type_=BigInteger) + func.row_number().over(order_by=tasks.c.key) - 1,
        "task_key": tasks.c.key,
        "holder": tasks.c.assignee,
        "number": case((tasks.c.holding_number != 0, tasks.c.holding_number), else_=tasks.c.number),
        "began_at": tasks.c.held_since,
        "ended_at": bindparam("at", type_=BigInteger),
        "how": literal(HandOver.TRANSFERRED.value, Text),
        "before": literal("{}", Text),
    }
    ending = select(*(values[name] for name in names)).where(*_mine(), _movable(), _held())
    return Statement(holdings.insert().from_select(names, ending))


def _taken_on() -> dict[Any, Any]:
    """What else changes with who has it."""
    at = bindparam("at", type_=BigInteger)
    return {
        "assignee": bindparam("taker", type_=Text),
        "changed_at": at,
        "previous": tasks.c.ordinal,
        "held_since": at,
        "paused_at": null(),
        "paused_until": null(),
    }


@lru_cache(maxsize=1)
def _move_alone() -> Statement:
    """Those that nobody can take an ordinal beside: no other task of the instance is open, or they are planned. Their
    instances, most of all, need not be written: see `core.flow.holdings.next_ordinal`."""
    beside = tasks.alias("beside")
    others = select(literal(1)).where(
        beside.c.instance_key == tasks.c.instance_key,
        beside.c.key != tasks.c.key,
        beside.c.ended_at.is_(None),
        beside.c.ordinal > literal(0, Integer),
    )
    used = case((instances.c.ordinals > tasks.c.ordinal, instances.c.ordinals), else_=tasks.c.ordinal)
    following = select(used + 1).where(instances.c.key == tasks.c.instance_key).correlate(tasks).scalar_subquery()
    return Statement(
        update(tasks)
        .where(*_mine(), _movable(), or_(not_(_held()), not_(exists(others.correlate(tasks)))))
        .values(**_taken_on(), ordinal=case((_held(), following), else_=0))
    )


@lru_cache(maxsize=1)
def _count_on() -> Statement:
    """The instances of the others count the holdings that begin."""
    begun = (
        select(tasks.c.instance_key, func.count().label("holdings"))
        .where(*_mine(), _movable())
        .group_by(tasks.c.instance_key)
        .subquery()
    )
    return Statement(
        update(instances)
        .where(instances.c.key == begun.c.instance_key)
        .values(ordinals=instances.c.ordinals + begun.c.holdings)
    )


@lru_cache(maxsize=1)
def _move_beside() -> Statement:
    """They get the last ordinals of their instances, in the order in which they were made."""
    place = func.row_number().over(partition_by=tasks.c.instance_key, order_by=tasks.c.key.desc()) - 1
    begun = select(tasks.c.key, tasks.c.instance_key, place.label("behind")).where(*_mine(), _movable()).subquery()
    return Statement(
        update(tasks)
        .where(tasks.c.key == begun.c.key, instances.c.key == begun.c.instance_key)
        .values(**_taken_on(), ordinal=instances.c.ordinals - begun.c.behind)
    )


def _names(connection: Connection, tenant: int, *names: str) -> list[str]:
    """As they are written. Raises NotFound."""
    folded = [name.casefold() for name in names]
    known: dict[str, str] = dict(connection.fetch(_users(), {"tenant": tenant, "names": folded}))
    for name in names:
        if name.casefold() not in known:
            raise NotFound("user", name)
    return [known[name] for name in folded]


@handles_set(TransferTasks)
def transfer_tasks(cmd: TransferTasks, turn: SetTurn) -> Transferred:
    who, connection, now, numbers = turn.who, turn.connection, turn.now, turn.numbers
    if not who.may(Permission.ADMINISTER):
        raise Forbidden(Permission.ADMINISTER, kind="user", id=cmd.from_username)
    snapshot = connection.flavour is Flavour.POSTGRESQL
    if snapshot:
        connection.begin(snapshot=True)
    giver, taker = _names(connection, who.tenant_key, cmd.from_username, cmd.to_username)
    of_giver = {"tenant": who.tenant_key, "giver": giver}
    if snapshot:
        for lock in _lock():
            connection.fetch(lock, of_giver)
    left = int(connection.fetch(_count(False), of_giver)[0][0])
    moving = int(connection.fetch(_count(True), of_giver)[0][0])
    if giver == taker or not moving:
        if snapshot:
            connection.rollback()
        return Transferred(0 if giver != taker else moving, left)
    first = numbers.keys.take(moving)
    watching = [w for w in turn.watches if TRANSFERRED in w.kinds and w.tenant_key == who.tenant_key]
    firsts = [(watch.key, numbers.keys.take(moving)) for watch in watching]
    first_holding = numbers.keys.take(moving)
    if not snapshot:
        connection.begin()
    params = {
        **of_giver,
        "taker": taker,
        "at": now,
        "first": first,
        "actor_key": who.user_key,
        "actor": who.username,
        "dialect": who.dialect,
        "before": dump({"assignee": giver}),
        "after": dump({"assignee": taker}),
    }
    connection.run(_log(), params)
    for subscription, first_delivery in firsts:
        others = {name: params[name] for name in ("tenant", "giver", "at", "first")}
        connection.run(_tell(), {**others, "subscription": subscription, "first_delivery": first_delivery})
    connection.run(_close(), {**of_giver, "at": now, "first_holding": first_holding})
    moved = {**of_giver, "taker": taker, "at": now}
    connection.run(_move_alone(), moved)
    connection.run(_count_on(), of_giver)
    connection.run(_move_beside(), moved)
    commit_once(connection, _first_of(params, who.tenant_key))
    return Transferred(moving, left)


def _first_of(params: dict[str, Any], tenant: int) -> Event:
    """Of the events, as far as it is known whose it is."""
    return Event(
        key=params["first"],
        at=params["at"],
        tenant_key=tenant,
        kind=TRANSFERRED,
        entity="task",
        entity_key=0,
        instance_key=0,
        actor_key=params["actor_key"],
        actor=params["actor"],
        dialect=params["dialect"],
    )

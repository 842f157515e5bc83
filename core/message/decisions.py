"""What comes from outside finds who waits for it, or starts something."""

from collections.abc import Iterator, Mapping
from typing import Any

from core.flow import signals, starts, subscriptions
from core.flow.plans import plan_occurrence
from core.flow.run import Run
from core.flow.subscriptions import Arrival, address, is_waiting
from core.graph.elements import EventKind
from core.instance.commands import StartInstance
from core.instance.decisions import begin
from core.message.commands import BroadcastSignal, Correlated, CorrelateMessage, OfferMessage, Published, PublishMessage
from core.principal import Principal
from core.process.versions import plan_process
from core.rejections import Conflict, Forbidden, NotFound
from core.tables.instance import Instance
from core.tables.message import EventSubscription, Message, MessageStart
from core.tables.process import Process
from core.turn.command import Done
from core.turn.context import Context, Plan, handles
from core.turn.known import KnownDefinition
from core.turn.workingset import Load, Read, WorkingSet
from core.types import Action, Permission, ProcessStatus

Definitions = Mapping[int, KnownDefinition]


# Whom it concerns


def _plan_message(cmd: Any, who: Principal, ws: WorkingSet, known: Definitions) -> Plan:
    """Instances before what the message is found by, as whoever waits for one holds them."""
    where = address(EventKind.MESSAGE, who.tenant_key, cmd.name, cmd.correlation_key)
    starting = address(EventKind.MESSAGE, who.tenant_key, cmd.name)
    yield [Read(EventSubscription, "address", (where, starting))]
    planned = {row.key for row in ws.find(EventSubscription, "address", where)}
    yield from _plan_waiting(ws.find(EventSubscription, "address", where), ws, known)
    yield from _plan_starts(ws.find(EventSubscription, "address", starting), cmd.correlation_key, ws, known)
    yield [Load(Message, "address", (where,))]
    yield [Load(EventSubscription, "address", (where,))]
    newer = [row for row in ws.find(EventSubscription, "address", where) if row.key not in planned]
    yield from _plan_waiting(newer, ws, known)


def _plan_waiting(rows: list[EventSubscription], ws: WorkingSet, known: Definitions) -> Plan:
    for row in sorted(rows, key=lambda row: row.instance_key):
        if row.instance_key:
            yield from plan_occurrence(row.instance_key, row.element_instance_key, ws, known)


def _plan_starts(rows: list[EventSubscription], correlation_key: str, ws: WorkingSet, known: Definitions) -> Plan:
    for row in rows:
        yield from plan_process(row.process_key, ws, known, definition_key=row.definition_key)
    locks = {starts.lock_of(row.process_key, correlation_key) for row in rows} if correlation_key else ()
    yield [Load(MessageStart, "lock", tuple(sorted(locks)))]


def _open(ctx: Context, where: str) -> list[EventSubscription]:
    """In the order in which they began to wait."""
    return sorted(ctx.ws.find(EventSubscription, "address", where), key=lambda row: row.key)


# Messages


@handles(PublishMessage, _plan_message)
def publish_message(cmd: PublishMessage, ctx: Context) -> Published:
    ctx.require(Permission.WORK)
    where = address(EventKind.MESSAGE, ctx.principal.tenant_key, cmd.name, cmd.correlation_key)
    for kept in ctx.ws.find(Message, "address", where) if cmd.message_id else ():
        if kept.message_id == cmd.message_id and kept.expires_at > ctx.now:
            raise Conflict("message", cmd.message_id, "exists")
    message = Message(
        key=ctx.key(),
        tenant_key=ctx.principal.tenant_key,
        name=cmd.name,
        correlation_key=cmd.correlation_key,
        address=where,
        message_id=cmd.message_id,
        variables=dict(cmd.variables),
        published_at=ctx.now,
        expires_at=ctx.now + cmd.time_to_live,
    )
    after = {"name": cmd.name, "correlation_key": cmd.correlation_key}
    ctx.emit("message.published", "message", message.key, after=after)
    if cmd.time_to_live > 0:
        ctx.ws.add(message)
    for _ in _meet(ctx, Arrival(message.key, cmd.name, cmd.correlation_key, cmd.variables), None):
        pass
    return Published(message.key)


@handles(CorrelateMessage, _plan_message)
def correlate_message(cmd: CorrelateMessage, ctx: Context) -> Correlated:
    ctx.require(Permission.WORK)
    message = Arrival(ctx.key(), cmd.name, cmd.correlation_key, cmd.variables)
    met = list(_meet(ctx, message, cmd))
    if not met:
        raise NotFound("subscription", cmd.correlation_key)
    return Correlated(message.key, met[0])


def _meet(ctx: Context, message: Arrival, cmd: CorrelateMessage | None) -> Iterator[int]:
    """Everybody whom it concerns, one of each process; the keys of the instances. With `cmd` it matters what the caller
    may do."""
    tenant, seen = ctx.principal.tenant_key, set[int]()
    for row in _open(ctx, address(EventKind.MESSAGE, tenant, message.name, message.correlation_key)):
        if row.process_key in seen or not is_waiting(ctx, row):
            continue
        if cmd is not None:
            _require(ctx, row)
        seen.add(row.process_key)
        _note(ctx, message, row.process_key)
        run = _run(ctx, row)
        subscriptions.deliver(run, row, message)
        run.settle()
        yield row.instance_key
    for row in _open(ctx, address(EventKind.MESSAGE, tenant, message.name)):
        if row.process_key in seen or not _may_start(ctx, row, message.correlation_key):
            continue
        if cmd is not None:
            _require_start(ctx, row, cmd.startable)
        seen.add(row.process_key)
        _note(ctx, message, row.process_key)
        yield _start(ctx, row, message)


def _note(ctx: Context, message: Arrival, process_key: int) -> None:
    """A message that is kept meets nobody else of this process."""
    where = address(EventKind.MESSAGE, ctx.principal.tenant_key, message.name, message.correlation_key)
    for kept in ctx.ws.find(Message, "address", where):
        if kept.key == message.key:
            ctx.ws.change(kept, processes=(*kept.processes, str(process_key)))


def _run(ctx: Context, row: EventSubscription) -> Run:
    instance = ctx.ws.get(Instance, row.instance_key)
    assert instance is not None, "who waits is loaded with its instance"
    return Run(ctx, ctx.definitions[instance.definition_key], instance)


def _may_start(ctx: Context, row: EventSubscription, correlation_key: str) -> bool:
    process = ctx.ws.get(Process, row.process_key)
    if process is None or process.status != ProcessStatus.ACTIVE:
        return False
    lock = starts.lock_of(row.process_key, correlation_key)
    return not correlation_key or not ctx.ws.find(MessageStart, "lock", lock)


def _start(ctx: Context, row: EventSubscription, message: Arrival) -> int:
    run = begin(ctx, row.process_key, StartInstance(row.process_key, definition_key=row.definition_key))
    starts.keep_out(ctx, run.instance, message.correlation_key)
    subscriptions.note_correlation(ctx, row, message, run.instance.key)
    run.begin(run.known.program.elements[row.element_id], message.variables)
    return run.instance.key


def _require(ctx: Context, row: EventSubscription) -> None:
    ctx.require_reach(Action.UPDATE_INSTANCE, kind="message", definition_key=row.definition_key)


def _require_start(ctx: Context, row: EventSubscription, startable: tuple[str, ...] | None) -> None:
    process_id = ctx.definitions[row.definition_key].definition.process_id
    if startable is not None and process_id not in startable:
        raise Forbidden(Permission.START, kind="message", process_id=process_id)


def _plan_offer(cmd: OfferMessage, who: Principal, ws: WorkingSet, known: Definitions) -> Plan:
    yield [Read(Message, "key", (cmd.key,))]
    message = ws.get(Message, cmd.key)
    if message is None:
        return
    starting = address(EventKind.MESSAGE, message.tenant_key, message.name)
    yield [Read(EventSubscription, "address", (starting,))]
    yield from _plan_starts(ws.find(EventSubscription, "address", starting), message.correlation_key, ws, known)
    yield [Load(Message, "address", (message.address,))]


@handles(OfferMessage, _plan_offer)
def offer_message(cmd: OfferMessage, ctx: Context) -> Done:
    offered = ctx.ws.get(Message, cmd.key)
    if offered is None:
        return Done()
    if offered.offered_at:
        ctx.ws.change(offered, offered_at=0)
    if offered.expires_at <= ctx.now:
        return Done()
    message = Arrival(offered.key, offered.name, offered.correlation_key, offered.variables)
    for row in _open(ctx, address(EventKind.MESSAGE, offered.tenant_key, offered.name)):
        if str(row.process_key) not in offered.processes and _may_start(ctx, row, offered.correlation_key):
            ctx.ws.change(offered, processes=(*offered.processes, str(row.process_key)))
            _start(ctx, row, message)
    return Done()


# Signals


def _plan_signal(cmd: BroadcastSignal, who: Principal, ws: WorkingSet, known: Definitions) -> Plan:
    where = address(EventKind.SIGNAL, who.tenant_key, cmd.name)
    yield [Read(EventSubscription, "address", (where,))]
    rows = ws.find(EventSubscription, "address", where)
    yield from _plan_waiting(rows, ws, known)
    yield from _plan_starts([row for row in rows if not row.instance_key], "", ws, known)
    yield [Load(EventSubscription, "address", (where,))]


@handles(BroadcastSignal, _plan_signal)
def broadcast_signal(cmd: BroadcastSignal, ctx: Context) -> Published:
    ctx.require(Permission.WORK)
    key = ctx.key()
    ctx.emit("signal.broadcast", "signal", key, after={"name": cmd.name})
    for row in _open(ctx, address(EventKind.SIGNAL, ctx.principal.tenant_key, cmd.name)):
        if row.instance_key:
            if is_waiting(ctx, row):
                _require(ctx, row)
                run = _run(ctx, row)
                signals.take(run, row, cmd.variables)
                run.settle()
        elif _may_start(ctx, row, ""):
            _require_start(ctx, row, cmd.startable)
            run = begin(ctx, row.process_key, StartInstance(row.process_key, definition_key=row.definition_key))
            run.begin(run.known.program.elements[row.element_id], cmd.variables)
    return Published(key)

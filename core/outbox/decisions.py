"""Who is told of what happened: subscriptions, and what is on its way to them.

A delivery is written in the turn of its event, so that none is lost and none is told that did not happen. Whoever
delivers does so in the order of the events, one process at a time, and notes here what came of it.
"""

from collections.abc import Mapping

from core.outbox.commands import (
    ACTIVE,
    STOPPED,
    ChangeSubscription,
    LeaseSubscription,
    NoteDelivery,
    SendMail,
    Subscribe,
)
from core.principal import Principal
from core.rejections import NotFound
from core.storage.jsontext import NOTHING
from core.tables.outbox import Delivery, Subscription
from core.turn.command import Created, Done
from core.turn.context import Context, Plan, handles
from core.turn.known import KnownDefinition
from core.turn.workingset import Load, Read, WorkingSet
from core.types import Channel, DeliveryState, Permission

_PENDING = (DeliveryState.WAITING, DeliveryState.RETRYING)


def _plan_mail(cmd: SendMail, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    yield [Read(Subscription, "channel", (Channel.MAILS.value,))]


@handles(SendMail, _plan_mail)
def send_mail(cmd: SendMail, ctx: Context) -> Created:
    event = ctx.emit("mail.accepted", "user", cmd.user_key, after={"subject": cmd.subject})
    row = Delivery(
        key=ctx.key(),
        tenant_key=ctx.principal.tenant_key,
        subscription_key=_mails(ctx).key,
        event_key=event.key,
        event_at=ctx.now,
        due_at=ctx.now,
        expires_at=ctx.now + cmd.lifetime,
        content={"recipient": cmd.recipient, "subject": cmd.subject, "text": cmd.text},
        changed_at=ctx.now,
    )
    ctx.ws.add(row)
    return Created(row.key, "", 0)


def _mails(ctx: Context) -> Subscription:
    """Where the mails of the caller's dialect wait."""
    who = ctx.principal
    for row in ctx.ws.find(Subscription, "channel", Channel.MAILS.value):
        if (row.tenant_key, row.dialect) == (who.tenant_key, who.dialect):
            return row
    row = Subscription(
        key=ctx.key(),
        number=ctx.number("subscription"),
        tenant_key=who.tenant_key,
        dialect=who.dialect,
        channel=Channel.MAILS.value,
        created_at=ctx.now,
        changed_at=ctx.now,
    )
    ctx.ws.add(row)
    return row


def _plan_new(cmd: Subscribe, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    yield []


@handles(Subscribe, _plan_new)
def subscribe(cmd: Subscribe, ctx: Context) -> Created:
    ctx.require(Permission.ADMINISTER)
    row = Subscription(
        key=ctx.key(),
        number=ctx.number("subscription"),
        tenant_key=ctx.principal.tenant_key,
        dialect=ctx.principal.dialect,
        kinds=cmd.kinds,
        ext=cmd.ext,
        created_at=ctx.now,
        changed_at=ctx.now,
    )
    ctx.ws.add(row)
    ctx.emit("subscription.created", "subscription", row.key, after={"kinds": list(cmd.kinds)})
    return Created(row.key, "", row.number)


def _find(ctx: Context, key: int) -> Subscription:
    row = ctx.ws.get(Subscription, key)
    if row is None or row.deleted_at is not None or row.tenant_key != ctx.principal.tenant_key:
        raise NotFound("subscription", key)
    return row


def _plan_change(cmd: ChangeSubscription, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    yield [Load(Subscription, "key", (cmd.key,))]
    if cmd.deleted:
        yield [Load(Delivery, "subscription_key", (cmd.key,))]


@handles(ChangeSubscription, _plan_change)
def change_subscription(cmd: ChangeSubscription, ctx: Context) -> Done:
    ctx.require(Permission.ADMINISTER)
    row = _find(ctx, cmd.key)
    before = {"kinds": row.kinds, "status": row.status}
    ctx.ws.change(row, changed_at=ctx.now)
    if isinstance(cmd.kinds, tuple):
        ctx.ws.change(row, kinds=cmd.kinds)
    if isinstance(cmd.ext, Mapping):
        ctx.ws.change(row, ext=cmd.ext)
    if isinstance(cmd.stopped, bool):
        ctx.ws.change(row, status=STOPPED if cmd.stopped else ACTIVE)
    if cmd.deleted:
        ctx.ws.change(row, deleted_at=ctx.now)
        for delivery in ctx.ws.find(Delivery, "subscription_key", row.key):
            if delivery.state in _PENDING:
                ctx.ws.change(delivery, state=DeliveryState.FAILED.value, error="deleted", changed_at=ctx.now)
    kind = "subscription.deleted" if cmd.deleted else "subscription.updated"
    ctx.emit(kind, "subscription", row.key, before=before, after={"kinds": row.kinds})
    return Done()


def _plan_lease(cmd: LeaseSubscription, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    yield [Load(Subscription, "key", (cmd.key,))]


@handles(LeaseSubscription, _plan_lease)
def lease(cmd: LeaseSubscription, ctx: Context) -> bool:
    ctx.require(Permission.ADMINISTER)
    row = _find(ctx, cmd.key)
    left = row.leased_until - ctx.now
    is_real = left <= 2 * cmd.lifetime or not cmd.lifetime  # else it is of a clock that was set back since
    if left > 0 and is_real and row.leased_until != cmd.holder:
        return False
    ctx.ws.change(row, leased_until=ctx.now + cmd.lifetime if cmd.lifetime else 0)
    return True


def _plan_note(cmd: NoteDelivery, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    yield [Load(Delivery, "key", cmd.keys)]


@handles(NoteDelivery, _plan_note)
def note(cmd: NoteDelivery, ctx: Context) -> Done:
    ctx.require(Permission.ADMINISTER)
    state = DeliveryState.RETRYING
    if cmd.delivered or cmd.given_up:
        state = DeliveryState.DELIVERED if cmd.delivered else DeliveryState.FAILED
    for key in cmd.keys:
        row = ctx.ws.get(Delivery, key)
        if row is not None and row.state in _PENDING:
            if row.content and state is not DeliveryState.RETRYING:
                ctx.ws.change(row, content=NOTHING)
            ctx.ws.change(
                row,
                state=state.value,
                attempts=row.attempts + 1,
                due_at=cmd.due_at,
                status_code=cmd.status_code,
                error=cmd.error,
                changed_at=ctx.now,
            )
    return Done()

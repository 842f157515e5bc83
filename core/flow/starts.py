"""What starts instances besides people: messages, signals and timers, for the newest version of a process."""

from core.flow import subscriptions, timers
from core.graph.elements import EventKind
from core.tables.instance import Instance
from core.tables.job import Timer
from core.tables.message import EventSubscription, Message, MessageStart
from core.tables.process import Definition
from core.turn.context import Context


def arm(ctx: Context, definition: Definition) -> None:
    for event in ctx.definitions[definition.key].program.occasions:
        if event.timing is not None:
            timers.arm_start(ctx, definition, event)
        else:
            subscriptions.subscribe_start(ctx, definition, event)


def disarm(ctx: Context, definition: Definition) -> None:
    """Another version takes its place, or none does."""
    if not ctx.definitions[definition.key].program.occasions:
        return
    subscriptions.close(ctx, _waiting(ctx, definition))
    for timer in list(ctx.ws.seek(Timer, "definition_key", definition.key)):
        if not timer.instance_key:
            ctx.ws.remove(timer)


def _waiting(ctx: Context, definition: Definition) -> list[EventSubscription]:
    rows = ctx.ws.seek(EventSubscription, "definition_key", definition.key)
    return [row for row in rows if not row.instance_key]


def lock_of(process_key: int, correlation_key: str) -> str:
    return subscriptions.address(EventKind.MESSAGE, process_key, "", correlation_key)


def keep_out(ctx: Context, instance: Instance, correlation_key: str) -> None:
    """As long as it runs, no other one of its process is started by a message with this key; without a key, any may."""
    if correlation_key:
        row = MessageStart(
            instance_key=instance.key,
            tenant_key=instance.tenant_key,
            process_key=instance.process_key,
            correlation_key=correlation_key,
            lock=lock_of(instance.process_key, correlation_key),
        )
        ctx.ws.add(row)


def release(ctx: Context, instance: Instance) -> None:
    """It has ended: a message that waited for that may start the next one."""
    events = ctx.definitions[instance.definition_key].program.message_starts
    if not events:
        return
    for row in list(ctx.ws.seek(MessageStart, "instance_key", instance.key)):
        ctx.ws.remove(row)
        for event in events:
            name = subscriptions.named(event, {}, ctx.now, ctx.effort.budget)
            where = subscriptions.address(EventKind.MESSAGE, instance.tenant_key, name, row.correlation_key)
            for message in ctx.ws.seek(Message, "address", where):
                if message.expires_at > ctx.now and str(instance.process_key) not in message.processes:
                    ctx.ws.change(message, offered_at=ctx.now)

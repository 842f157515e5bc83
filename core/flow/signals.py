"""Signals that a process throws, to whoever waits for them, in whichever instance."""

from collections.abc import Iterator, Mapping
from typing import Any

from core.flow import subscriptions
from core.flow.beginning import add_instance
from core.flow.plans import plan_occurrence, plan_start
from core.flow.state import State
from core.graph.elements import Element, EventKind
from core.ids import new_uid
from core.tables.instance import ElementInstance, Instance
from core.tables.message import EventSubscription
from core.tables.process import Process
from core.turn.context import Context
from core.turn.workingset import Load, Read
from core.types import ProcessStatus


def take(run: State, row: EventSubscription, variables: Mapping[str, Any]) -> None:
    """Who waits for it goes on when the run settles."""
    event, waiting = run.known.program.elements[row.element_id], run.scope(row.element_instance_key)
    if event.interrupting:
        subscriptions.close(run.ctx, (row,))
    run.happen(event, waiting, variables)


def throw(run: State, element: Element, entered: ElementInstance) -> bool:
    """It carries the event's own variables, and nobody is waited for."""
    ctx = run.ctx
    name = subscriptions.named(element, run.variables(entered.key), ctx.now, ctx.effort.budget)
    where = subscriptions.address(EventKind.SIGNAL, run.instance.tenant_key, name)
    ctx.ws.need(("signal", where), lambda: _plan(ctx, where))
    key, carried = ctx.key(), run.local(entered.key)
    ctx.emit("signal.broadcast", "signal", key, instance_key=run.instance.key, after={"name": name})
    run.afterwards(lambda: _spread(run, where, carried))
    return False


def _plan(ctx: Context, where: str) -> Iterator[list[Load]]:
    ws = ctx.ws
    yield [Read(EventSubscription, "address", (where,))]
    for row in sorted(ws.find(EventSubscription, "address", where), key=lambda row: row.instance_key):
        if row.instance_key:
            yield from plan_occurrence(row.instance_key, row.element_instance_key, ws, ctx.definitions)
        else:
            yield [Read(Process, "key", (row.process_key,))]
            yield from plan_start(ctx.definitions[row.definition_key], ws, ctx.definitions)
    yield [Load(EventSubscription, "address", (where,))]


def _spread(run: State, where: str, variables: Mapping[str, Any]) -> None:
    ctx = run.ctx
    for row in sorted(ctx.ws.find(EventSubscription, "address", where), key=lambda row: row.key):
        if not row.instance_key:
            _start(run, row, variables)
        elif subscriptions.is_waiting(ctx, row):
            instance = ctx.ws.get(Instance, row.instance_key)
            assert instance is not None, "who waits is loaded with its instance"
            other = run.of(instance)
            take(other, row, variables)
            if other is not run:
                other.settle()


def _start(run: State, row: EventSubscription, variables: Mapping[str, Any]) -> None:
    ctx = run.ctx
    process, known = ctx.ws.get(Process, row.process_key), ctx.definitions[row.definition_key]
    if process is None or process.status != ProcessStatus.ACTIVE:
        return
    instance = Instance(
        key=ctx.key(),
        uid=new_uid(),
        number=ctx.number("instance"),
        tenant_key=process.tenant_key,
        process_key=process.key,
        definition_key=row.definition_key,
        creator_key=run.instance.creator_key,
        creator=run.instance.creator,
        created_at=ctx.now,
        changed_at=ctx.now,
    )
    add_instance(ctx, instance, known.definition)
    run.of(instance).begin(known.program.elements[row.element_id], variables)

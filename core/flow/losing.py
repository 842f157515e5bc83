"""Tokens that are taken away: nothing goes on behind them."""

from core.flow.state import State
from core.flow.termination import terminate_element, terminate_instance
from core.tables.instance import ElementInstance
from core.tables.task import Task
from core.turn.context import Context
from core.types import ENDED_TASK_STATES, InstanceState


def has_open_tasks(ctx: Context, waiting: ElementInstance) -> bool:
    tasks = ctx.ws.find(Task, "instance_key", waiting.instance_key)
    return any(t.element_instance_key == waiting.key and t.state not in ENDED_TASK_STATES for t in tasks)


def lose(run: State, waiting: ElementInstance) -> None:
    """A token is gone, and the element at which it was is terminated.

    A scope without tokens is terminated, too, so that its own token is gone; an instance without tokens ends as
    cancelled, and so does the call that it is.
    """
    terminate_element(run.ctx, waiting)
    scope = run.scope(waiting.scope_key)
    run.ctx.ws.change(scope, live=scope.live - 1)
    if scope.live:
        return
    if scope.scope_key:
        lose(run, scope)
        return
    terminate_instance(run.ctx, run.instance)
    outer = run.outer()
    if outer is not None and outer.instance.state == InstanceState.ACTIVE:
        lose(outer, outer.scope(run.instance.parent_element_key))

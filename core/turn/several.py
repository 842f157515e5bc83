"""Commands that are carried out together, or not at all."""

from collections.abc import Mapping
from typing import Any

from core.principal import Principal
from core.turn.command import Several
from core.turn.context import HANDLERS, Context, Plan, handles
from core.turn.known import KnownDefinition
from core.turn.workingset import WorkingSet


def _plan_all(cmd: Several, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    for each in cmd.commands:
        yield from HANDLERS[type(each)].plan(each, who, ws, known)


@handles(Several, _plan_all)
def several(cmd: Several, ctx: Context) -> tuple[Any, ...]:
    return tuple(ctx.decide(each) for each in cmd.commands)

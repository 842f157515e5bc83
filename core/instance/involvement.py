"""Who has to do with an instance, or with what was said about it; commands that belong together."""

from collections.abc import Mapping
from typing import Any

from core.instance.commands import Involve
from core.instance.decisions import involve_in
from core.principal import Principal
from core.rejections import NotFound
from core.tables.instance import Comment, Instance, Involvement
from core.turn.command import Done
from core.turn.context import Context, Plan, handles
from core.turn.known import KnownDefinition
from core.turn.workingset import Load, WorkingSet
from core.types import Permission

_ENTITIES: Mapping[str, type[Any]] = {"instance": Instance, "comment": Comment}


def _plan(cmd: Involve, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    yield [Load(_ENTITIES[cmd.entity], "key", (cmd.entity_key,)), Load(Involvement, "entity_key", (cmd.entity_key,))]


@handles(Involve, _plan)
def involve(cmd: Involve, ctx: Context) -> Done:
    ctx.require(Permission.WORK)
    entity = ctx.ws.get(_ENTITIES[cmd.entity], cmd.entity_key)
    if entity is None or entity.tenant_key != ctx.principal.tenant_key:
        raise NotFound(cmd.entity, cmd.entity_key)
    rows = ctx.ws.find(Involvement, "entity_key", cmd.entity_key)
    same = [row for row in rows if (row.role, row.member_key) == (cmd.role, cmd.member_key)]
    if bool(same) == cmd.involved:
        return Done()
    instance_key = entity.key if cmd.entity == "instance" else entity.instance_key
    what = {"role": cmd.role, "kind": cmd.member_kind, "member": cmd.member_key, "number": entity.number}
    if cmd.involved:
        involve_in(
            ctx,
            cmd.entity_key,
            instance_key=instance_key,
            role=cmd.role,
            member_kind=cmd.member_kind,
            member_key=cmd.member_key,
        )
        ctx.emit(f"{cmd.entity}.involved", cmd.entity, cmd.entity_key, instance_key=instance_key, after=what)
    else:
        ctx.ws.remove(same[0])
        ctx.emit(f"{cmd.entity}.dismissed", cmd.entity, cmd.entity_key, instance_key=instance_key, before=what)
    return Done()

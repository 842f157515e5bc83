"""Who is assigned to the activities of a process."""

from collections.abc import Mapping
from typing import Any

from core.principal import Principal
from core.process.commands import AddAssignee, RemoveAssignee, UpdateActivity
from core.rejections import Conflict, Invalid, NotFound
from core.tables.people import Group, User
from core.tables.process import Activity, Assignment
from core.turn.command import Done
from core.turn.context import Context, Plan, handles, merge_ext
from core.turn.known import KnownDefinition
from core.turn.workingset import Load, WorkingSet
from core.types import AssigneeKind, Distribution, Permission


def _plan(cmd: Any, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    yield [
        Load(Activity, "key", (cmd.activity_key,)),
        Load(Assignment, "activity_key", (cmd.activity_key,)),
        Load(User, "uid", (cmd.assignee_uid,)),
        Load(Group, "uid", (cmd.assignee_uid,)),
    ]


def _activity(ctx: Context, key: int) -> Activity:
    activity = ctx.ws.get(Activity, key)
    if activity is None or activity.tenant_key != ctx.principal.tenant_key:
        raise NotFound("activity", key)
    return activity


def _assignee(ctx: Context, uid: str) -> tuple[AssigneeKind, User | Group] | None:
    user = ctx.ws.get(User, uid, "uid")
    if user is not None and user.tenant_key == ctx.principal.tenant_key:
        return AssigneeKind.USER, user
    group = ctx.ws.get(Group, uid, "uid")
    if group is not None and group.tenant_key == ctx.principal.tenant_key:
        return AssigneeKind.GROUP, group
    return None


@handles(AddAssignee, _plan)
def add_assignee(cmd: AddAssignee, ctx: Context) -> Done:
    ctx.require(Permission.DESIGN, kind="activity", id=cmd.activity_key)
    activity = _activity(ctx, cmd.activity_key)
    assignee = _assignee(ctx, cmd.assignee_uid)
    if assignee is not None:
        for row in ctx.ws.find(Assignment, "activity_key", activity.key):
            if row.kind == cmd.kind and row.assignee_key == assignee[1].key:
                raise Conflict("assignment", cmd.assignee_uid, "assigned")
    if assignee is None or assignee[0] is not cmd.assignee_kind:
        raise Invalid("assignee", "unknown", cmd.assignee_uid)
    ctx.ws.add(
        Assignment(
            key=ctx.key(),
            activity_key=activity.key,
            kind=cmd.kind.value,
            assignee_kind=cmd.assignee_kind.value,
            assignee_key=assignee[1].key,
            created_at=ctx.now,
        )
    )
    ctx.emit(
        "assignee.added",
        "activity",
        activity.key,
        after={"kind": cmd.kind.value, cmd.assignee_kind.value: _name(assignee[1])},
    )
    return Done()


@handles(RemoveAssignee, _plan)
def remove_assignee(cmd: RemoveAssignee, ctx: Context) -> Done:
    ctx.require(Permission.DESIGN, kind="activity", id=cmd.activity_key)
    activity = _activity(ctx, cmd.activity_key)
    assignee = _assignee(ctx, cmd.assignee_uid)
    for row in ctx.ws.find(Assignment, "activity_key", activity.key):
        if assignee is not None and row.kind == cmd.kind and row.assignee_key == assignee[1].key:
            ctx.ws.remove(row)
            before = {"kind": row.kind, row.assignee_kind: _name(assignee[1])}
            ctx.emit("assignee.removed", "activity", activity.key, before=before)
            return Done()
    raise NotFound("assignment", cmd.assignee_uid)


def _name(assignee: Any) -> str:
    return str(assignee.username if isinstance(assignee, User) else assignee.name)


def _plan_activity(cmd: UpdateActivity, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    yield [Load(Activity, "key", (cmd.activity_key,))]


@handles(UpdateActivity, _plan_activity)
def update_activity(cmd: UpdateActivity, ctx: Context) -> Done:
    activity = _activity(ctx, cmd.activity_key)
    ctx.require(Permission.DESIGN, kind="activity", id=activity.key)
    new: dict[str, Any] = {}
    if isinstance(cmd.distribution, Distribution):
        new["distribution"] = cmd.distribution.value
    before = {name: getattr(activity, name) for name in new}
    after: dict[str, Any] = dict(new)
    if cmd.ext:
        new["ext"] = merge_ext(activity.ext, cmd.ext)
        after["ext"] = {dialect: dict(values) for dialect, values in cmd.ext.items()}
    if new:
        ctx.ws.change(activity, **new)
        ctx.emit("activity.updated", "activity", activity.key, before=before, after=after)
    return Done()

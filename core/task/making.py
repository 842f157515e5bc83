"""Tasks that have no process of their own."""

from collections.abc import Mapping

from core.flow.plans import plan_redirections
from core.flow.usertasks import add_candidates, redirect
from core.instance.commands import StartInstance
from core.instance.decisions import begin, started
from core.principal import Principal
from core.process.versions import plan_process
from core.rejections import Invalid, NotFound
from core.tables.library import Document
from core.tables.people import User
from core.tables.process import Process
from core.task.commands import CreateTask
from core.turn.command import Started
from core.turn.context import Context, Plan, handles
from core.turn.known import KnownDefinition
from core.turn.workingset import Read, WorkingSet
from core.types import ONE_TASK, Action


def _plan_create_task(cmd: CreateTask, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    yield [Read(Process, "process_id", (ONE_TASK,))]
    for process in ws.find(Process, "process_id", ONE_TASK):
        if process.tenant_key == who.tenant_key:
            yield from plan_process(process.key, ws, known, document_key=cmd.document_key)
    if cmd.redirect and cmd.assignee:
        folded = cmd.assignee.casefold()
        yield [Read(User, "username_folded", (folded,))]
        yield from plan_redirections([u.key for u in ws.find(User, "username_folded", folded)], ws)


@handles(CreateTask, _plan_create_task)
def create_task(cmd: CreateTask, ctx: Context) -> Started:
    ctx.require_reach(Action.CREATE_TASK)
    rows = ctx.ws.find(Process, "process_id", ONE_TASK)
    process = next((p for p in rows if p.tenant_key == ctx.principal.tenant_key), None)
    if process is None:
        raise NotFound("process", ONE_TASK)
    if cmd.document_key:
        document = ctx.ws.get(Document, cmd.document_key)
        if document is None or document.tenant_key != process.tenant_key:
            raise NotFound("document", cmd.document_key)
    if not 0 <= cmd.priority <= 100:
        raise Invalid("priority", "range", cmd.priority)
    start = StartInstance(
        title=cmd.name,
        description=cmd.description,
        document_key=cmd.document_key,
        business_id=cmd.business_id,
        reference_key=cmd.reference_key,
    )
    run = begin(ctx, process.key, start)
    run.assignee, redirected_from = _assignee(ctx, cmd)
    run.assigned_by = cmd.assigned_by
    run.task_ext = cmd.ext
    if cmd.variables:
        run.merge(run.instance.key, cmd.variables)
    run.start()
    task = run.started[0]
    ctx.ws.change(
        task,
        name=cmd.name,
        description=cmd.description,
        priority=cmd.priority,
        due_at=cmd.due_at,
        follow_up_at=cmd.follow_up_at,
        candidate_users=(*task.candidate_users, *cmd.candidate_users),
        candidate_groups=(*task.candidate_groups, *cmd.candidate_groups),
        supervisor=cmd.supervisor,
        redirected_from=redirected_from,
    )
    add_candidates(ctx.ws, task.key, cmd.candidate_users, cmd.candidate_groups)
    return started(run)


def _assignee(ctx: Context, cmd: CreateTask) -> tuple[str | None, str]:
    """(who gets it, who should have got it); only a known user's tasks can be redirected."""
    if not cmd.redirect or not cmd.assignee:
        return cmd.assignee, ""
    for user in ctx.ws.find(User, "username_folded", cmd.assignee.casefold()):
        if user.tenant_key == ctx.principal.tenant_key:
            return redirect(ctx, user)
    raise NotFound("user", cmd.assignee)

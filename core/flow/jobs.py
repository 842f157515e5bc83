"""Jobs: work that the flow waits for, done by whoever asks for its type."""

from collections.abc import Mapping

from core.flow.state import State
from core.graph.elements import Element, Work
from core.graph.expressions import ExpressionError, attribute, whole
from core.rejections import ExecutionFailed
from core.tables.instance import ElementInstance, Instance
from core.tables.job import Job
from core.turn.context import Context
from core.types import JobKind


def begin(run: State, element: Element, entered: ElementInstance) -> bool:
    """A token reached an element that a worker does; False if nobody has to."""
    if element.work is None:
        return False
    variables = run.variables(entered.key) if element.work.is_computed else {}
    job = new_job(run.ctx, run.instance, element.work, element_id=element.id, variables=variables, what="a job")
    kind = JobKind.ELEMENT if element.ad_hoc is None else JobKind.AD_HOC
    job.kind, job.element_instance_key = kind.value, entered.key
    run.ctx.ws.add(job)
    return True


def new_job(
    ctx: Context, instance: Instance, work: Work, *, element_id: str, variables: Mapping[str, object], what: str
) -> Job:
    """Its kind, and what it is done for, are still to be said; `what` it is called where it cannot be made."""
    try:
        retries = attribute(work.retries, variables, ctx.now, ctx.effort.budget)
        type = attribute(work.type, variables, ctx.now, ctx.effort.budget)
    except ExpressionError as error:
        raise ExecutionFailed(element_id, f"{what}: {error}") from error
    if not isinstance(type, str) or not type:
        raise ExecutionFailed(element_id, f"the type of {what} is no text")
    count = whole(retries)
    if count is None or abs(count) >= 2**31:
        raise ExecutionFailed(element_id, f"the retries of {what} are no number")
    return Job(
        key=ctx.key(),
        tenant_key=instance.tenant_key,
        instance_key=instance.key,
        definition_key=instance.definition_key,
        type=type,
        element_id=element_id,
        headers=work.headers,
        retries=count,
        available_at=ctx.now,
        created_at=ctx.now,
        changed_at=ctx.now,
    )

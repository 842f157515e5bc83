"""Tasks that workers may do, too."""

from core.graph.elements import Offer
from core.tables.job import Job
from core.tables.task import Task
from core.turn.workingset import WorkingSet
from core.types import JobKind


def offer_task(ws: WorkingSet, task: Task, offer: Offer) -> None:
    """It is a job besides: whoever knows one by its key knows the other."""
    job = Job(
        key=task.key,
        tenant_key=task.tenant_key,
        instance_key=task.instance_key,
        element_instance_key=task.element_instance_key,
        task_key=task.key,
        definition_key=task.definition_key,
        type=offer.type,
        kind=JobKind.TASK.value,
        element_id=task.element_id,
        headers=task.headers,
        retries=offer.retries,
        available_at=task.created_at,
        created_at=task.created_at,
        changed_at=task.created_at,
    )
    ws.add(job)

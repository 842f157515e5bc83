"""Which tasks somebody may work on. Source: dossier inubit.md, section 3."""

from adapters.inubit.errors import Locked
from adapters.inubit.tasks import is_over, lock_of
from core.gate import Gate
from core.principal import Principal
from core.rejections import NotFound
from core.tables.task import Task
from core.task.queries import TaskByUid, TaskView
from schemas.common.uuids import undashed


def concerns(task: Task, who: Principal, roles: tuple[str, ...] | None) -> bool:
    """It is theirs, or could be; administrators look after all. In place of their own, only certain roles may count."""
    names = {*task.candidate_users, *task.candidate_groups}
    if roles is not None:
        return not names.isdisjoint(roles)
    held_or_offered = task.assignee == who.username or not names.isdisjoint((who.username, *who.groups))
    return held_or_offered or who.is_administrator


async def open_task(engine: Gate, id: str, who: Principal, roles: tuple[str, ...] | None = None) -> TaskView:
    """One that is not over and concerns them, or somebody in these roles. Raises NotFound."""
    view = await engine.ask(TaskByUid(undashed(id) or ""), who)
    if is_over(view.task, engine.clock()) or not concerns(view.task, who, roles):
        raise NotFound("task", id)
    return view


async def free_task(engine: Gate, id: str, who: Principal, roles: tuple[str, ...] | None = None) -> TaskView:
    """One that nobody else holds. Raises NotFound, Locked."""
    view = await open_task(engine, id, who, roles)
    if lock_of(view.task) not in ("", who.username):
        raise Locked
    return view

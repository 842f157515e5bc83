"""With which things somebody may do what they may do at all."""

from collections.abc import Callable, Mapping

from core.principal import NOWHERE, Principal
from core.tables.task import Task
from core.types import Action


def reaches(who: Principal, action: Action, process_id: str, task: Task | None = None) -> bool:
    """May they do this with what belongs to the process, or with the task?"""
    if who.reach is None:
        return True
    reach = who.reach.get(action, NOWHERE)
    if reach.everything or process_id in reach.processes:
        return True
    if task is None:
        return False
    return task.key in reach.tasks or any(_RELATIONS[name](task, who) for name in reach.relations)


_RELATIONS: Mapping[str, Callable[[Task, Principal], bool]] = {
    "assignee": lambda task, who: bool(who.username) and task.assignee == who.username,
    "candidate_users": lambda task, who: who.username in task.candidate_users,
    "candidate_groups": lambda task, who: not set(who.groups).isdisjoint(task.candidate_groups),
}

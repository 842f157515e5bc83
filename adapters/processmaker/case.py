"""A case as this dialect sees an instance: its tasks are delegations, numbered in the order in which they were made.

Source: dossier processmaker.md, sections 3.2 and 3.4; what it leaves open is in the coverage page.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from adapters.processmaker.calls import Call
from adapters.processmaker.errors import Business
from core.clock import DAY
from core.engine.pauses import is_paused
from core.principal import Principal
from core.queries import ActivitiesByKey, InstanceByUid, InstanceView, TasksOf, UsersByName
from core.rejections import NotFound
from core.storage.records import Activity, Instance, Process, Task, User
from core.types import ENDED_TASK_STATES, InstanceState

NAMESPACE = "processmaker"
#: until when a delegation is not at risk: this part of its time
AT_RISK = 0.8


@dataclass(frozen=True, slots=True)
class Delegation:
    """A task with its number in the case, that of its thread, and the delegation it came from."""

    task: Task
    index: int
    thread: int
    previous: Task | None

    @property
    def is_open(self) -> bool:
        return self.task.state not in ENDED_TASK_STATES

    @property
    def init_at(self) -> int | None:
        """When its user opened it: the first one at once, others never told us (dossier 3.4)."""
        return self.task.created_at if self.index == 1 else None

    @property
    def due_at(self) -> int:
        """A task without a due date has a day, as the vendor's have."""
        return self.task.due_at if self.task.due_at is not None else self.task.created_at + DAY

    @property
    def risk_at(self) -> int:
        return self.task.created_at + int((self.due_at - self.task.created_at) * AT_RISK)

    def is_paused(self, now: int) -> bool:
        return self.is_open and is_paused(self.task, now)


def delegations(tasks: Iterable[Task]) -> tuple[Delegation, ...]:
    """`tasks` in the order in which they were made. A thread goes on with the delegation behind; where several come
    behind one, each begins a thread."""
    found: list[Delegation] = []
    behind: dict[int, int] = {}
    rows = list(tasks)
    previous: list[Task | None] = []
    for n, task in enumerate(rows):
        before = [t for t in rows[:n] if t.ended_at is not None and t.ended_at <= task.created_at]
        last = max(before, key=lambda t: (t.ended_at or 0, t.key), default=None)
        previous.append(last)
        key = last.key if last is not None else 0
        behind[key] = behind.get(key, 0) + 1
    threads: dict[int, int] = {}
    newest = 0
    for n, (task, last) in enumerate(zip(rows, previous, strict=True)):
        alone = behind[last.key if last is not None else 0] == 1
        if last is not None and alone:
            thread = threads[last.key]
        else:
            newest += 1
            thread = newest
        threads[task.key] = thread
        found.append(Delegation(task, n + 1, thread, last))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Case:
    view: InstanceView
    delegations: tuple[Delegation, ...]

    @property
    def instance(self) -> Instance:
        return self.view.instance

    @property
    def process(self) -> Process:
        return self.view.known.process

    @property
    def title(self) -> str:
        return self.instance.title or f"#{self.instance.number}"

    @property
    def open(self) -> tuple[Delegation, ...]:
        return tuple(d for d in self.delegations if d.is_open)

    @property
    def last(self) -> Delegation | None:
        return self.delegations[-1] if self.delegations else None

    @property
    def status(self) -> str:
        if self.instance.state == InstanceState.COMPLETED:
            return "COMPLETED"
        if self.instance.state == InstanceState.TERMINATED:
            return "CANCELLED"
        return "DRAFT" if any(d.task.draft for d in self.open) else "TO_DO"

    @property
    def updated_at(self) -> int:
        return max((self.instance.changed_at, *(d.task.changed_at for d in self.delegations)))

    @property
    def initiator_uid(self) -> str:
        """Who was told to be the one who started it, if not the one who did."""
        uid: str = self.instance.ext.get(NAMESPACE, {}).get("init_user", "")
        return uid

    def at(self, index: int | None) -> Delegation | None:
        """The delegation with this number; None: the highest."""
        if index is None:
            return self.last
        return next((d for d in self.delegations if d.index == index), None)

    def of(self, username: str) -> Delegation | None:
        """The user's open delegation, the newest if he has several."""
        return next((d for d in reversed(self.open) if d.task.assignee == username), None)

    def concerns(self, principal: Principal) -> bool:
        """Did he take part, may he claim it, or does he supervise it?"""
        name = principal.username
        return any(name in (d.task.assignee, d.task.supervisor) or claimable(d, principal) for d in self.delegations)


def claimable(delegation: Delegation, principal: Principal) -> bool:
    task = delegation.task
    if not delegation.is_open or task.assignee:
        return False
    groups = set(task.candidate_groups)
    return principal.username in task.candidate_users or bool(groups.intersection(principal.groups))


async def load_case(call: Call, uid: str) -> Case | None:
    try:
        view = await call.ask(InstanceByUid(uid.lower()))
    except NotFound:
        return None
    tasks = await call.ask(TasksOf((view.instance.key,)))
    return Case(view, delegations(tasks[view.instance.key]))


async def find_case(call: Call) -> Case:
    """The case of the path. Raises Business."""
    uid = call.path_uid("app_uid")
    case = await load_case(call, uid)
    if case is None:
        raise Business(f"The application with $app_uid: '{call.params['app_uid']}' does not exist.")
    return case


class Names:
    """Users and activities that a reply names."""

    def __init__(self, users: Mapping[str, User], activities: Mapping[int, Activity]) -> None:
        self._users = users
        self._activities = activities

    def user(self, username: str | None) -> User | None:
        return self._users.get(username) if username else None

    def user_uid(self, username: str | None) -> str:
        user = self.user(username)
        return user.uid if user is not None else ""

    def full_name(self, username: str | None) -> str:
        """First, then last; somebody whom nobody knows is called by his user name."""
        user = self.user(username)
        return f"{user.first_name} {user.last_name}".strip() if user is not None else username or ""

    def display_name(self, username: str | None) -> str:
        """Last, then first, as lists name people."""
        user = self.user(username)
        return f"{user.last_name} {user.first_name}".strip() if user is not None else username or ""

    def task_uid(self, task: Task) -> str:
        activity = self._activities.get(task.activity_key)
        return activity.uid if activity is not None else ""


async def names_of(call: Call, cases: Iterable[Case]) -> Names:
    several = list(cases)
    tasks = [d.task for case in several for d in case.delegations]
    usernames = {t.assignee for t in tasks if t.assignee} | {case.instance.creator for case in several}
    users = await call.ask(UsersByName(tuple(sorted(usernames))))
    activities = await call.ask(ActivitiesByKey(tuple({t.activity_key for t in tasks})))
    return Names(users, activities)


def as_array(value: Any) -> Any:
    """As PHP would spell it: an empty keyed array is `[]`, a number without a fraction an int."""
    if isinstance(value, dict):
        return {name: as_array(each) for name, each in value.items()} or []
    if isinstance(value, list):
        return [as_array(each) for each in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return value

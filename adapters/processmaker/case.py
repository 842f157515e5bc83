"""A case as this dialect sees an instance: the holdings of its tasks are delegations, numbered as they began.

Source: dossier processmaker.md, sections 3.2 and 3.4; what it leaves open is in the coverage page.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from adapters.processmaker.calls import Call
from adapters.processmaker.errors import Business
from core.clock import DAY
from core.instance.queries import InstanceByUid, InstanceView
from core.people.queries import UsersByName
from core.principal import Principal
from core.process.queries import ActivitiesByKey
from core.rejections import NotFound
from core.tables.instance import Instance
from core.tables.people import User
from core.tables.process import Activity, Process
from core.tables.task import Holding, Task, is_paused
from core.task.queries import Held, HoldingsOf
from core.types import ENDED_TASK_STATES, InstanceState

NAMESPACE = "processmaker"
#: until when a delegation is not at risk: this part of its time
AT_RISK = 0.8


@dataclass(frozen=True, slots=True)
class Delegation:
    """A holding of a task: its number in the case, that of its thread, who had it, and who had the one before."""

    task: Task
    holding: Holding
    previous_user: str | None

    @property
    def index(self) -> int:
        return self.holding.ordinal

    @property
    def thread(self) -> int:
        return self.holding.thread

    @property
    def user(self) -> str | None:
        return self.holding.holder

    @property
    def is_last_of_task(self) -> bool:
        return self.index == self.task.ordinal

    @property
    def is_open(self) -> bool:
        return self.is_last_of_task and self.task.state not in ENDED_TASK_STATES

    @property
    def began_at(self) -> int:
        return self.holding.began_at

    @property
    def ended_at(self) -> int | None:
        return self.task.ended_at if self.is_last_of_task else self.holding.ended_at

    @property
    def init_at(self) -> int | None:
        """When its user opened it: the first one at once, others never told us (dossier 3.4)."""
        return self.began_at if self.index == 1 else None

    @property
    def due_at(self) -> int:
        """A task without a due date has a day, as the vendor's have."""
        return self.holding.due_at if self.holding.due_at is not None else self.began_at + DAY

    @property
    def risk_at(self) -> int:
        return self.began_at + int((self.due_at - self.began_at) * AT_RISK)

    def is_paused(self, now: int) -> bool:
        return self.is_open and is_paused(self.task, now)


def case_of(view: InstanceView, held: Iterable[Held]) -> "Case":
    """`held` by their ordinals; those without one come from an older database, which did not count them."""
    rows = list(held)
    users = {holding.ordinal: holding.holder for _, holding in rows}
    delegations = tuple(Delegation(task, h, users.get(h.previous)) for task, h in rows if h.ordinal)
    return Case(view, delegations, frozenset(h.holder for _, h in rows if h.holder))


@dataclass(frozen=True)
class Case:
    """`participants` are all who ever had one of its tasks. A list may have a row for each of its tasks: what it takes
    all of them to know is found once."""

    view: InstanceView
    delegations: tuple[Delegation, ...]
    participants: frozenset[str]

    @property
    def instance(self) -> Instance:
        return self.view.instance

    @property
    def process(self) -> Process:
        return self.view.known.process

    @property
    def title(self) -> str:
        return self.instance.title or f"#{self.instance.number}"

    @cached_property
    def open(self) -> tuple[Delegation, ...]:
        return tuple(d for d in self.delegations if d.is_open)

    @property
    def last(self) -> Delegation | None:
        return self.delegations[-1] if self.delegations else None

    @cached_property
    def status(self) -> str:
        if self.instance.state == InstanceState.COMPLETED:
            return "COMPLETED"
        if self.instance.state == InstanceState.TERMINATED:
            return "CANCELLED"
        return "DRAFT" if any(d.task.draft for d in self.open) else "TO_DO"

    @cached_property
    def updated_at(self) -> int:
        return max((self.instance.changed_at, *(d.task.changed_at for d in self.delegations)))

    @cached_property
    def last_of_tasks(self) -> Mapping[int, Delegation]:
        """The newest delegation of each task, by its key."""
        return {d.task.key: d for d in self.delegations if d.is_last_of_task}

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
        """The user's open delegation, the newest if they have several."""
        return next((d for d in reversed(self.open) if d.user == username), None)

    def concerns(self, principal: Principal) -> bool:
        """Did they take part, may they claim it, or do they supervise it?"""
        name = principal.username
        return name in self.participants or any(
            d.task.supervisor == name or claimable(d, principal) for d in self.delegations
        )


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
    held = await call.ask(HoldingsOf((view.instance.key,)))
    return case_of(view, held[view.instance.key])


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
        """First, then last; somebody whom nobody knows is called by their user name."""
        user = self.user(username)
        return f"{user.first_name} {user.last_name}".strip() if user is not None else username or ""

    def display_name(self, username: str | None) -> str:
        """Last, then first, as lists name people."""
        user = self.user(username)
        return f"{user.last_name} {user.first_name}".strip() if user is not None else username or ""

    def task_uid(self, task: Task) -> str:
        activity = self._activities.get(task.activity_key)
        return activity.uid if activity is not None else ""


async def names_of(call: Call, case: Case) -> Names:
    """All that it names."""
    return await names_in(call, case.delegations, (case.instance.creator,))


async def names_in(call: Call, delegations: Iterable[Delegation], usernames: Iterable[str | None] = ()) -> Names:
    """Their users and activities, and further users."""
    several = list(delegations)
    named = {*usernames, *(d.user for d in several), *(d.previous_user for d in several)}
    users = await call.ask(UsersByName(tuple(sorted(name for name in named if name))))
    activities = await call.ask(ActivitiesByKey(tuple({d.task.activity_key for d in several})))
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

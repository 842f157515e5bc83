"""What a decision may use: the working set, the clock, new ids, and the event log."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from core.commands import Command
from core.engine.workingset import Load, WorkingSet
from core.flow.effort import Effort
from core.flow.graph import Program
from core.ids import NUMBER_BLOCK, Reserve, Sequence
from core.principal import NOWHERE, Principal
from core.rejections import Forbidden
from core.storage.jsontext import NOTHING
from core.storage.records import Definition, Event, Process, Task
from core.types import Action, Permission

Plan = Iterator[list[Load]]
C = TypeVar("C", bound=Command[Any])
Out = TypeVar("Out")


def reaches(who: Principal, action: Action, process_id: str, task: Task | None = None) -> bool:
    """May he do this with what belongs to the process, or with the task?"""
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


@dataclass(frozen=True, slots=True)
class KnownDefinition:
    """A definition as the engine keeps it in memory: immutable, so never stale."""

    definition: Definition
    process: Process
    program: Program
    activities: Mapping[str, int]


class Numbers:
    """The sequences of one engine: keys for everything, numbers by tenant and kind."""

    def __init__(self, reserve: Reserve, advance: Callable[[str, int], None], keys: Sequence) -> None:
        self._reserve = reserve
        self._advance = advance
        self.keys = keys
        self._numbers: dict[str, Sequence] = {}

    def number(self, tenant_key: int, kind: str, given: int = 0) -> int:
        """The next number, or the one that was given, which is then never handed out again."""
        name = f"{kind}:{tenant_key}"
        sequence = self._numbers.get(name)
        if sequence is None:
            sequence = self._numbers[name] = Sequence(name, self._reserve, block=NUMBER_BLOCK)
        if given:
            sequence.skip(given, self._advance)
            return given
        return sequence.next()

    def all(self) -> list[Sequence]:
        return [self.keys, *self._numbers.values()]


class Context:
    """One turn, from the point of view of a decision. `principal` is set anew for each command."""

    __slots__ = ("definitions", "effort", "listening", "now", "numbers", "principal", "touched_users", "ws")

    def __init__(
        self,
        ws: WorkingSet,
        now: int,
        numbers: Numbers,
        definitions: Mapping[int, KnownDefinition],
        principal: Principal,
        effort: Effort,
    ) -> None:
        self.ws = ws
        self.effort = effort
        self.now = now
        self.numbers = numbers
        self.definitions = definitions
        self.principal = principal
        self.touched_users: set[int] = set()

    def key(self) -> int:
        return self.numbers.keys.next()

    def number(self, kind: str, given: int = 0) -> int:
        return self.numbers.number(self.principal.tenant_key, kind, given)

    def require(self, permission: Permission, *, kind: str = "", id: object = "") -> None:
        if not self.principal.may(permission):
            raise Forbidden(permission, kind=kind, id=str(id))

    def require_reach(self, action: Action, definition_key: int, kind: str, id: int, task: Task | None = None) -> None:
        """The principal may do this with this very thing, of a process or a task."""
        if self.principal.reach is None:
            return
        process_id = self.definitions[definition_key].definition.process_id
        if not reaches(self.principal, action, process_id, task):
            raise Forbidden(Permission.WORK, kind=kind, id=str(id), process_id=process_id)

    def emit(
        self,
        kind: str,
        entity: str,
        entity_key: int,
        *,
        instance_key: int = 0,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> Event:
        who = self.principal
        event = Event(
            key=self.key(),
            at=self.now,
            tenant_key=who.tenant_key,
            kind=kind,
            entity=entity,
            entity_key=entity_key,
            instance_key=instance_key,
            actor_key=who.user_key,
            actor=who.username or who.client_id,
            dialect=who.dialect,
            before=before or NOTHING,
            after=after or NOTHING,
        )
        self.ws.add(event)
        return event


@dataclass(frozen=True, slots=True)
class Handler(Generic[C, Out]):
    """How a kind of command is carried out: `plan` asks for rows, round by round; `decide` changes them."""

    plan: Callable[[C, Principal, WorkingSet, Mapping[int, KnownDefinition]], Plan]
    decide: Callable[[C, Context], Out]


HANDLERS: dict[type[Command[Any]], Handler[Any, Any]] = {}


def handles(
    command: type[Command[Out]],
    plan: Callable[[Any, Principal, WorkingSet, Mapping[int, KnownDefinition]], Plan],
) -> Callable[[Callable[[Any, Context], Out]], Callable[[Any, Context], Out]]:
    """Register a decision and its plan for a command."""

    def register(decide: Callable[[Any, Context], Out]) -> Callable[[Any, Context], Out]:
        HANDLERS[command] = Handler(plan, decide)
        return decide

    return register

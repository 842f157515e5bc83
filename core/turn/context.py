"""What a decision may use: the working set, the clock, new ids, and the event log."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from core.ids import FIRST_KEY, KEY_BLOCK, KEYS, NUMBER_BLOCK, Advance, Reserve, Sequence
from core.principal import Principal
from core.reach import PERMISSIONS, Thing, reaches
from core.rejections import Forbidden
from core.storage.columns import Ext
from core.storage.jsontext import NOTHING
from core.tables.event import Event
from core.turn.command import Command
from core.turn.effort import Effort
from core.turn.known import KnownDefinition
from core.turn.workingset import Load, Unplanned, WorkingSet
from core.types import Action, Permission

Plan = Iterator[list[Load]]
#: how far a turn has come: changes and keys
Mark = tuple[int, tuple[Any, ...]]
C = TypeVar("C", bound=Command[Any])
Out = TypeVar("Out")


class Numbers:
    """The sequences of one engine: keys for everything, numbers by tenant and kind."""

    def __init__(self, reserve: Reserve, advance: Advance) -> None:
        self._reserve = reserve
        self._advance = advance
        self.keys = Sequence(KEYS, reserve, advance, block=KEY_BLOCK, first=FIRST_KEY)
        self._numbers: dict[str, Sequence] = {}

    def of(self, tenant_key: int, kind: str) -> Sequence:
        name = f"{kind}:{tenant_key}"
        sequence = self._numbers.get(name)
        if sequence is None:
            sequence = self._numbers[name] = Sequence(name, self._reserve, self._advance, block=NUMBER_BLOCK)
        return sequence

    def all(self) -> list[Sequence]:
        return [self.keys, *self._numbers.values()]

    def forget(self) -> None:
        for sequence in self.all():
            sequence.forget()


class Context:
    """One turn, from the point of view of a decision. `principal` is set anew for each command; `touched_users` are
    those whose remembered credentials are forgotten."""

    __slots__ = (
        "_deciding",
        "_given",
        "_made",
        "definitions",
        "effort",
        "now",
        "numbers",
        "principal",
        "touched_users",
        "ws",
    )

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
        self._given: list[Sequence] = []
        self._deciding = False
        self._made = ws.made.add

    def decide(self, command: Command[Out]) -> Out:
        """Carry out a command. Whatever it raises, nothing of it stays.

        Where its plan falls short, because of what earlier commands of this turn did or other processes just did, it is
        planned once more on top of that; and again as long as it finds out what else it needs.
        """
        handler = HANDLERS[type(command)]
        outermost, self._deciding = not self._deciding, True
        if outermost:
            self.ws.sought.clear()
        try:
            return self._decide(handler, command)
        finally:
            self._deciding = not outermost

    def _decide(self, handler: "Handler[Any, Any]", command: Command[Out]) -> Out:
        start = self.mark()
        again = True
        try:
            while True:
                known = len(self.ws.called) + len(self.ws.sought)
                try:
                    return handler.decide(command, self)  # type: ignore[no-any-return]
                except Unplanned:
                    if not again and len(self.ws.called) + len(self.ws.sought) == known:
                        raise
                    again = False
                    self.undo(start)
                for wishes in handler.plan(command, self.principal, self.ws, self.definitions):
                    self.ws.load(wishes)
                for plan in list(self.ws.sought.values()):
                    for wishes in plan():
                        self.ws.load(wishes)
        except Exception:
            self.undo(start)
            raise

    def mark(self) -> Mark:
        """For `undo`."""
        return self.ws.mark(), self.numbers.keys.mark()

    def undo(self, mark: Mark) -> None:
        """As if nothing had been done since: no change, no number taken."""
        self.ws.undo(mark[0])
        self.numbers.keys.rewind(mark[1])

    def settle(self) -> None:
        """Numbers that commands brought along are never handed out, by no other process either."""
        for sequence in self._given:
            sequence.settle()

    def forget(self, user_key: int) -> None:
        """Credentials of this user that are remembered as good are looked at again."""
        if user_key not in self.touched_users:
            self.touched_users.add(user_key)
            self.ws.note(self.touched_users.discard, user_key)

    def key(self) -> int:
        key = self.numbers.keys.next()
        self._made(key)
        return key

    def number(self, kind: str, given: int = 0) -> int:
        """The next number, or the one that was given, which is then never handed out again."""
        sequence = self.numbers.of(self.principal.tenant_key, kind)
        self.ws.note(sequence.rewind, sequence.mark())
        if given:
            sequence.skip(given)
            self._given.append(sequence)
            return given
        return sequence.next()

    def require(self, permission: Permission, *, kind: str = "", id: object = "") -> None:
        if not self.principal.may(permission):
            raise Forbidden(permission, kind=kind, id=str(id))

    def require_reach(
        self,
        action: Action,
        thing: Thing | None = None,
        *,
        kind: str = "",
        id: object = "",
        definition_key: int = 0,
        ended: bool = False,
    ) -> None:
        """The principal may do this with this very thing; `ended`: it is not alive any more. What the rules look at is
        asked for by `core.turn.reaching`."""
        who, permission = self.principal, PERMISSIONS[action]
        if who.reach is None or action not in who.reach.extents or (ended and not who.reach.ended):
            self.require(permission, kind=kind, id=id)
            return
        process_id = self.definitions[definition_key].definition.process_id if definition_key else ""
        if not reaches(who, action, thing, self._rows, process_id):
            raise Forbidden(permission, kind=kind, id=str(id), process_id=process_id)

    def _rows(self, cls: type[Any], by: str, values: Collection[Any]) -> list[Any]:
        return [row for value in values for row in self.ws.find(cls, by, value)]

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


def merge_ext(ext: Ext, new: Ext) -> Ext:
    """`new` merged into an extension map, dialect by dialect."""
    return {**ext, **{dialect: {**ext.get(dialect, {}), **values} for dialect, values in new.items()}}

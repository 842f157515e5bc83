"""Who is told of events: a delivery is written in the turn of its event."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from core.tables.event import Event
from core.tables.instance import Comment, Instance
from core.tables.outbox import Delivery
from core.tables.people import User
from core.tables.process import Activity
from core.tables.registry import Reference
from core.tables.task import Task
from core.turn.context import Context

#: entities whose number is that of a row of their own
_NUMBERED: tuple[type[Any], ...] = (Instance, Task, Comment, User, Reference, Activity)


@dataclass(frozen=True, slots=True)
class Watch:
    """A subscription as the engine keeps it in memory."""

    key: int
    tenant_key: int
    kinds: frozenset[str]

    def wants(self, event: Event) -> bool:
        named = event.kind in self.kinds or f"{event.kind}:{event.entity}" in self.kinds
        return named and event.tenant_key == self.tenant_key


def enqueue(ctx: Context, watches: Iterable[Watch]) -> None:
    """A delivery for each new event that somebody wants to be told of."""
    numbers: dict[int, int] | None = None
    for event in ctx.ws.added(Event):
        for watch in watches:
            if not watch.wants(event):
                continue
            if numbers is None:
                numbers = {row.key: row.number for cls in _NUMBERED for row in ctx.ws.all(cls)}
            ctx.ws.add(
                Delivery(
                    key=ctx.key(),
                    tenant_key=event.tenant_key,
                    subscription_key=watch.key,
                    event_key=event.key,
                    event_at=event.at,
                    entity_number=_number(event) or numbers.get(event.entity_key, 0),
                    due_at=event.at,
                    changed_at=event.at,
                )
            )


def _number(event: Event) -> int:
    for facts in (event.after, event.before):
        number = facts.get("number", 0)
        if number:
            return int(number)
    return 0

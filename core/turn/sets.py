"""Commands over sets: a few statements of their own, in a turn of their own, still with an event for each row."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import BigInteger, bindparam, select

from core.principal import Principal
from core.storage.statements import Statement, table_of
from core.storage.store import Connection, Retry
from core.tables.event import Event
from core.turn.command import Command
from core.turn.context import Numbers
from core.turn.watch import Watch

Out = TypeVar("Out")


@dataclass(frozen=True, slots=True)
class SetTurn:
    """What a command over a set works with. `touched` collects the keys of users whose credentials are to be forgotten;
    `watches` are to be told of events."""

    who: Principal
    connection: Connection
    now: int
    numbers: Numbers
    touched: set[int]
    watches: tuple[Watch, ...]


SetHandler = Callable[[Any, SetTurn], Any]

SET_HANDLERS: dict[type[Command[Any]], SetHandler] = {}


def handles_set(
    command: type[Command[Out]],
) -> Callable[[Callable[[Any, SetTurn], Out]], Callable[[Any, SetTurn], Out]]:
    """Register what carries out a command over a set."""

    def register(decide: Callable[[Any, SetTurn], Out]) -> Callable[[Any, SetTurn], Out]:
        SET_HANDLERS[command] = decide
        return decide

    return register


events = table_of(Event)


@lru_cache(maxsize=1)
def _witness() -> Statement:
    return Statement(select(events.c.key).where(events.c.key == bindparam("key", type_=BigInteger)))


def commit_once(connection: Connection, event_key: int) -> None:
    """Commit; if the connection is lost on the way, ask the database whether it was done.

    The transaction's own event is the witness: doing it all again would do it twice. Raises Retry if it was not done.
    """
    try:
        connection.commit()
    except Retry:
        connection.rollback()
        if not event_key or not connection.fetch(_witness(), {"key": event_key}):
            raise

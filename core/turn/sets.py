"""Commands over sets: a few statements of their own, in a turn of their own, still with an event for each row."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from core.principal import Principal
from core.storage.store import Connection
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

"""What the evaluation of expressions may cost, counted in steps and not in time, so that it is the same everywhere.

A step buys about a microsecond. Whatever walks over a value pays for the size of that value: a loop for each round,
a function for each item that it looks at, a copy of a text for its length.
"""

from collections.abc import Mapping
from typing import Any

#: steps of all the expressions of one command
MAX_STEPS = 200_000
#: what a round of a loop, a filter or a test costs: a scope of its own, and the evaluation of its body
ROUND = 10
#: characters of a text, and variables of a scope, that are copied or compared in one step
CHARACTERS, VARIABLES = 100, 32
#: characters of a result that are stored for one step: so all results of a command are 10 million at most
STORED = 50


class ExpressionError(ValueError):
    """The text is not an expression that can be run, or it ran too long."""


class Budget:
    """The steps that are left; shared by everything that is evaluated on behalf of one command. `error` is what is
    raised when they are spent."""

    __slots__ = ("error", "left", "limit")

    def __init__(self, limit: int = MAX_STEPS, error: type[Exception] = ExpressionError) -> None:
        self.left = self.limit = limit
        self.error = error

    def spend(self, steps: int) -> None:
        """Raises ExpressionError if so many are not left."""
        self.left -= steps
        if self.left < 0:
            raise self.error(f"more than {self.limit} steps")


def size(value: Any) -> int:
    """The steps that it costs to walk over a value, but not over what its items hold."""
    if isinstance(value, str):
        return len(value) // CHARACTERS
    return len(value) if isinstance(value, list | Mapping) else 0

"""What a command may cost: the moves of tokens that it sets off, and the steps of its expressions.

Both are counted for the command as a whole, through all instances that it starts, enters or goes on with. On the event
loop, where everybody waits for a turn, far less is allowed: what needs more is done over again on the writer's thread.
"""

from core.graph.feel.budget import Budget
from core.rejections import ExecutionFailed
from core.storage.store import TooLong
from core.types import Trouble

MAX_MOVES = 10_000
#: of a whole turn on the event loop: some ten milliseconds each
INLINE_MOVES, INLINE_STEPS, INLINE_ROWS = 400, 10_000, 2_000


class Effort:
    __slots__ = ("budget", "inline", "moves")

    def __init__(self, *, inline: bool = False) -> None:
        self.inline = inline
        self.moves = INLINE_MOVES if inline else MAX_MOVES
        self.budget = Budget(INLINE_STEPS, TooLong) if inline else Budget()

    def move(self, process_id: str) -> None:
        """A token moves. Raises ExecutionFailed, and TooLong on the event loop."""
        self.moves -= 1
        if self.moves < 0:
            if self.inline:
                raise TooLong("moves")
            raise ExecutionFailed(process_id, f"did not come to rest within {MAX_MOVES} steps", Trouble.EFFORT)

    def rows(self, count: int) -> None:
        """So many rows are loaded or changed. Raises TooLong on the event loop."""
        if self.inline and count > INLINE_ROWS:
            raise TooLong("rows")

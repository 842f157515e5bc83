"""What is counted of an engine."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Stats:
    """Counted since the start of the process; deliveries by dialect and what came of an attempt. Commands that wait for
    a turn, and passwords that are checked or wait, are those of this moment."""

    turns: int = 0
    commands: int = 0
    rejected: int = 0
    #: commands, reads and passwords that were refused because others had waited for too long
    turned_away: int = 0
    reads_refused: int = 0
    passwords_refused: int = 0
    reads: int = 0
    #: passwords that were not looked at
    throttled: int = 0
    waiting: int = 0
    checking: int = 0
    deliveries: Counter[tuple[str, str]] = field(default_factory=Counter)

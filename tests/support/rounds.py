"""How much of what is endless a run does: examples, messages, kills.

A test says how many it does with ROUNDS=1, the default; `make test-long` does ten times as many.
"""

import os

ROUNDS = float(os.environ.get("ROUNDS", "1"))


def rounds(number: int) -> int:
    return max(1, round(number * ROUNDS))

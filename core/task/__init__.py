"""User tasks: making, assigning, planning, pausing, completing, passing on and deleting them, and who had them."""

from core.task import (  # noqa: F401  each registers what it decides or answers
    answers,
    decisions,
    endings,
    making,
    numbers,
    pauses,
    reassignment,
    remarks,
    transfer,
)

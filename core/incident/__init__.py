"""Elements that stand still: finding them, and letting them go on."""

from core.incident import (  # noqa: F401  each registers what it decides or answers
    answers,
    decisions,
)

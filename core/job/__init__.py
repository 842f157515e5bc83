"""Jobs of listeners and timers: what instances wait for besides people."""

from core.job import (  # noqa: F401  each registers what it decides or answers
    answers,
    decisions,
)

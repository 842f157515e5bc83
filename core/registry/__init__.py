"""Master data: what processes are about, and refer to by number."""

from core.registry import (  # noqa: F401  each registers what it decides or answers
    answers,
    decisions,
)

"""Messages and signals from outside, and who waits for them."""

from core.message import (  # noqa: F401  each registers what it decides or answers
    answers,
    decisions,
    expiry,
)

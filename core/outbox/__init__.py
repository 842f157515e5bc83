"""Events for others, and mails: who is told, and what is on its way."""

from core.outbox import (  # noqa: F401  each registers what it decides or answers
    answers,
    decisions,
)

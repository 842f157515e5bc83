"""Decisions: deploying and evaluating them, and what they came to."""

from core.decision import (  # noqa: F401  each registers what it decides or answers
    answers,
    decisions,
)

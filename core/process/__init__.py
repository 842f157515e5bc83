"""Processes: deploying and drafting them, their versions, and who is assigned to their activities."""

from core.process import (  # noqa: F401  each registers what it decides or answers
    answers,
    assignments,
    decisions,
    drafts,
    stages,
)

"""Libraries, their folders and documents, and who manages them."""

from core.library import (  # noqa: F401  each registers what it decides or answers
    answers,
    decisions,
)

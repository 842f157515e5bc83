"""Files that were put to instances, and pictures of users."""

from core.file import (  # noqa: F401  each registers what it decides or answers
    answers,
    decisions,
)

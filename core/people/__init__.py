"""Users and groups, their passwords and powers, and who stands in for whom."""

from core.people import (  # noqa: F401  each registers what it decides or answers
    answers,
    groups,
    redirections,
    renames,
    users,
)

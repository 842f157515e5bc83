"""Running processes: starting, changing, ending and deleting them; elements, variables, comments, who is involved."""

from core.instance import (  # noqa: F401  each registers what it decides or answers
    activation,
    answers,
    comments,
    decisions,
    deletion,
    involvement,
    revisions,
    scopes,
)

"""Roles, tenants and mapping rules of a directory, who has them, and what they allow."""

from core.directory import (  # noqa: F401  each registers what it decides or answers
    answers,
    decisions,
)

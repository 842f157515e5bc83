"""Proving who somebody is: passwords, credentials, digests of tickets and tokens; settings and tenants."""

from core.identity import (  # noqa: F401  each registers what it decides or answers
    answers,
    check,
    cleaning,
    credentials,
    tenants,
)

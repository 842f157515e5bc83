"""Every status that an operation of Camunda is said to answer stands in an exchange."""

import re
from pathlib import Path

from adapters.common.dialect import Operation
from gateway.dialects import load
from tests.support.exchange import read

FOLDER = Path(__file__).parent / "camunda"
#: what is the same everywhere: too large a body, a failure, maintenance; and what takes a listener
ONCE = {413, 500, 503, 504}
#: in tests/unit/test_camunda_identity.py
ELSEWHERE = {"login", "logout", "createAdminUser"}


def _operation(method: str, target: str) -> Operation | None:
    """The one with the most of its path written out."""
    path = target.partition("?")[0]
    fitting = [
        operation
        for operation in load("camunda").operations
        if operation.method == method and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", operation.path), path)
    ]
    return min(fitting, key=lambda operation: operation.path.count("{"), default=None)


def test_every_status_of_every_operation_is_seen() -> None:
    seen: dict[str, set[int]] = {}
    refused: set[str] = set()
    for file in sorted(FOLDER.glob("*.http")):
        for case in read(file).cases:
            operation = _operation(case.method, case.target)
            if operation is not None:
                seen.setdefault(operation.name, set()).add(case.status)
            elif case.status == 405:
                refused.add(case.target.partition("?")[0])
    missing = {
        operation.name: left
        for operation in load("camunda").operations
        if operation.name not in ELSEWHERE
        and (left := set(operation.statuses) - ONCE - {405} - seen.get(operation.name, set()))
    }
    assert not missing
    unasked = [
        operation.name
        for operation in load("camunda").operations
        if operation.name not in ELSEWHERE
        and 405 in operation.statuses
        and not any(re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", operation.path), path) for path in refused)
    ]
    assert not unasked

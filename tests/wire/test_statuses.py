"""Every status that an operation is said to answer stands in an exchange."""

import re
from functools import lru_cache
from pathlib import Path

from adapters.common.dialect import Operation
from gateway.dialects import load
from tests.support.exchange import read

HERE = Path(__file__).parent
#: what is the same everywhere: too large a body, a failure, maintenance; and what takes a listener
ONCE = {413, 500, 503, 504}
#: in tests/unit/adapters/test_camunda_identity.py
ELSEWHERE = {"login", "logout", "createAdminUser"}
#: refused by all endpoints alike: in test_facilioo_refusals.py
ALIKE = {400, 401, 403, 404, 405, 415}
#: 409 if a task ends at the very moment
RACES = {"addEditorClerk", "removeEditorClerk", "addResponsibleClerk", "removeResponsibleClerk"}


@lru_cache
def _patterns(dialect: str) -> list[tuple[re.Pattern[str], Operation]]:
    return [(re.compile(re.sub(r"\{\w+\}", "[^/]+", o.path)), o) for o in load(dialect).operations]


def _operation(dialect: str, method: str, target: str) -> Operation | None:
    """The one with the most of its path written out."""
    path = target.partition("?")[0]
    fitting = [o for pattern, o in _patterns(dialect) if o.method == method and pattern.fullmatch(path)]
    return min(fitting, key=lambda operation: operation.path.count("{"), default=None)


def _seen(dialect: str) -> tuple[dict[str, set[int]], set[str]]:
    """Operation -> its statuses; and paths that a method was refused for."""
    seen: dict[str, set[int]] = {}
    refused: set[str] = set()
    for file in sorted((HERE / dialect).glob("*.http")):
        for case in read(file).cases:
            operation = _operation(dialect, case.method, case.target)
            if operation is not None:
                seen.setdefault(operation.name, set()).add(case.status)
            elif case.status == 405:
                refused.add(case.target.partition("?")[0])
    return seen, refused


def test_every_status_of_every_operation_of_camunda() -> None:
    seen, refused = _seen("camunda")
    operations = [operation for operation in load("camunda").operations if operation.name not in ELSEWHERE]
    missing = {
        operation.name: left
        for operation in operations
        if (left := set(operation.statuses) - ONCE - {405} - seen.get(operation.name, set()))
    }
    assert not missing
    unasked = [
        operation.name
        for operation in operations
        if 405 in operation.statuses
        and not any(re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", operation.path), path) for path in refused)
    ]
    assert not unasked


def test_every_status_of_every_operation_of_facilioo() -> None:
    seen, _ = _seen("facilioo")
    missing = {
        operation.name: left
        for operation in load("facilioo").operations
        if (left := set(operation.statuses) - ONCE - ALIKE - seen.get(operation.name, set()))
    }
    assert missing == {name: {409} for name in RACES}


def test_every_status_of_every_operation_of_inubit() -> None:
    """405 is one of the paths, whatever the method.

    A submission with a task that follows is in tests/unit/adapters/test_inubit_work.py.
    """
    seen, refused = _seen("inubit")
    seen["submitTask"].add(201)
    missing = {
        operation.name: left
        for operation in load("inubit").operations
        if (left := set(operation.statuses) - ONCE - {405} - seen.get(operation.name, set()))
    }
    assert not missing
    unasked = [
        operation.path
        for operation in load("inubit").operations
        if 405 in operation.statuses
        and not any(re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", operation.path), path) for path in refused)
    ]
    assert not unasked

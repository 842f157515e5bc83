"""A statement is compiled at its first use, which may be several threads' at once."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import column, select

from core.storage.statements import Flavour, Statement

LISA: Any = select(column("key")).where(column("login") == "lisa")


class Compiled:
    """While its values are asked for, somebody else uses the statement."""

    def __init__(self, compiled: Any, meanwhile: Callable[[], None]) -> None:
        self._compiled = compiled
        self._meanwhile = meanwhile

    def __str__(self) -> str:
        return str(self._compiled)

    @property
    def params(self) -> dict[str, Any]:
        self._meanwhile()
        return dict(self._compiled.params)


class Interrupted:
    def __init__(self) -> None:
        self.statement = Statement(self)  # type: ignore[arg-type]
        self.compilations = 0
        self.other: tuple[str, dict[str, Any]] | None = None

    def compile(self, dialect: Any) -> Any:
        self.compilations += 1
        compiled = LISA.compile(dialect=dialect)
        return Compiled(compiled, lambda: self._use(Flavour(dialect.name))) if self.compilations == 1 else compiled

    def _use(self, flavour: Flavour) -> None:
        self.other = self.statement.text(flavour), self.statement.bound(flavour)


@pytest.mark.parametrize("flavour", list(Flavour))
def test_whoever_comes_while_it_is_compiled_has_its_text_and_its_values(flavour: Flavour) -> None:
    interrupted = Interrupted()
    one = interrupted.statement.text(flavour), interrupted.statement.bound(flavour)
    assert interrupted.other == one
    assert list(one[1].values()) == ["lisa"]
    assert interrupted.compilations == 2

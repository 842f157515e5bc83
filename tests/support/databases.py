"""New databases of both kinds, as they are after the first start."""

import shutil
from pathlib import Path

import pytest

from tests.support.postgresql import fresh_database

#: what a fixture has as its parameters
KINDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]


def new_database(request: pytest.FixtureRequest, folder: Path) -> str:
    """The address of a database of the kind that the request has as its parameter."""
    if request.param == "sqlite":
        path = shutil.copy(request.getfixturevalue("empty"), folder / "engine.db")
        return f"sqlite:///{path}"
    return fresh_database(request.getfixturevalue("postgresql"), request.getfixturevalue("empty_postgresql"))

"""Each process that shares the work finds the same tests: their names hold no time, no chance, no order of a set."""

import os
import subprocess
import sys

import pytest

TOOLS = ("FORBID_TOOLS", "REQUIRE_TOOLS")


def test_names_are_the_same_whoever_collects_them_and_when(
    pytestconfig: pytest.Config, request: pytest.FixtureRequest
) -> None:
    names = [item.nodeid for item in request.session.items]
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", "-n", "0"]
    selected = [
        text
        for name in ("keyword", "markexpr")
        if (value := getattr(pytestconfig.option, name))
        for text in (f"-{name[0]}", value)
    ]
    ignored = [f"--ignore={path}" for path in pytestconfig.option.ignore or ()]
    # what a run may leave out is asked of the run, not of this
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", *TOOLS))}
    later = subprocess.run(
        [*command, *selected, *ignored, *pytestconfig.args],
        cwd=pytestconfig.invocation_params.dir,
        env=environment | {"PYTHONHASHSEED": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    known = set(names)
    assert [line for line in later.stdout.splitlines() if line in known] == names

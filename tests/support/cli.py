"""The command line, in this process or in one of its own."""

import io
import os
import subprocess
import sys
from typing import NamedTuple

import pytest

from gateway.cli.main import main
from tests.support.forks import run


class Done(NamedTuple):
    status: int
    out: str
    err: str


class Commands:
    """Runs commands as a shell would, with what they print in hand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def __call__(self, *arguments: str, stdin: str = "", **environment: str) -> Done:
        self._capsys.readouterr()
        with self._monkeypatch.context() as patch:
            patch.setattr(sys, "argv", ["dragoman", *arguments])
            patch.setattr(sys, "stdin", io.StringIO(stdin))
            for name, value in environment.items():
                patch.setenv(name, value)
            with pytest.raises(SystemExit) as end:
                main()
        out, err = self._capsys.readouterr()
        return Done(int(end.value.code or 0), out, err)


def dragoman(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """In a process of its own."""
    return run(*arguments, environment={**os.environ, **environment})

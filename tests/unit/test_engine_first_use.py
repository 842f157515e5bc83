"""What a process makes once, at its first use, several threads may need at the same moment."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.postgresql import fresh_database
from tests.support.rounds import rounds


def at_once(url: str, seed: int) -> None:
    for n in range(rounds(1)):
        command = [sys.executable, "-m", "tests.support.first_use", url, str(seed + n)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.rounds
def test_threads_ask_all_queries_as_the_first_thing_they_do(template: Path, tmp_path: Path, seed: int) -> None:
    at_once(f"sqlite:///{shutil.copy(template, tmp_path / 'first.db')}", seed)


@pytest.mark.rounds
@pytest.mark.postgresql
def test_threads_ask_postgresql_all_queries_as_the_first_thing_they_do(
    postgresql: str, demo_postgresql: str, seed: int
) -> None:
    at_once(fresh_database(postgresql, demo_postgresql), seed)

"""SIGTERM while clients work: what has begun is answered, and what was answered is there. Row H9 of the matrix."""

import asyncio
import random
import shutil
import signal
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.crash.test_kill import Notes, Round, _check
from tests.support.rounds import rounds
from tests.support.server import Server, launch

pytestmark = [pytest.mark.crash, pytest.mark.rounds]


@dataclass
class Stopping(Server):
    """It is asked to stop where others are killed."""

    def kill(self) -> None:
        self.process.send_signal(signal.SIGTERM)


def test_a_stop_under_load_loses_nothing(template: Path, tmp_path: Path, seed: int) -> None:
    path = tmp_path / "server.db"
    shutil.copy(template, path)
    notes, chance = Notes(), random.Random(seed)
    for number in range(rounds(1)):
        running = launch(tmp_path, f"sqlite:///{path}", DRAGOMAN_LOG_REQUESTS="false")
        server = Stopping(running.url, running.port, running.process, running.log)
        try:
            asyncio.run(Round(server, notes, chance.randint(20, 200)).run(seed + number))
        finally:
            server.kill()
        assert running.process.wait() == 0
        assert not Path(f"{path}-wal").exists(), "the file is whole by itself"
        _check(path, notes)
    assert len(notes.started) > rounds(1), "the clients did work"
    told = (tmp_path / "server.log").read_text()
    assert "Traceback" not in told
    assert "cut off" not in told, "everybody got an answer"

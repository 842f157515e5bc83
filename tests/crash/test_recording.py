"""kill -9 of a recorder while clients work: the recording is whole, and goes on."""

import asyncio
import random
from pathlib import Path

import pytest

from gateway.traffic.recording import Recording
from tests.support.recorders import Recorder, old_server, recorder
from tests.support.rounds import rounds

pytestmark = [pytest.mark.crash, pytest.mark.rounds]

CLIENTS = 4


async def ask_until_killed(running: Recorder, answers: int) -> int:
    """Clients that ask all the time; the recorder is killed after so many answers. How many there were at the most."""
    heard = 0

    async def client(name: int) -> None:
        nonlocal heard
        port = int(running.url.rpartition(":")[2])
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            while True:
                body = f"client {name} asks {heard}".encode() * 50
                head = b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n"
                writer.write(head % len(body) + body)
                answer = await reader.readuntil(b"\r\n\r\n")
                length = int(answer.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
                await reader.readexactly(length)
                heard += 1
                if heard == answers:
                    running.process.kill()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    await asyncio.gather(*(client(number) for number in range(CLIENTS)))
    return heard


def test_a_killed_recorder_leaves_a_recording(tmp_path: Path) -> None:
    """Nothing that was there is lost, all that is there is whole, and the next recorder goes on with it."""
    file = tmp_path / "a.rec"
    rng = random.Random(0)
    there = 0
    with old_server() as upstream:
        for _ in range(rounds(4)):
            with recorder(file, upstream) as running:
                heard = asyncio.run(ask_until_killed(running, rng.randrange(1, 800)))
                running.process.wait()
            with Recording(file) as recording:
                exchanges = list(recording.exchanges())
            assert there <= len(exchanges) <= there + heard + CLIENTS
            assert all(e.response is not None and e.request.body.startswith(b"client ") for e in exchanges)
            assert all(not e.request.lacks for e in exchanges)
            there = len(exchanges)
        with recorder(file, upstream) as running:
            assert running.stop()[0] == 0
    with Recording(file) as recording:
        assert len(recording) == there
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.rec", "a.rec.key"]

"""A short soak: whatever clients do, a process holds what it held before (row S13). `make soak` takes an hour."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.clients.test_webhooks import Target, register, settings
from tests.support.facilioo import login
from tests.support.rounds import rounds
from tests.support.server import Server, start, until
from tests.support.traffic import Held, client, held

CLIENTS = 4
#: files and threads of pools that had not all their threads before: a connection to the database has three files
SPARE_FILES, SPARE_THREADS, SPARE_TASKS = 15, 8, 8


def _traffic(server: Server, count: int) -> None:
    def one(number: int) -> None:
        with client(server.port) as somebody:
            for n in range(count):
                somebody.round(number * count + n)
            assert not somebody.answers.keys() & {502, 503}

    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(one, range(CLIENTS)))


def test_nothing_is_held_for_those_who_are_gone(template: Path, tmp_path: Path) -> None:
    target = Target()
    hasty = dict.fromkeys(("FIRST_BYTE", "HEAD", "BODY", "KEEP_ALIVE"), "1")
    environment = {f"DRAGOMAN_{name}_SECONDS": value for name, value in hasty.items()} | settings(target)
    with start(tmp_path, template, **environment) as server, login(server) as api, target.up():
        register(api, target)

        def now() -> Held:
            return held(server.process.pid, server.port)

        _traffic(server, 2)
        until(lambda: now().connections <= 2)
        before = now()
        _traffic(server, rounds(8))

        def is_as_before() -> bool:
            after = now()
            return (
                after.connections <= 2
                and after.files <= before.files + SPARE_FILES
                and after.threads <= before.threads + SPARE_THREADS
                and after.tasks <= before.tasks + SPARE_TASKS
            )

        until(is_as_before)
        assert target.told
        log = server.log.read_text()
    assert "Traceback" not in log

"""A migration that is killed before one of its statements, in a process of its own."""

import os
import signal
from multiprocessing import get_context
from typing import Any

from sqlalchemy import Engine, event

from core.storage import open_store
from core.tables.schema import upgrade

#: forks from one that has imported all this: a kill costs the migration and nothing else
_processes = get_context("forkserver")
_processes.set_forkserver_preload([__name__, "alembic.command", "core.tables.schema", "core.engine"])

COMMIT = "COMMIT"


def watch(told: Any) -> None:
    """`told` is called with each statement before it is carried out, and before what they did is kept."""
    event.listen(Engine, "before_cursor_execute", lambda _c, _cursor, statement, *_: told(statement))
    event.listen(Engine, "commit", lambda _: told(COMMIT))


def _migrate(url: str, left: int) -> None:
    def told(statement: str) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    watch(told)
    upgrade(open_store(url))


def migrate(url: str, statements: int) -> int:
    """The status with which a migration ends that gets no further than so many statements."""
    process = _processes.Process(target=_migrate, args=(url, statements))
    process.start()
    process.join()
    assert process.exitcode is not None
    status: int = process.exitcode
    process.close()
    return status


def _list(url: str, pipe: Any) -> None:
    statements: list[str] = []
    watch(statements.append)
    upgrade(open_store(url))
    pipe.send(statements)


def statements_of(url: str) -> list[str]:
    """All of a migration, which is carried out."""
    here, there = _processes.Pipe()
    process = _processes.Process(target=_list, args=(url, there))
    process.start()
    statements: list[str] = here.recv()
    process.join()
    process.close()
    here.close()
    there.close()
    return statements

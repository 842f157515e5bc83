"""A copy of a SQLite database, whether a gateway works with it or not."""

import errno
import os
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from core.storage.revision import current
from core.storage.sqlite import SqliteStore
from core.storage.store import Damaged, NoDatabase, StorageError


def back_up(store: SqliteStore, target: Path) -> None:
    """Everything that was acknowledged before is in the copy, and nothing of it by half; the file is there when it has
    been checked and is on the disk. Raises OSError for what is wrong with the target, and StorageError."""
    if current(store) is None:
        raise NoDatabase(f"no database at {store.place}: there are no tables of Dragoman's")
    if not target.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, "there is no such folder", str(target.parent))
    _require_free(target)
    file, name = tempfile.mkstemp(".part", f"{target.name}.", target.parent)  # which nobody else may read
    os.close(file)
    unfinished = Path(name)
    try:
        _copy(store, unfinished, target)
        _sync(unfinished)
        _require_free(target)
        unfinished.rename(target)
    except BaseException:
        unfinished.unlink()
        raise
    _sync(target.parent)


def _require_free(target: Path) -> None:
    if target.exists():
        raise FileExistsError(errno.EEXIST, "there is a file already", str(target))


def _copy(store: SqliteStore, file: Path, target: Path) -> None:
    source = store.connect()
    try:
        with closing(sqlite3.connect(file, isolation_level=None)) as copy:
            source.copy_to(copy)
            copy.execute("PRAGMA journal_mode=DELETE")  # a file with nothing beside it
            (result,) = copy.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.Error as error:
        raise StorageError(f"cannot write {target}: {error}") from error
    finally:
        source.close()
    if result != "ok":
        reason = " ".join(line for line in result.splitlines() if not line.startswith("***"))
        raise Damaged(f"{store.place} is damaged: {reason}")


def _sync(path: Path) -> None:
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)

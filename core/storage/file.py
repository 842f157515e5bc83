"""The file of a SQLite database: made for its owner alone, and held by one process, whatever name it is opened by."""

import errno
import fcntl
import logging
import os
import stat
import struct
from pathlib import Path

from core.storage.store import StorageError, StoreInUse

log = logging.getLogger("dragoman.storage")

#: where in the file the lock is, which is beyond all that SQLite reads, writes or locks; its length is the process id
PLACE = 2**62
#: struct flock
_LOCK = struct.Struct("hhqqi0q")

#: the files that this process holds, by device and inode
_held: set[tuple[int, int]] = set()


class HeldFile:
    """A database file that nobody else opens for writing as long as this is open.

    There are two locks. The one on `PATH.lock` keeps out those who come by the same path. The other one is on the
    database itself: it keeps out who comes by a hard link, or when somebody has removed `PATH.lock`. It is of the kind
    that belongs to the open file and not to the process: those that SQLite takes are lost when any other descriptor of
    the file is closed, which is also why this one has to be closed last.
    """

    def __init__(self, path: Path, place: str) -> None:
        """`place` is how its owner calls it. Raises StoreInUse, and OSError for what the system says."""
        self.path = path
        self._place = place
        _make_folder(path.parent)
        self._beside = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            self._hold_beside()
            self._hold()
        except BaseException:
            os.close(self._beside)
            raise
        os.truncate(self._beside, 0)
        os.write(self._beside, str(os.getpid()).encode())

    def _hold_beside(self) -> None:
        try:
            fcntl.flock(self._beside, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise self._in_use(os.read(self._beside, 20).decode("ascii", "replace").strip()) from None

    def _hold(self) -> None:
        try:
            known = os.stat(self.path)
            if (known.st_dev, known.st_ino) in _held:  # to open and close it would take SQLite's locks away
                raise self._in_use(str(os.getpid()))
        except FileNotFoundError:
            pass
        file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if owner := _lock(file):
                raise self._in_use(str(owner))
            known = os.fstat(file)
        except BaseException:
            os.close(file)
            raise
        self._file = file
        self._identity = known.st_dev, known.st_ino
        _held.add(self._identity)

    def _in_use(self, owner: str) -> StorageError:
        return StoreInUse(
            f"{self._place} is in use by process {owner or 'unknown'}. One process owns a SQLite file; "
            "use PostgreSQL to run several.",
            self.path,
        )

    @property
    def is_in_place(self) -> bool:
        """Does the path still lead to this file?"""
        try:
            known = os.stat(self.path)
        except OSError:
            return False
        return (known.st_dev, known.st_ino) == self._identity

    def close(self) -> None:
        """When all connections to the database are closed."""
        _held.discard(self._identity)
        os.close(self._file)
        os.close(self._beside)


def concerns(path: Path, place: str) -> list[str]:
    """What an operator may want to change about a database file."""
    sentences = []
    known, folder = path.stat(), path.parent.stat()
    if known.st_mode & stat.S_IRWXO and folder.st_mode & stat.S_IXOTH:
        sentences.append(
            f"{place} is open to every account of this machine (mode {known.st_mode & 0o777:o}), and digests of "
            f"passwords and keys are in it: chmod o= {place}*"
        )
    if known.st_nlink > 1:
        sentences.append(
            f"{place} has {known.st_nlink} names (hard links): use it by this one only, what was written last is in "
            "a file beside it"
        )
    return sentences


def _make_folder(folder: Path) -> None:
    missing = [parent for parent in (folder, *folder.parents) if not parent.exists()]
    for parent in reversed(missing):
        parent.mkdir(mode=0o700, exist_ok=True)


def _lock(file: int) -> int:
    """Take the lock on the database; returns 0, or which process has it."""
    if not hasattr(fcntl, "F_OFD_SETLK"):  # not Linux: the other lock has to do
        return 0
    ours = _LOCK.pack(fcntl.F_WRLCK, os.SEEK_SET, PLACE, os.getpid(), 0)
    anybody = _LOCK.pack(fcntl.F_WRLCK, os.SEEK_SET, PLACE, 0, 0)
    while True:
        try:
            fcntl.fcntl(file, fcntl.F_OFD_SETLK, ours)
            return 0
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.EACCES):
                log.debug("this file system has no locks of open files: %s", error.strerror)
                return 0
        kind, _, _, length, _ = _LOCK.unpack(fcntl.fcntl(file, fcntl.F_OFD_GETLK, anybody)[: _LOCK.size])
        if kind != fcntl.F_UNLCK:  # else they have just ended
            return int(length)

"""Where commands find the gateway that has a SQLite file: a socket beside it, which is its owner's alone."""

import os
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from gateway.settings import Settings

#: behind the name of the database file
END = ".admin"
#: the value of the setting with which there is no socket
OFF = "off"
#: seconds for who listens there to show it
PATIENCE = 1.0
#: does the system tell who is at the other end? Else it is nobody
TELLS = hasattr(socket, "SO_PEERCRED")
UNTOLD = -1
#: struct ucred: process, user, group
_PEER = struct.Struct("iII")


def place_for(settings: Settings, database: Path) -> Path | None:
    """None: nobody listens."""
    if settings.admin_socket == OFF:
        return None
    return Path(settings.admin_socket).absolute() if settings.admin_socket else Path(f"{database}{END}")


@contextmanager
def _reachable(path: Path) -> Iterator[str]:
    """The address of a socket has room for a hundred bytes. Where a path is longer, the system may know its folder by a
    shorter name as long as that is open."""
    if len(os.fsencode(path)) < 100 or not hasattr(os, "O_PATH"):
        yield str(path)
        return
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


class NoPlace(Exception):
    """There can be no socket; the text says why."""


def identity(path: Path) -> str:
    """Which file a path leads to. Raises OSError."""
    known = os.stat(path)
    return f"{known.st_dev}:{known.st_ino}"


class Taken:
    """A socket that refuses connections until somebody listens. What is there was left by a process that was killed,
    unless somebody listens there. Raises NoPlace."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            _make_way(path)
            self.socket = _bound(path)
            self._identity = identity(path)
        except OSError as error:
            raise NoPlace(f"{path}: {error.strerror or error}") from None

    def leave(self) -> None:
        """Nobody finds it any more; those who have found it are still there."""
        with suppress(OSError):
            if identity(self.path) == self._identity:
                self.path.unlink()


def _bound(path: Path) -> socket.socket:
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with suppress(OSError):
            os.fchmod(sock.fileno(), 0o600)  # so it is made with this mode, on Linux
        with _reachable(path) as address:
            sock.bind(address)
        os.chmod(path, 0o600)
    except BaseException:
        sock.close()
        raise
    return sock


def _make_way(path: Path) -> None:
    if not path.is_socket():
        return
    try:
        connect(path, PATIENCE).close()
    except TimeoutError:
        pass
    except ConnectionRefusedError:
        path.unlink()
        return
    raise NoPlace(f"{path}: another process listens there")


def connect(path: Path, patience: float) -> socket.socket:
    """Raises OSError."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.settimeout(patience)
    try:
        with _reachable(path) as address:
            sock.connect(address)
    except BaseException:
        sock.close()
        raise
    return sock


def peer(sock: socket.socket) -> tuple[int, int]:
    """(process, user) at the other end."""
    if not TELLS:
        return 0, UNTOLD
    process, user, _ = _PEER.unpack(sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size))
    return process, user


def commanders() -> frozenset[int]:
    """Who may command this process: its own account, and root; nobody else, whatever their rights in the folder. Where
    the system does not tell who it is, the mode of the socket has to do."""
    return frozenset((0, os.geteuid()) if TELLS else (UNTOLD,))


def listens_for(user: int, database: Path) -> bool:
    """May this user hear of passwords: the owner of the database, root, or who tells them? In a folder where everybody
    may make a socket somebody else may have been quicker."""
    return user in (0, os.geteuid(), os.stat(database).st_uid)


def listener(sock: socket.socket, path: Path) -> int:
    """The user who listens at the other end."""
    user = peer(sock)[1]
    return os.stat(path).st_uid if user == UNTOLD else user

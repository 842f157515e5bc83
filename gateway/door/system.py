"""What the operating system tells about files and sockets."""

import fcntl
import resource
import sys
import termios
from typing import Any

#: files that the gateway itself keeps open: databases, logs, threads, connections to others
OWN_FILES = 64


def files_for_connections() -> int:
    """How many connections this process may have files for."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    # an eighth is for those who are being turned away
    return 2**31 if soft == resource.RLIM_INFINITY else max(soft - OWN_FILES, soft // 2) * 8 // 9


def unsent(sock: Any) -> int:
    """The bytes that the system holds for a peer that has not taken them; 0 where it does not tell."""
    try:
        return int.from_bytes(fcntl.ioctl(sock.fileno(), termios.TIOCOUTQ, b"\0\0\0\0"), sys.byteorder)
    except (OSError, AttributeError):
        return 0

"""Who comes is let in: many in a round of the event loop.

uvloop's own server accepts one connection in a round. A busy gateway, with rounds of 20 ms, would let in 50 in a
second, and all others would wait in the system, where nobody counts them, and be dropped once its queue is full.
"""

import asyncio
import socket
from collections.abc import Callable

#: connections that are accepted in a round
MOST = 512
#: seconds until it is tried again, when there are no more files
PAUSE = 0.5


class Listener:
    """`room` is how many more connections there is place for. Beyond it they come one by one, so that what those before
    have sent is seen before one of them has to give way. Whom `lets_in` refuses hears no more than it says."""

    def __init__(
        self,
        sock: socket.socket,
        backlog: int,
        connected: Callable[[], asyncio.Protocol],
        room: Callable[[], int],
        lets_in: Callable[[socket.socket], bool] | None = None,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._sock = sock
        self._connected = connected
        self._room = room
        self._lets_in = lets_in
        self._coming: set[asyncio.Task[None]] = set()
        self._pause: asyncio.TimerHandle | None = None
        sock.listen(backlog)
        sock.setblocking(False)
        self._loop.add_reader(sock, self._accept)

    def _accept(self) -> None:
        room = self._room() - len(self._coming)
        for _ in range(min(MOST, room) if room > 0 else 0 if self._coming else 1):
            try:
                connection, _ = self._sock.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError:  # no more files, no memory: they wait in the system
                self._loop.remove_reader(self._sock)
                self._pause = self._loop.call_later(PAUSE, self._go_on)
                return
            if self._lets_in is not None and not self._lets_in(connection):
                connection.close()
                continue
            task = self._loop.create_task(self._let_in(connection))
            self._coming.add(task)
            task.add_done_callback(self._coming.discard)

    def _go_on(self) -> None:
        self._pause = None
        self._loop.add_reader(self._sock, self._accept)

    async def _let_in(self, connection: socket.socket) -> None:
        try:
            connection.setblocking(False)
            if connection.family != socket.AF_UNIX:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await self._loop.connect_accepted_socket(self._connected, connection)
        except OSError:  # gone already
            connection.close()

    async def close(self) -> None:
        """Afterwards nobody comes in; those who had come are."""
        if self._pause is None:
            self._accept()
            self._loop.remove_reader(self._sock)
        else:
            self._pause.cancel()
        self._sock.close()
        while self._coming:
            await asyncio.wait(self._coming)

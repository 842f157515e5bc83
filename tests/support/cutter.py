"""A wire between a gateway and a server of PostgreSQL that is cut at a commit."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum

COMMIT = b"COMMIT\0"


class Cut(StrEnum):
    BEFORE = "the server never gets it"
    AFTER = "the server gets it, its answer is lost"


class Cutter:
    """Leads from a port of its own to another one."""

    def __init__(self, port: int, to: int) -> None:
        self.port = port
        self.happened = threading.Event()
        self._to = to
        #: what comes of the next commit
        self._armed: Cut | None = None
        self._listening = socket.create_server(("127.0.0.1", port))
        self._ends: set[socket.socket] = set()
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def arm(self, cut: Cut) -> None:
        self.happened.clear()
        self._armed = cut

    def close(self) -> None:
        for end in (self._listening, *self._ends):
            _shut(end)
        for thread in self._threads:
            thread.join()
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._lead, args=(client,))
            self._threads.append(thread)
            thread.start()

    def _lead(self, client: socket.socket) -> None:
        with client:
            try:
                server = socket.create_connection(("127.0.0.1", self._to))
            except OSError:
                return
            with server:
                self._ends |= {client, server}
                answers = threading.Thread(target=_pass_on, args=(server, client))
                answers.start()
                with suppress(OSError):
                    self._ask(client, server)
                with suppress(OSError):
                    server.shutdown(socket.SHUT_WR)
                answers.join()
                self._ends -= {client, server}

    def _ask(self, client: socket.socket, server: socket.socket) -> None:
        while data := client.recv(65536):
            cut = None
            if COMMIT in data:
                cut, self._armed = self._armed, None
            if cut is not Cut.BEFORE:
                server.sendall(data)
            if cut is not None:
                _shut(client)
                self.happened.set()
                return


def _pass_on(server: socket.socket, client: socket.socket) -> None:
    with suppress(OSError):
        while data := server.recv(65536):
            client.sendall(data)
    _shut(client)


def _shut(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)


@contextmanager
def wire(port: int, to: int) -> Iterator[Cutter]:
    cutter = Cutter(port, to)
    try:
        yield cutter
    finally:
        cutter.close()

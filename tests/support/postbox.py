"""Mail servers: one that takes mails, one that accepts connections and never says a word."""

import asyncio
import select
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP as POLICY
from typing import Any

from aiosmtpd.controller import Controller

from tests.support.server import reserve


class _Controller(Controller):
    """On a socket that is there already."""

    def __init__(self, handler: Any, sock: socket.socket) -> None:
        host, port = sock.getsockname()
        super().__init__(handler, hostname=host, port=port, loop=asyncio.new_event_loop())
        self._sock = sock

    def _create_server(self) -> Any:
        return self.loop.create_server(self._factory_invoker, sock=self._sock)


@dataclass
class Postbox:
    """`answers` are what the next recipients are told instead of being taken."""

    reserved: socket.socket = field(default_factory=reserve)
    mails: list[EmailMessage] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"smtp://127.0.0.1:{self.reserved.getsockname()[1]}"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        self.asked.append(address)
        if self.answers:
            return self.answers.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        mail = message_from_bytes(envelope.content, policy=POLICY)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 OK"

    @contextmanager
    def up(self) -> Iterator["Postbox"]:
        controller = _Controller(self, self.reserved)
        controller.start()
        try:
            yield self
        finally:
            controller.stop()


@dataclass
class DeadServer:
    """Takes connections, and that is all."""

    listening: socket.socket
    taken: list[socket.socket] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"smtp://127.0.0.1:{self.listening.getsockname()[1]}"

    def accept(self) -> None:
        """Wait for one more."""
        self.taken.append(self.listening.accept()[0])

    @property
    def still_asked(self) -> int:
        """How many of the connections wait for a word: the other side has not closed them."""
        closed, _, _ = select.select(self.taken, (), (), 0)
        return len(self.taken) - len(closed)


@contextmanager
def dead_server() -> Iterator[DeadServer]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        dead = DeadServer(listening)
        try:
            yield dead
        finally:
            for connection in dead.taken:
                connection.close()

"""Recordings that are files, of exchanges that a test has."""

import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from gateway.server import bind
from gateway.traffic.exchange import Exchange
from gateway.traffic.labels import Named
from gateway.traffic.redaction import Redactor, key_beside
from gateway.traffic.writer import Writer


def write(path: Path, exchanges: Iterable[Exchange], *, redacted: bool = False, port: int = 0) -> Path:
    """As `dragoman record` writes it."""
    about = {"scheme": "http", "host": "127.0.0.1", "port": str(port)} if port else {}
    redactor = Redactor(key_beside(path)) if redacted else None
    beside = [redactor.save] if redactor else []
    with Writer(path, source="a test", about=about, labels=Named(), beside=beside) as writer:
        for exchange in exchanges:
            writer.put(redactor.exchange(exchange) if redactor else exchange, wait=True)
    return path


@contextmanager
def served(app: ASGIApp) -> Iterator[str]:
    """On a real port, in a thread."""
    with bind("127.0.0.1", 0) as sock:
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]})
        thread.start()
        try:
            while not server.started:
                time.sleep(0.01)
            yield f"http://127.0.0.1:{sock.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()

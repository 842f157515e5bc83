"""Recorders in processes of their own, and a server for them to record."""

import http.server
import json
import re
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.forks import Fork


class _Old(http.server.BaseHTTPRequestHandler):
    """Hands out a ticket for a password, and tells who asks with it what they said."""

    protocol_version = "HTTP/1.1"
    server_version = "OldServer/1.0"

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        said = {"ticket": "0123456789abcdef0123456789abcdef"} if self.path == "/login" else {"said": body.decode()}
        text = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def old_server() -> Iterator[str]:
    """Its address."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Old) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@dataclass
class Recorder:
    url: str
    process: Fork

    def stop(self, how: signal.Signals = signal.SIGTERM) -> tuple[int, str, str]:
        """(the exit status, what it printed after it began, what it said on standard error)."""
        self.process.send_signal(how)
        out, err = self.process.communicate()
        return self.process.wait(), out, err


@contextmanager
def recorder(file: Path, upstream: str, *arguments: str) -> Iterator[Recorder]:
    record = ("record", str(file), "--upstream", upstream, "--port", "0", *arguments)
    process = Fork(*record, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        match = re.fullmatch(r"recording on (http://\S+)\n", line)
        assert match, line + (process.communicate()[1] if process.poll() is not None else "")
        yield Recorder(match[1], process)
    finally:
        process.kill()
        process.communicate()

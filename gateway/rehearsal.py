"""The tour's last chapter: a conversation is recorded, replayed to a server that differs in one value, and the report
shows that one.

What stands for the new server is the same gateway behind a proxy that changes the name of one task on its way.
"""

import re
import subprocess
import sys
import tempfile
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from gateway.exits import Failed

OLD, NEW = '"name":"', '"name":"Planted: '
PATIENCE = 30


class RehearsalFailed(Failed):
    """A command did something else than the tour expects."""


def rehearse(url: str, ask: Callable[[str], None]) -> None:
    """`ask` asks a server at an address for some things that change nothing. Raises RehearsalFailed."""
    with tempfile.TemporaryDirectory(prefix="dragoman-rehearsal-") as folder:
        file = Path(folder, "old.rec")
        with _recorder(file, url) as recorder:
            ask(recorder)
        print("$ dragoman recording show old.rec")
        shown = _run("recording", "show", str(file), status=0)
        print(shown)
        # of Basic it is the password
        marks = sorted(set(re.findall(r"redacted-[0-9a-f]{16}", shown)))
        secrets = [part for mark in marks for part in ("--secret", f"{mark}=demo")]
        with _proxy(url) as target:
            print(f"$ dragoman replay old.rec --target {target} --secret ...=demo --fail-on suspicious")
            replay = ["replay", str(file), "--target", target, *secrets, "--fail-on", "suspicious"]
            said = _run(*replay, status=1)
    print(said)
    if "Planted: " not in said:
        raise RehearsalFailed("the report does not show the planted difference")


def _run(*arguments: str, status: int) -> str:
    """What a command prints."""
    done = subprocess.run([sys.executable, "-m", "gateway", *arguments], capture_output=True, text=True)
    if done.returncode != status:
        raise RehearsalFailed(f"dragoman {arguments[0]} ended with {done.returncode}: {done.stderr[-500:]}")
    return done.stdout.rstrip()


@contextmanager
def _recorder(file: Path, url: str) -> Iterator[str]:
    """The address of one that records what the server is asked."""
    command = [sys.executable, "-m", "gateway", "record", str(file), "--upstream", url, "--port", "0"]
    print(f"$ dragoman record old.rec --upstream {url}")
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        told = process.stdout.readline().strip()
        if not told.startswith("recording on "):
            raise RehearsalFailed(f"the recorder ended with status {process.wait()}")
        yield told.removeprefix("recording on ")
    finally:
        process.terminate()
        process.communicate()


@contextmanager
def _proxy(url: str) -> Iterator[str]:
    """The address of one that changes the first name in each answer that has a single task."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._pass_on()

        def do_POST(self) -> None:
            self._pass_on()

        def _pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))) or None
            sent = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "connection")}
            request = urllib.request.Request(url + self.path, body, sent, method=self.command)
            try:
                with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                    status, headers, said = answer.status, answer.headers, answer.read()
            except urllib.error.HTTPError as error:
                status, headers, said = error.code, error.headers, error.read()
            except (OSError, HTTPException):
                self.close_connection = True
                return
            if self.command == "GET":
                said = said.replace(OLD.encode(), NEW.encode(), 1)
            self.send_response(status)
            for name, value in headers.items():
                if name.lower() not in ("content-length", "connection", "date", "server"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()

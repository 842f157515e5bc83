"""Logs on standard error: text for people at a terminal, JSON for programs.

They never hold bodies, queries, credentials or cookies.
"""

import logging
import os
import re
import sys
from collections.abc import Callable
from contextvars import Context, ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol, TextIO

import orjson

from gateway.lines import Lines

request_id: ContextVar[str] = ContextVar("request_id", default="")

_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}
_DIM, _RED, _GREEN, _YELLOW, _CYAN = "2", "31", "32", "33", "36"
#: the colour of an answer by the first digit of its status
_STATUS = {2: _GREEN, 3: _CYAN, 4: _YELLOW, 5: _RED}


class RequestLine(Protocol):
    def __call__(self, method: str, path: str, *, status: int, dialect: str, operation: str, ms: float) -> str: ...


def _timestamp(seconds: float | None = None) -> str:
    moment = datetime.now(UTC) if seconds is None else datetime.fromtimestamp(seconds, UTC)
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


class JsonFormatter(logging.Formatter):
    """One JSON object a line, whoever logged it; the standard library's own loggers included."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "event": record.getMessage(),
            "level": record.levelname.lower(),
            "timestamp": _timestamp(record.created),
            "logger": record.name,
        }
        if current := request_id.get():
            line["request_id"] = current
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return orjson.dumps(line, default=str).decode()


def _json_request(method: str, path: str, *, status: int, dialect: str, operation: str, ms: float) -> str:
    line = {
        "event": "request",
        "level": "info",
        "timestamp": _timestamp(),
        "request_id": request_id.get(),
        "method": method,
        "path": path,
        "status": status,
        "dialect": dialect,
        "operation": operation,
        "ms": ms,
    }
    return orjson.dumps(line, default=str).decode()


class TextFormatter(logging.Formatter):
    """The local time, the level if it is worth it, the text on one line; a traceback below it."""

    def __init__(self, *, colour: bool) -> None:
        super().__init__()
        self._colour = colour

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created).strftime("%H:%M:%S")
        level = ""
        if record.levelno != logging.INFO:
            colour = _RED if record.levelno >= logging.ERROR else _YELLOW if record.levelno > logging.INFO else _DIM
            level = self._in(colour, record.levelname.lower()) + ": "
        line = f"{self._in(_DIM, moment)}  {level}{_printable(record.getMessage())}"
        if record.exc_info:
            line += "\n" + self.formatException(record.exc_info)
        return line

    def request(self, method: str, path: str, *, status: int, dialect: str, operation: str, ms: float) -> str:
        moment = self._in(_DIM, datetime.now().strftime("%H:%M:%S"))
        answered = self._in(_STATUS.get(status // 100, _RED), str(status))
        about = self._in(_DIM, " ".join(filter(None, (dialect, operation, f"{ms:g} ms"))))
        return f"{moment}  {answered} {method} {_printable(path)}  {about}"

    def _in(self, colour: str, text: str) -> str:
        return f"\033[{colour}m{text}\033[0m" if self._colour else text


def _printable(text: str) -> str:
    """Nobody who sends a request writes to a terminal of ours, or makes two lines of one."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


#: as tickets, tokens and sessions of all dialects look
_TICKET = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9a-fA-F]{40}|eyJ[\w-]*\.[\w.-]*")


def without_tickets(path: str) -> str:
    """A path that is no operation's, without what a client may have put there by mistake."""
    return _TICKET.sub("{...}", path)


@dataclass(frozen=True, slots=True)
class RequestLog:
    """Writes the lines of requests; by hand, since there is one for every request."""

    line: RequestLine
    lines: Lines

    def __call__(self, method: str, path: str, *, status: int, dialect: str, operation: str, seconds: float) -> None:
        ms = round(seconds * 1000, 2)
        self.lines.write(self.line(method, path, status=status, dialect=dialect, operation=operation, ms=ms) + "\n")


class Handler(logging.StreamHandler[Lines]):
    """Writes what is logged, and what still waits at the end."""

    def close(self) -> None:
        self.stream.close()
        super().close()


def _lost(formatter: logging.Formatter) -> Callable[[int], str]:
    """What stands where lines are missing."""

    def line(count: int) -> str:
        text = f"{count} lines of the log are lost here, since nobody read them"
        record = logging.makeLogRecord({"name": "dragoman.log", "levelno": 30, "levelname": "WARNING", "msg": text})
        return Context().run(formatter.format, record) + "\n"  # whichever request it is noticed in

    return line


def colours(stream: TextIO) -> bool:
    """Not where a program reads, nor for people who do not want them (https://no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def configure(level: str, form: str) -> RequestLog | None:
    """Everything that logs, here or in a library, comes out the same way. `auto` is text on a terminal, else JSON.

    Returns what writes the lines of requests, None if the level leaves them out.
    """
    text = form == "text" or (form == "auto" and sys.stderr.isatty())
    people = TextFormatter(colour=colours(sys.stderr))
    formatter = people if text else JsonFormatter()
    lines = Lines(sys.stderr, _lost(formatter))
    handler = Handler(lines)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(_LEVELS[level])
    for library in ("alembic", "spyne"):  # which say what they do to nobody who serves
        logging.getLogger(library).setLevel(logging.WARNING)
    logging.getLogger("uvicorn").setLevel(max(_LEVELS[level], logging.WARNING))
    return RequestLog(people.request if text else _json_request, lines) if _LEVELS[level] <= logging.INFO else None

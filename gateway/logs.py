"""Structured logs on standard error. They never hold bodies, queries, credentials or cookies."""

import logging
import sys
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

request_id: ContextVar[str] = ContextVar("request_id", default="")

_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}


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


class TextFormatter(logging.Formatter):
    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s %(message)s")


@dataclass
class _State:
    requests: bool = False
    json: bool = True


_state = _State()


def log_request(method: str, path: str, status: int, dialect: str, operation: str, seconds: float) -> None:
    """The line of one request, in the form of the others; written by hand, since there is one for every request."""
    if not _state.requests:
        return
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
        "ms": round(seconds * 1000, 2),
    }
    if _state.json:
        sys.stderr.write(orjson.dumps(line, default=str).decode() + "\n")
    else:
        sys.stderr.write(f"{line['timestamp']} {status} {method} {path!r} {dialect} {operation} {line['ms']} ms\n")


def configure(level: str, form: str) -> None:
    """Everything that logs, here or in a library, comes out the same way."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if form == "json" else TextFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(_LEVELS[level])
    logging.getLogger("alembic").setLevel(logging.WARNING)
    logging.getLogger("uvicorn").setLevel(max(_LEVELS[level], logging.WARNING))
    _state.requests = _LEVELS[level] <= logging.INFO
    _state.json = form == "json"

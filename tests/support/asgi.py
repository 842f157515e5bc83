"""Requests to an ASGI app in this process, byte for byte."""

import base64
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import orjson
from starlette.types import ASGIApp, Message


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    def json(self) -> Any:
        return orjson.loads(self.body)


def basic(user: str, password: str | None = None) -> str:
    return "Basic " + base64.b64encode(f"{user}:{user if password is None else password}".encode()).decode()


async def call(
    app: ASGIApp,
    method: str,
    target: str,
    headers: dict[str, str] | None = None,
    body: bytes | str = b"",
    *,
    user: str = "",
) -> Answer:
    """One exchange. `user` adds Basic credentials whose password is the user's name."""
    sent = {"host": "localhost:8080", **(headers or {})}
    if user:
        sent["authorization"] = basic(user)
    raw = body.encode() if isinstance(body, str) else body
    if raw and "content-length" not in {name.lower() for name in sent}:
        sent["content-length"] = str(len(raw))
    path, _, query = target.partition("?")
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(path),
        "raw_path": path.encode("latin-1"),
        "query_string": query.encode("latin-1"),
        "root_path": "",
        "headers": [(k.lower().encode("latin-1"), v.encode("latin-1")) for k, v in sent.items()],
        "client": ("127.0.0.1", 50000),
        "server": ("localhost", 8080),
        "state": {},
    }
    messages: list[Message] = []
    waiting = [{"type": "http.request", "body": raw, "more_body": False}]

    async def receive() -> Message:
        return waiting.pop() if waiting else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        messages.append(message)

    await app(scope, receive, send)
    start = messages[0]
    received = {k.decode("latin-1"): v.decode("latin-1") for k, v in start["headers"]}
    return Answer(start["status"], received, b"".join(m.get("body", b"") for m in messages[1:]))

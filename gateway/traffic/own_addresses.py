"""Answers in which the old server names its own address: who follows it goes past the recorder."""

import re
import sqlite3

from gateway.traffic.exchange import Exchange, Headers
from gateway.traffic.upstream import Upstream

_LEADING = (b"location", b"content-location")


class OwnAddresses:
    """Counts them, and leads back those that a header sends the client to."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream
        names = {upstream.authority, f"{upstream.authority.removesuffix(f':{upstream.port}')}:{upstream.port}"}
        alternatives = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
        # in JSON the slashes may be escaped
        pattern = rf"(?i)https?:(?:\\?/){{2}}(?:{alternatives})(?![\w.:-])".encode()
        self._pattern = re.compile(pattern)
        self.answers = 0
        self.first = 0

    def led_back(self, headers: Headers, host: bytes) -> Headers:
        """`host` is how the client calls the recorder."""
        if not host:
            return headers
        return tuple(
            (
                name,
                self._pattern.sub(b"http://" + host.replace(b"\\", b""), value) if name.lower() in _LEADING else value,
            )
            for name, value in headers
        )

    def look(self, _: sqlite3.Connection, exchange: Exchange) -> None:
        """At an exchange that is being written."""
        answer = exchange.response
        if answer is None:
            return
        if self._pattern.search(answer.body) or any(self._pattern.search(value) for _, value in answer.headers):
            self.answers += 1
            self.first = self.first or exchange.number

    @property
    def told(self) -> str:
        """For whoever recorded; "" if there is nothing to tell."""
        if not self.answers:
            return ""
        many = f"{self.answers} answers name" if self.answers > 1 else "1 answer names"
        return f"{many} {self._upstream.url} (first: exchange {self.first}): who goes there is not recorded"

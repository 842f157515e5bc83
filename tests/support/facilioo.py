"""A client of facilioo on a real port, logged in."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import httpx2

#: what a new process has to have
NEW = {"report": "<p>Cold.</p>", "contactId": 4422685, "typeId": 3, "unitId": 9001}


class Reachable(Protocol):
    @property
    def url(self) -> str: ...


@contextmanager
def login(server: Reachable, user: str = "admin") -> Iterator[httpx2.Client]:
    headers = {"api-version": "2.0", "Accept": "application/json"}
    with httpx2.Client(base_url=server.url, headers=headers, timeout=None) as api:
        credentials = {"email": f"{user}@example.com", "password": user, "skipMultiFactorAuthentication": False}
        answer = api.post("/api/auth/login", json=credentials)
        assert answer.status_code == 200
        assert answer.json()["account"]["id"] > 0
        api.headers["Authorization"] = f"Bearer {answer.json()['accessToken']}"
        yield api

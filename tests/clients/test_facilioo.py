"""Clients of facilioo as they are out there, on a real port: what they send, and what they read of the answers."""

import base64
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.support.facilioo import NEW, login
from tests.support.forks import run
from tests.support.server import Server, start

TOKEN = "eyJhbGciOiJSUzI1NiJ9.e30.c29tZWJvZHkgZWxzZSBzaWduZWQgdGhpcw"


@pytest.fixture(scope="module")
def served(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """With a token that was configured by hand: one that another system once signed."""
    folder = tmp_path_factory.mktemp("facilioo")
    (folder / "server.db").write_bytes(template.read_bytes())
    run("token", "add", "jdoe", "--text", TOKEN, "--database-url", f"sqlite:///{folder}/server.db").check_returncode()
    with start(folder) as server:
        yield server


class Dashboard:
    """Pulls everything about once a minute, with a static token and no version, and compares with what it had."""

    def __init__(self, server: Server) -> None:
        headers = {"Authorization": f"Bearer {TOKEN}", "Accept": "application/json"}
        self.api = httpx2.Client(base_url=server.url, headers=headers, timeout=None)

    def pages(self, path: str, size: int = 100) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        page = 1
        while True:
            answer = self.api.get(path, params={"pageNumber": page, "pageSize": size})
            assert answer.status_code == 200
            body = answer.json()
            found += body["items"]
            if page >= body["totalPages"] or not body["items"]:
                return found
            page += 1

    def pull(self) -> dict[int, str]:
        """Tickets of the property that the other system calls 4711: id -> when it was last changed."""
        mine = [p for p in self.pages("/api/properties") if (p["externalId"] or "").isdigit()]
        assert [p["externalId"] for p in mine] == ["4711"]
        return {t["id"]: t["lastModified"] for t in self.pages(f"/api/properties/{mine[0]['id']}/processes", 2)}


def status_of(ticket: dict[str, Any]) -> str:
    """As that client reads it."""
    if ticket.get("deleted"):
        return "deleted"
    return "finished" if ticket.get("isFinished") in (True, "true") else "open"


def test_a_dashboard_that_polls_sees_what_changed(served: Server) -> None:
    with login(served, "admin") as api:
        house = api.post("/api/properties", json={"name": "Elsewhere", "number": "PLS23", "externalId": "4711"}).json()
        unit = api.post("/api/units", json={"name": "1. OG", "propertyId": house["id"]}).json()["id"]
        made = [api.post("/api/processes", json={**NEW, "unitId": unit}).json()["id"] for _ in range(5)]
        dashboard = Dashboard(served)
        first = dashboard.pull()
        assert list(first) == made
        assert dashboard.pull() == first, "nothing changed"
        api.patch(f"/api/processes/{made[0]}", json={"isFinished": True})
        api.delete(f"/api/processes/{made[1]}")
        second = dashboard.pull()
        assert {id for id in made if second[id] != first[id]} == set(made[:2])
        tickets = {t["id"]: status_of(t) for t in dashboard.pages(f"/api/properties/{house['id']}/processes")}
        assert list(tickets.values()) == ["finished", "deleted", "open", "open", "open"]
        dashboard.api.close()


def test_a_client_that_logs_in_before_each_cycle(served: Server) -> None:
    """Names of parameters in capitals; it stops on `hasNextPage`."""
    seen = []
    for _ in range(2):
        with login(served, "jdoe") as api:
            page, ids = 1, []
            while True:
                body = api.get("/api/user-tasks", params={"PageNumber": page, "PageSize": 2}).json()
                ids += [item["id"] for item in body["items"]]
                if not body["hasNextPage"]:
                    break
                page += 1
            assert len(ids) == body["totalCount"] == len(set(ids))
            seen.append(ids)
            me = api.get("/api/accounts/myself").json()["id"]
            assert api.get(f"/api/accounts/{me}").json()["email"] == "jdoe@example.com"
    assert seen[0] == seen[1]


def test_a_user_who_may_not_keeps_his_token(served: Server) -> None:
    with login(served, "testuser") as api:
        assert api.post("/api/processes", json=NEW).status_code == 403
        assert api.get("/api/processes").status_code == 200


def test_tokens_say_who_and_can_be_checked_by_whoever_has_the_key(served: Server) -> None:
    with login(served, "jdoe") as api:
        head, payload, _ = api.headers["Authorization"].removeprefix("Bearer ").split(".")
        claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
        assert json.loads(base64.urlsafe_b64decode(head + "==")) == {"typ": "JWT", "alg": "RS256"}
        assert claims["sub"] == {"accountId": 5, "companyId": 2}
        assert claims["exp"] - claims["nbf"] == 3600
        refresh = {"email": "jdoe@example.com", "password": "jdoe"}
        pair = api.post("/api/auth/login", json=refresh).json()
        again = httpx2.post(f"{served.url}/api/auth/refresh", json={"refreshToken": pair["refreshToken"]}, timeout=None)
        assert again.json()["account"] == {"id": 5}
        spent = httpx2.post(f"{served.url}/api/auth/refresh", json={"refreshToken": pair["refreshToken"]}, timeout=None)
        assert spent.status_code == 401, "a refresh token is good for once"
        by_header = {"Authorization": f"Bearer {again.json()['refreshToken']}"}
        assert httpx2.post(f"{served.url}/api/auth/refresh", headers=by_header, timeout=None).status_code == 200
        assert api.get("/api/processes", headers=by_header).status_code == 401, "a refresh token opens nothing else"


def test_of_many_who_finish_one_task_one_does(served: Server) -> None:
    with login(served, "jdoe") as api:
        task = api.post("/api/user-tasks", json={"subject": "Once"}).json()["id"]
        token = api.headers["Authorization"]

        def finish(_: int) -> int:
            answer = httpx2.patch(
                f"{served.url}/api/user-tasks/{task}", json={"isFinished": True}, headers={"Authorization": token}
            )
            return answer.status_code

        with ThreadPoolExecutor(6) as pool:
            statuses = sorted(pool.map(finish, range(6)))
        assert statuses[0] == 200
        assert set(statuses) <= {200, 409}
        assert api.get(f"/api/user-tasks/{task}").json()["isFinished"] is True

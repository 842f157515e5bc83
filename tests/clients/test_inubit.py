"""What clients of INUBIT do, on a real port: the checks that a legacy client would fail on."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest

from gateway import demo
from tests.support.server import Server
from tests.support.server import start as start_server

STARTER = f"/ibis/rest/task/adhoc/testuser/{demo.STARTER[:8]}-{demo.STARTER[8:12]}-{demo.STARTER[12:16]}"
STARTER += f"-{demo.STARTER[16:20]}-{demo.STARTER[20:]}"
#: what a monitoring client sends with everything
ACCEPT = "application/json, application/xml;q=0.9, */*;q=0.8"
SORTED = (
    "<TaskListRequest><Sorting><SortField><Field>NAME</Field><Order>{}</Order></SortField></Sorting></TaskListRequest>"
)


@pytest.fixture(scope="module")
def own(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Not the one that others count tasks in."""
    with start_server(tmp_path_factory.mktemp("inubit"), template) as server:
        yield server


def client(own: Server, user: str = "testuser", **headers: str) -> httpx2.Client:
    return httpx2.Client(
        base_url=own.url, auth=(user, user), headers={"accept": "application/xml", **headers}, timeout=None
    )


def start(api: httpx2.Client) -> str:
    answer = api.post(STARTER)
    assert answer.status_code == 201
    assert answer.headers["content-type"] == "application/plain"
    assert re.fullmatch(r"[0-9a-f-]{36}", answer.text)
    return answer.text


def test_a_script_starts_a_process_and_finds_its_task(own: Server) -> None:
    with client(own) as api:
        id = start(api)
        task = api.get(f"/ibis/rest/task/tasks/{id}")
        assert 'popup="true" user="testuser"' in task.text
        assert f'id="{id}"' in api.get("/ibis/rest/task/tasks").text
        unknown = api.get("/ibis/rest/task/tasks/10f66801-77e7-4dfa-8f40-0f5039d4552a")
        assert (unknown.status_code, unknown.content) == (200, b"")
        modules = api.get("/ibis/rest/task/adhoc/testuser").text
        listed = re.findall(r'Module id="([^"]*@@@(\d+))"', modules)
        started = {number: api.post(f"/ibis/rest/task/adhoc/testuser/{id}").status_code for id, number in listed}
        assert started == {"140": 201, "204": 204, "500": 500}


def test_a_body_of_a_get_is_read(own: Server) -> None:
    with client(own) as api:
        for name in ("Aal", "Zebra"):
            api.put(f"/ibis/rest/task/tasks/{start(api)}", params={"path": "Name", "value": name})
        for order, first in (("ASCENDING", "Aal"), ("DESCENDING", "Zebra")):
            filtered = {"count": "1", "nameFilter": "a"}
            body = SORTED.format(order)
            answer = api.request("GET", "/ibis/rest/task/taskfilter", params=filtered, content=body)
            assert re.findall(r"<Name[^>]*>(\w+)", answer.text) == [first]
            assert "portletUrl" not in answer.text


def test_errors_come_as_the_client_likes_them_and_lists_as_xml(own: Server) -> None:
    with client(own, accept=ACCEPT) as api:
        assert api.get("/ibis/rest/task/tasks").text.startswith("<Tasklist")
        refused = httpx2.get(f"{own.url}/ibis/rest/task/tasks", headers={"accept": ACCEPT}, timeout=None)
        assert refused.status_code == 401
        assert refused.headers["www-authenticate"] == 'Basic realm="INUBIT"'
        assert refused.json()["path"] == "/rest/task/tasks"
        health = httpx2.get(f"{own.url}/ibis/rest/healthcheck", timeout=None).json()
        assert (health["status"], health["maintenancemode"]) == ("OK", 0)


def test_a_portal_works_for_its_users(own: Server) -> None:
    """A service account lists by roles, locks for a person, and submits with the roles of whoever is in front of it."""
    role = "/Model[@name='Dragoman']/orgRole[@name='Managers']"
    with client(own) as api:
        id = start(api)
        offered = api.get(f"/ibis/rest/task/delegation/{id}", params={"user": "testuser"}).text
        assert role in offered
        passed = api.post(f"/ibis/rest/task/delegation/{id}", params={"user": "testuser", "path": role})
        assert passed.status_code == 204
    standalone = {"portal": "standalone"}
    with client(own, "admin") as portal:
        listed = portal.post("/ibis/rest/task/tasks", params=standalone, json={"roles": ["Managers"]}).text
        assert f'id="{id}"' in listed
        locked = portal.put(f"/ibis/rest/task/tasks/{id}", params={"path": "@locked", "value": "mark", **standalone})
        assert 'locked="mark"' in locked.text
        roles = {"ProcessRoles": "Managers"}
        refused = portal.post(f"/ibis/rest/task/submit/{id}", params=standalone, headers=roles)
        assert refused.status_code == 423
    with client(own, "mark") as mark:
        assert mark.post(f"/ibis/rest/task/submit/{id}").status_code in (201, 204)


@pytest.mark.parametrize("verb", ["next", "nextTask"])
def test_many_who_ask_for_the_next_task_get_different_ones(own: Server, verb: str) -> None:
    with client(own) as api:
        ids = {start(api) for _ in range(4)}
        role = "/Model[@name='Dragoman']/orgRole[@name='Managers']"
        for id in ids:
            api.post(f"/ibis/rest/task/delegation/{id}", params={"user": "testuser", "path": role})

    def ask(_: int) -> str:
        with client(own, "james") as api:
            answer = api.get(f"/ibis/rest/task/{verb}")
            assert answer.status_code == 200
            return "".join(re.findall(r'<Task id="([^"]*)"', answer.text))

    with ThreadPoolExecutor(8) as pool:
        got = [id for id in pool.map(ask, range(12)) if id]
    assert len(got) == len(set(got))
    assert ids <= set(got)

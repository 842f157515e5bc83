"""What programs that were written for ProcessMaker do, call by call, against a real port; and many of them at once.

The sequences are those of dossier processmaker.md, section 4.
"""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest

from gateway import demo
from tests.support.leave import ADMIN, ASK, EMPLOYEES, MARY, OFFICE, PROJECT, ROBERT, Leave, serve


@pytest.fixture(scope="module")
def leave(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Leave]:
    # one of the tests tries more wrong passwords than are let in
    with serve(template, tmp_path_factory.mktemp("leave"), DRAGOMAN_LOGIN_FAILURES="0") as server:
        yield server


def test_a_workflow_service_that_uses_all_of_it(leave: Leave) -> None:
    admin, robert = leave.login("admin"), leave.login("robert")
    person = {
        "usr_username": "anna@example.com", "usr_firstname": "Anna", "usr_lastname": "Adams",
        "usr_email": "anna@example.com", "usr_due_date": "2090-01-01", "usr_status": "ACTIVE",
        "usr_role": "PROCESSMAKER_OPERATOR", "usr_new_pass": "secret",
    }  # fmt: skip
    uid = admin.ask("POST", "/users", person, status=201)["USR_UID"]
    again = admin.ask("POST", "/users", person, status=400)
    assert "already exists" in again["error"]["message"]
    assert admin.ask("GET", "/users?filter=anna@example.com")[0]["usr_uid"] == uid
    assert admin.ask("PUT", f"/users/{uid}", {"usr_lastname": "Abel"}) is None
    group = next(g for g in admin.ask("GET", "/groups?filter=empl&start=0&limit=5") if g["grp_title"] == "Employees")
    assert admin.ask("POST", f"/group/{group['grp_uid']}/user", {"usr_uid": uid}, status=201) is None
    assert uid in [u["usr_uid"] for u in admin.ask("GET", f"/group/{EMPLOYEES}/users")]

    start = {"pro_uid": PROJECT, "tas_uid": ASK, "usr_uid": MARY, "variables": [{"amount": "few"}]}
    case = admin.ask("POST", "/cases/impersonate", start)["app_uid"]
    mary = leave.login("mary")
    assert mary.ask("PUT", f"/cases/{case}/route-case", {"del_index": ""}) is None
    state = mary.ask("GET", f"/cases/{case}")
    assert state["app_status"] == "TO_DO"
    assert state["app_init_usr_uid"] == MARY
    office = next(t for t in state["current_task"] if t["tas_uid"] == OFFICE)
    assert office["usr_uid"] == ""
    row = robert.ask("GET", "/cases/unassigned/paged?start=0&limit=10&sort=APP_UPDATE_DATE&dir=DESC")["data"][0]
    assert (row["app_uid"], row["del_index"]) == (case, office["del_index"])
    claim = f"/light/case/{case}/claim?del_index={office['del_index']}"
    assert robert.ask("POST", claim) == {"status": "ok"}
    assert uid in [m["aas_uid"] for m in admin.ask("GET", f"/project/{PROJECT}/activity/{OFFICE}/assignee/all")]
    both = {"usr_uid_source": ROBERT, "usr_uid_target": uid}
    assert admin.ask("PUT", f"/cases/{case}/reassign-case", {**both, "del_index": 3}) is None
    listed = {"cases": [{"APP_UID": case, "DEL_INDEX": "4"}], "usr_uid_target": ROBERT}
    assert json.loads(admin.ask("POST", "/cases/reassign", listed))["cases"][0]["STATUS"] == "SUCCESS"
    assert leave.token("anna@example.com", password="secret").status_code == 200
    assert robert.ask("PUT", f"/cases/{case}/variable?del_index=5", {"amount": "many"}) is None
    assert robert.ask("GET", f"/cases/{case}/variables")["amount"] == "many"
    assert leave.login("mark").ask("GET", f"/cases/{case}/variables", status=403)["error"]["code"] == 403
    robert.ask("PUT", f"/cases/{case}/route-case")
    admin.ask("PUT", f"/cases/{case}/route-case", {"del_index": "2"})
    assert [r["app_tas_title"] for r in admin.ask("GET", f"/cases/paged?search={case}")["data"]] == ["Look"]
    admin.ask("PUT", f"/cases/{case}/route-case")
    done = robert.ask("GET", f"/cases/participated/paged?search={case}")["data"]
    assert [(r["app_status"], r["app_number"]) for r in done] == [("COMPLETED", str(state["app_number"]))]


def test_the_designer_drags_an_assignee(leave: Leave) -> None:
    admin = leave.login("admin")
    base = f"/project/{PROJECT}/activity/{OFFICE}"
    available = admin.ask("GET", f"{base}/adhoc-available-assignee/paged?filter=&start=0&limit=2&type=user")
    uid = available["data"][0]["ada_uid"]
    assert admin.ask("POST", f"{base}/adhoc-assignee", {"ada_uid": uid, "ada_type": "user"}, status=201) is None
    assert [a["ada_uid"] for a in admin.ask("GET", f"{base}/adhoc-assignee/paged")["data"]] == [uid]
    assert admin.ask("GET", f"{base}?filter=properties")["properties"]["tas_type"] == "ADHOC"
    assert admin.ask("DELETE", f"{base}/adhoc-assignee/{uid}") is None
    assert admin.ask("GET", f"{base}?filter=properties")["properties"]["tas_type"] == "NORMAL"
    assert len(admin.ask("GET", f"/group/{EMPLOYEES}/users?start=0&limit=11")) >= 2


def test_a_data_provider_that_pages_in_memory(leave: Leave) -> None:
    mary = leave.login("mary")
    cases = {mary.start(variables=[{"n": str(n)}]) for n in range(30)}
    assert cases <= {row["app_uid"] for row in mary.ask("GET", "/cases/draft")}
    for name in ("", "/participated", "/unassigned", "/paused"):
        assert isinstance(mary.ask("GET", f"/cases{name}"), list)
    one = sorted(cases)[0]
    mary.ask("PUT", f"/cases/{one}/variable", {"n": "x"})
    mary.ask("PUT", f"/cases/{one}/route-case", {"executeTriggersBeforeAssignment": True})
    for uid in cases - {one}:
        assert mary.ask("DELETE", f"/cases/{uid}") is None
    assert not cases & {row["app_uid"] for row in mary.ask("GET", "/cases/draft")}
    assert mary.ask("GET", f"/project/{PROJECT}/activity/{ASK}/steps") == []


def test_an_android_client(leave: Leave) -> None:
    """Variables as an object, so none; numbers parsed from strings."""
    answer = leave.token("mary")
    assert answer.text.startswith('{"access_token"'), "one client looks at nothing else"
    assert answer.json()["expires_in"] == 86400
    refreshed = leave.token("mary", grant_type="refresh_token", refresh_token=answer.json()["refresh_token"])
    mary = leave.client(refreshed)
    (startable,) = [row for row in mary.ask("GET", "/case/start-cases") if row["pro_uid"] == PROJECT]
    wanted = {"pro_uid": PROJECT, "tas_uid": startable["tas_uid"], "variables": {"amount": "many"}}
    case = mary.ask("POST", "/cases", wanted)
    rows = mary.ask("GET", "/cases/participated")
    assert next(int(r["app_number"]) for r in rows if r["app_uid"] == case["app_uid"]) == case["app_number"]
    assert "amount" not in mary.ask("GET", f"/cases/{case['app_uid']}/variables")


def test_the_token_in_other_places(leave: Leave) -> None:
    """A Vue client sends it in the query, a jQuery one in a form."""
    text = leave.login("mary").token
    url = f"{leave.url}/api/1.0/workflow/cases"
    assert leave.http.get(url, params={"access_token": text}).status_code == 200
    posted = leave.http.post(url, data={"access_token": text, "pro_uid": PROJECT, "tas_uid": ASK})
    assert posted.status_code == 200, posted.text
    assert posted.json()["app_number"] > 0


def test_a_browser_fetches_a_token(leave: Leave) -> None:
    page = f"{leave.url}/workflow/oauth2/authorize"
    asked = {"response_type": "code", "client_id": demo.CLIENT_ID, "scope": "*", "state": "xyz"}
    shown = leave.http.get(page, params=asked)
    assert 'name="password"' in shown.text
    form = {**asked, "username": "mary", "password": "mary", "allow": "1"}
    back = leave.http.post(page, data=form, follow_redirects=False)
    assert back.status_code == 302
    code = httpx2.URL(back.headers["location"]).params["code"]
    answer = leave.token("", grant_type="authorization_code", code=code)
    assert answer.status_code == 200, answer.text


# many at once


def test_one_claims(leave: Leave) -> None:
    mary, robert = leave.login("mary"), leave.login("robert")
    for _ in range(5):
        case = mary.start()
        mary.ask("PUT", f"/cases/{case}/route-case")
        path = f"/light/case/{case}/claim?del_index=3"
        with ThreadPoolExecutor(8) as pool:
            asked = [pool.submit(who.ask, "POST", path) for who in (mary, robert) for _ in range(4)]
            said = [future.result()["status"] for future in asked]
        mine = mary.ask("GET", f"/cases/{case}")["current_task"][1]["usr_uid"]
        assert mine in (MARY, ROBERT)
        winner = said[:4] if mine == MARY else said[4:]
        loser = said[4:] if mine == MARY else said[:4]
        assert winner == ["ok"] * 4
        assert loser == ["fail"] * 4


def test_one_routes(leave: Leave) -> None:
    mary = leave.login("mary")
    for _ in range(5):
        case = mary.start()

        def route(_: int, case: str = case) -> tuple[int, str]:
            answer = mary.request("PUT", f"/cases/{case}/route-case", {"del_index": "1"})
            return answer.status_code, answer.text

        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(route, range(8)))
        assert [status for status, _ in answers].count(200) == 1
        refused = {text for status, text in answers if status == 400}
        closed = "This case delegation is already closed or does not exist"
        assert all(closed in text or "Case already routed" in text for text in refused), refused
        tasks = mary.ask("GET", f"/cases/{case}/tasks")
        assert [len(t["delegations"]) for t in tasks] == [1, 1, 1, 0], "routed once"


def test_a_token_ends_in_the_middle(leave: Leave) -> None:
    answer = leave.token("mary")
    mary = leave.client(answer)
    case = mary.start()
    bearer = {"authorization": f"Bearer {mary.token}"}
    ended = leave.http.post(f"{leave.url}/workflow/oauth2/{mary.token}/expire", headers=bearer)
    assert ended.status_code == 200
    refused = mary.ask("PUT", f"/cases/{case}/route-case", status=401)
    assert refused == {"error": {"code": 401, "message": "Unauthorized"}}
    again = leave.token("mary", grant_type="refresh_token", refresh_token=answer.json()["refresh_token"])
    mary = leave.client(again)
    assert mary.ask("GET", f"/cases/{case}")["app_status"] == "DRAFT", "nothing was lost"
    mary.ask("PUT", f"/cases/{case}/route-case")


def test_a_refresh_token_is_worth_one(leave: Leave) -> None:
    refresh = leave.token("mary").json()["refresh_token"]
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(leave.token, "mary", grant_type="refresh_token", refresh_token=refresh) for _ in range(8)]
        answers = [future.result() for future in asked]
    assert sorted(a.status_code for a in answers) == [200, *[400] * 7]
    assert {a.json()["error_description"] for a in answers if a.status_code == 400} == {"Invalid refresh token"}


def test_the_password_grant_is_hammered(leave: Leave) -> None:
    """Wrong passwords and right ones side by side, while others work."""
    mary = leave.login("mary")
    with ThreadPoolExecutor(16) as pool:
        wrong = [pool.submit(leave.token, "mary", password=f"guess {n}") for n in range(40)]
        right = [pool.submit(leave.token, "mary") for _ in range(20)]
        worked = [pool.submit(mary.start) for _ in range(20)]
        assert {w.result().json()["error_description"] for w in wrong} == {"Invalid username and password combination"}
        assert len({r.result().json()["access_token"] for r in right}) == 20
        assert len({w.result() for w in worked}) == 20


def test_a_member_leaves_while_the_case_is_passed_on(leave: Leave) -> None:
    admin = leave.login("admin")
    case = admin.start()
    admin.ask("PUT", f"/cases/{case}/reassign-case", {"usr_uid_source": ADMIN, "usr_uid_target": MARY})
    rows = admin.ask("GET", f"/cases/participated?search={case}")
    assert [(r["usr_uid"], r["previous_usr_uid"], r["del_index"]) for r in rows] == [(MARY, ADMIN, "2")]

"""Projects from BPMN files: named by the settings or imported, and what ProcessMaker's clients do with them."""

from pathlib import Path

import httpx2
import pytest

from gateway.settings import SettingsError, load
from tests.support.cli import dragoman
from tests.support.server import Server, start

UID, ASK_UID = "f" * 32, "e" * 32
BPMN = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="x">
  <bpmn:process id="leave" name="Leave request" isExecutable="false">
    <bpmn:startEvent id="start"/>
    <bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="ask"/>
    <bpmn:task id="ask" name="Ask"/>
    <bpmn:sequenceFlow id="f2" sourceRef="ask" targetRef="decide"/>
    <bpmn:userTask id="decide" name="Decide"/>
    <bpmn:sequenceFlow id="f3" sourceRef="decide" targetRef="end"/>
    <bpmn:endEvent id="end"/>
  </bpmn:process>
</bpmn:definitions>
"""
SETTINGS = f"""
[[processes]]
file = "FILE"
uid = "{UID}"

[processes.activities.ask]
uid = "{ASK_UID}"
assignees = ["admin"]

[processes.activities.decide]
assignees = ["admin", "MARY"]
distribution = "balance"
adhoc_groups = ["Managers"]
"""


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "leave.bpmn").write_text(BPMN)
    text = SETTINGS.replace("FILE", str(tmp_path / "leave.bpmn"))
    (tmp_path / "dragoman.toml").write_text(text)
    return tmp_path


def ask(server: Server, method: str, path: str, token: str, **more: object) -> httpx2.Response:
    headers = {"authorization": f"Bearer {token}"}
    return httpx2.request(
        method, f"{server.url}/api/1.0/workflow{path}", headers=headers, json=more or None, timeout=None
    )


def login(server: Server, client_id: str, secret: str) -> str:
    form = {"grant_type": "password", "scope": "*", "client_id": client_id, "client_secret": secret}
    answer = httpx2.post(
        f"{server.url}/workflow/oauth2/token", json={**form, "username": "admin", "password": "admin"}, timeout=None
    )
    assert answer.status_code == 200, answer.text
    token: str = answer.json()["access_token"]
    return token


def test_a_project_of_the_settings(template: Path, files: Path) -> None:
    from gateway import demo

    config = str(files / "dragoman.toml")
    for round in (1, 2):
        with start(files, template, DRAGOMAN_CONFIG=config) as server:
            token = login(server, demo.CLIENT_ID, demo.CLIENT_SECRET)
            case = ask(server, "POST", "/cases", token, pro_uid=UID, tas_uid=ASK_UID).json()
            assert case["app_number"], case
            assert ask(server, "PUT", f"/cases/{case['app_uid']}/route-case", token).status_code == 200
            tasks = ask(server, "GET", f"/cases/{case['app_uid']}/tasks", token).json()
            decide = next(t for t in tasks if t["tas_title"] == "Decide")
            assert decide["delegations"][0]["usr_uid"], "it goes round"
            base = f"/project/{UID}/activity/{decide['tas_uid']}"
            assert len(ask(server, "GET", f"{base}/assignee", token).json()) == 2, f"start {round} adds nobody twice"
            (group,) = ask(server, "GET", f"{base}/adhoc-assignee", token).json()
            assert group["ada_type"] == "group"


def test_a_project_and_a_client_by_command_line(files: Path, template: Path) -> None:
    (files / "dragoman.toml").unlink()
    (files / "made").mkdir()
    url = f"sqlite:///{files}/made/cli.db"
    to = ("--database-url", url)
    dragoman("user", "add", "admin", "--admin", *to, DRAGOMAN_PASSWORD="admin")
    file = str(files / "leave.bpmn")
    imported = dragoman("process", "import", file, "--uid", UID, *to)
    assert (imported.returncode, imported.stdout) == (0, f"{UID} is version 1 of Leave request\n")
    again = dragoman("process", "import", file, *to)
    assert again.stdout == imported.stdout, "the same file is no new version"
    (files / "leave.bpmn").write_text(BPMN.replace("Decide", "Decision"))
    assert "is version 2 of" in dragoman("process", "import", file, *to).stdout
    listed = dragoman("process", "list", "--activities", *to).stdout
    assert f"{UID}  leave" in listed
    assert "Decision" in listed
    client = dragoman("client", "add", "Legacy", "--redirect-uri", "https://legacy.example.com/back", *to)
    told = dict(line.split("=") for line in client.stdout.split())
    with start(files, files / "made" / "cli.db") as server:
        token = login(server, told["client_id"], told["client_secret"])
        assert ask(server, "GET", f"/project/{UID}", token).status_code == 200


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (('"leave.bpmn"', '"nowhere.bpmn"'), "there is no file "),
        (("activities.ask", "activities.asks"), "there is no user task asks"),
        (('"MARY"', '"nobody"'), "there is no user nobody"),
        (('"Managers"', '"Kings"'), "there is no group Kings"),
    ],
)
def test_a_project_that_cannot_be(template: Path, files: Path, change: tuple[str, str], complaint: str) -> None:
    config = files / "dragoman.toml"
    config.write_text(config.read_text().replace("/leave.bpmn", "/nowhere.bpmn") if "nowhere" in change[1] else
                      config.read_text().replace(*change))  # fmt: skip
    path = files / "db" / "x.db"
    path.parent.mkdir()
    path.write_bytes(template.read_bytes())
    done = dragoman("serve", "--port", "0", "--database-url", f"sqlite:///{path}", DRAGOMAN_CONFIG=str(config))
    assert done.returncode != 0
    assert complaint in done.stderr + done.stdout
    assert "Traceback" not in done.stderr + done.stdout


def test_settings_of_the_wrong_kind(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = files / "dragoman.toml"
    monkeypatch.setenv("DRAGOMAN_CONFIG", str(config))
    assert load().processes[0].activities["decide"].distribution == "balance"
    for wrong in (('"balance"', '"lottery"'), (f'"{UID}"', '"short"'), ("assignees", "asignees")):
        config.write_text(SETTINGS.replace(*wrong))
        with pytest.raises(SettingsError, match=r", line \d+: processes\."):
            load()


def test_documents_that_are_none(files: Path) -> None:
    url = ("--database-url", f"sqlite:///{files}/x.db")
    for text in ("", "<a/>", BPMN.replace("<bpmn:task ", "<bpmn:scriptTask "), BPMN.replace('targetRef="end"', "")):
        (files / "bad.bpmn").write_text(text)
        done = dragoman("process", "import", str(files / "bad.bpmn"), *url)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith("dragoman: ")
        assert "Traceback" not in done.stderr
    wrong_uid = dragoman("process", "import", str(files / "leave.bpmn"), "--uid", "x", *url)
    assert wrong_uid.stderr == "dragoman: x: a uid has 32 hexadecimal digits, in lower case\n"

"""The tour: one task through all five dialects, each request and answer printed.

INUBIT starts an ad hoc process, Camunda's search finds the task, ProcessMaker adds an ad hoc assignee, facilioo shows
the process, infoRouter transfers the task, Camunda completes it, and the history tells who did what, when and how. At
last a look at it is recorded and replayed to a server that differs in one value, and the report shows that one.
"""

import base64
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any

from gateway.about import NAME
from gateway.demo import ACTIVITY, CLIENT_ID, CLIENT_SECRET, PROJECT, TICKET
from gateway.exits import Failed, Unreachable
from gateway.rehearsal import RehearsalFailed, rehearse

DIALECTS = ("inubit", "camunda", "processmaker", "facilioo", "inforouter")
STARTER = "74933f6c-72c6-44c5-9e90-91070f98c7dd"
ROBERT = "ae1e2034be750da53e48582cddc2ebc7"
SHOWN = 1200
#: seconds until a gateway has to answer
PATIENCE = 30
_TOKEN = re.compile(r"[\w-]{36,}(?:\.[\w-]{36,}){2}|\b[0-9a-f]{40}\b")
_HIDDEN = ("authorization",)


class TourFailed(Failed):
    """The gateway answered something else than the tour expects."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: str

    def json(self) -> Any:
        return json.loads(self.body)


def _basic(user: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{user}".encode()).decode()}


class Tour:
    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")

    def title(self, text: str) -> None:
        print(f"\n\033[1m{text}\033[0m" if sys.stdout.isatty() else f"\n== {text}")

    def ask(
        self, method: str, path: str, expected: int, body: Any = None, headers: dict[str, str] | None = None
    ) -> Answer:
        sent = dict(headers or {})
        data = None
        if body is not None:
            data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        print(f"> {method} {path}")
        for name, value in sent.items():
            print(f"> {name}: {value.split()[0] + ' ...' if name.lower() in _HIDDEN else value}")
        if data is not None:
            print(f"> {data.decode()}")
        request = urllib.request.Request(self._url + path, data, sent, method=method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as response:
                answer = Answer(response.status, response.read().decode())
        except urllib.error.HTTPError as error:
            answer = Answer(error.code, error.read().decode())
        except (OSError, HTTPException) as error:
            raise TourFailed(f"{method} {path} was not answered: {getattr(error, 'reason', error)}") from None
        answered = _TOKEN.sub(lambda m: f"{m[0][:12]}...", answer.body)
        print(f"< {answer.status} {answered[:SHOWN]}{' ...' if len(answered) > SHOWN else ''}".rstrip())
        if answer.status != expected:
            raise TourFailed(f"{method} {path} answered {answer.status}, expected {expected}")
        return answer

    def run(self) -> None:
        self.title("1. INUBIT: testuser starts an ad hoc process")
        uid = self.ask(
            "POST",
            f"/ibis/rest/task/adhoc/testuser/{STARTER}",
            201,
            headers={**_basic("testuser"), "Accept": "application/xml"},
        ).body
        self.title("2. Camunda: demo finds the task")
        wanted = {
            "filter": {"assignee": "testuser", "state": "CREATED"},
            "sort": [{"field": "creationDate", "order": "desc"}],
            "page": {"limit": 1},
        }
        task = self.ask("POST", "/v2/user-tasks/search", 200, wanted, _basic("demo")).json()["items"][0]
        key = task["userTaskKey"]
        self.title("3. ProcessMaker: admin adds Robert as an ad hoc assignee of the activity")
        self._assign()
        self.title("4. facilioo: the same instance is a process there")
        self._process(uid)
        self.title("5. infoRouter: admin transfers all tasks of testuser to jsmith")
        query = urllib.parse.urlencode(
            {"authenticationTicket": TICKET, "fromUserName": "testuser", "toUserName": "jsmith"}
        )
        self.ask("GET", f"/srv.asmx/TransferUserTasks?{query}", 200)
        self.title("6. INUBIT: jsmith sees the task that testuser started")
        listed = self.ask("GET", "/ibis/rest/task/tasks", 200, headers=_basic("jsmith")).body
        if uid not in listed:
            raise TourFailed("the task is not on jsmith's list")
        self.title("7. Camunda: demo completes it")
        done = {"variables": {"approved": True}, "action": "approve"}
        self.ask("POST", f"/v2/user-tasks/{key}/completion", 204, done, _basic("demo"))
        self.title("8. The history: who, when, through which dialect")
        self._history(key)
        self.title("9. Migration: the same is recorded, and sent to a server that differs in one value")
        rehearse(self._url, lambda url: self._look(url, key))

    def _look(self, url: str, key: str) -> None:
        """At what is done, by way of a recorder."""
        through = Tour(url)
        wanted = {"filter": {"userTaskKey": key}}
        through.ask("POST", "/v2/user-tasks/search", 200, wanted, _basic("demo"))
        through.ask("GET", f"/v2/user-tasks/{key}", 200, headers=_basic("demo"))

    def _assign(self) -> None:
        grant = {
            "grant_type": "password",
            "scope": "*",
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "username": "admin",
            "password": "admin",
        }
        token = self.ask("POST", "/workflow/oauth2/token", 200, grant).json()["access_token"]
        bearer = {"Authorization": f"Bearer {token}"}
        path = f"/api/1.0/workflow/project/{PROJECT}/activity/{ACTIVITY}/adhoc-assignee"
        if any(row["ada_uid"] == ROBERT for row in self.ask("GET", path, 200, headers=bearer).json()):
            self.ask("DELETE", f"{path}/{ROBERT}", 200, headers=bearer)
        self.ask("POST", path, 201, {"ada_uid": ROBERT, "ada_type": "user"}, bearer)

    def _process(self, uid: str) -> None:
        details = self.ask("GET", f"/ibis/rest/task/tasks/{uid}", 200, headers=_basic("testuser")).body
        number = details.partition('process="')[2].partition('"')[0]
        login = {"email": "admin@example.com", "password": "admin", "skipMultiFactorAuthentication": True}
        token = self.ask("POST", "/api/auth/login", 200, login).json()["accessToken"]
        process = self.ask("GET", f"/api/processes/{number}", 200, headers={"Authorization": f"Bearer {token}"}).json()
        if process["isFinished"]:
            raise TourFailed("the process is finished already")

    def _history(self, key: str) -> None:
        events = self.ask("GET", f"/history/{key}", 200, headers=_basic("admin")).json()
        print()
        for event in events:
            print(f"  {event['at']}  {event['dialect']:13} {event['actor']:10} {event['kind']}")
        dialects = {event["dialect"] for event in events}
        missing = {"inubit", "processmaker", "inforouter", "camunda"} - dialects
        if missing:
            raise TourFailed(f"the history does not show {', '.join(sorted(missing))}")


def can_be_toured(url: str) -> bool:
    """Whether a gateway answers there, and has what the tour is about."""
    try:
        return _suits(_about(url))
    except (TourFailed, Unreachable):
        return False


def _suits(about: Mapping[str, Any]) -> bool:
    plain = {dialect["name"] for dialect in about["dialects"] if not dialect["prefix"] and not dialect["hosts"]}
    return bool(about["demo"]) and plain >= set(DIALECTS)


def _about(url: str) -> Mapping[str, Any]:
    """What a gateway says about itself. Raises Unreachable and TourFailed."""
    request = urllib.request.Request(f"{url}/", headers={"Accept": "application/json"})
    about: Any = None
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            about = json.loads(answer.read())
    except urllib.error.HTTPError:
        pass
    except urllib.error.URLError as error:
        reason = getattr(error.reason, "strerror", None) or error.reason
        raise Unreachable(f"no gateway answers at {url}: {reason}") from None
    except (OSError, HTTPException, ValueError):
        pass
    if not isinstance(about, dict) or about.get("name") != NAME:
        raise TourFailed(f"what answers at {url} is no Dragoman")
    return about


@contextmanager
def _private() -> Iterator[str]:
    """A gateway of the tour's own on a free port, whatever the settings say."""
    from gateway.server import bind

    with tempfile.TemporaryDirectory(prefix="dragoman-tour-") as folder:
        with bind("127.0.0.1", 0) as sock:
            port = sock.getsockname()[1]
        command = [sys.executable, "-m", "gateway", "serve", "--demo", "--port", str(port)]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("DRAGOMAN_")}
        process = subprocess.Popen(command, env={**environment, "DRAGOMAN_LOG_LEVEL": "error"}, cwd=folder)
        try:
            url = f"http://127.0.0.1:{port}"
            while not can_be_toured(url):
                if process.poll() is not None:
                    raise TourFailed(f"the private gateway ended with status {process.returncode}")
                time.sleep(0.1)
            yield url
        finally:
            process.terminate()
            process.wait()


def run(url: str = "") -> int:
    """Take the tour on a running gateway, or on a private one. Raises Unreachable and TourFailed."""
    if url:
        if not _suits(_about(url)):
            raise TourFailed(f"the tour is about the demo world and all dialects at their own paths: not at {url}")
        _follow(url)
    else:
        print("starting a gateway of the tour's own", file=sys.stderr)
        with _private() as own:
            _follow(own)
    return 0


def _follow(url: str) -> None:
    print(f"Dragoman at {url}")
    try:
        Tour(url).run()
    except (TourFailed, RehearsalFailed) as error:
        raise TourFailed(f"the tour ended early: {error}") from None
    print("\nOne task, five dialects, one history.")

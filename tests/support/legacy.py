"""A task system as a company may have one: JSON and SOAP over one state, with ids, numbers and tickets of its own.

Its successor means the same and writes it differently; each of its bugs is one that a comparison has to find.
"""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from random import Random
from uuid import UUID

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"


@dataclass
class Legacy:
    """`seed` is for ids and tickets; `first` is the first of its numbers; `pending` is how many looks a started export
    takes. Bugs: `idle` (completion does nothing), `forgetful` (titles get lost), `one_id` (all get the same)."""

    seed: int = 1
    first: int = 1
    successor: bool = False
    bugs: frozenset[str] = frozenset()
    pending: int = 3
    tasks: dict[str, dict[str, object]] = field(default_factory=dict)
    tickets: set[str] = field(default_factory=set)
    exports: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._random = Random(self.seed)
        self._numbers = count(self.first)
        self.app = Starlette(
            routes=[
                Route("/api/login", self.login, methods=["POST"]),
                Route("/api/tasks", self.create, methods=["POST"]),
                Route("/api/tasks", self.list, methods=["GET"]),
                Route("/api/tasks/{id}", self.get),
                Route("/api/tasks/{id}/complete", self.complete, methods=["POST"]),
                Route("/api/numbers/{number:int}", self.by_number),
                Route("/api/exports", self.export, methods=["POST"]),
                Route("/api/exports/{id}", self.exported),
                Route("/soap", self.soap, methods=["POST"]),
            ]
        )

    def _id(self) -> str:
        return str(UUID(int=self._random.getrandbits(128), version=4))

    def _ticket(self) -> str:
        ticket = self._random.randbytes(16).hex()
        self.tickets.add(ticket)
        return ticket

    def _make(self, title: str) -> dict[str, object]:
        id = next(iter(self.tasks)) if "one_id" in self.bugs and self.tasks else self._id()
        title = "" if "forgetful" in self.bugs else title
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        task: dict[str, object] = {"id": id, "number": next(self._numbers), "title": title, "state": "OPEN"}
        self.tasks[id] = {**task, "created": now, "link": f"/api/tasks/{id}"}
        return self.tasks[id]

    def _may(self, request: Request) -> bool:
        return request.headers.get("authorization", "").removeprefix("Bearer ") in self.tickets

    def _json(self, task: dict[str, object], status: int = 200) -> Response:
        return JSONResponse(dict(reversed(task.items())) if self.successor else task, status)

    async def login(self, request: Request) -> Response:
        return JSONResponse({"token": self._ticket(), "user": (await request.json())["user"]})

    async def create(self, request: Request) -> Response:
        if not self._may(request):
            return JSONResponse({"error": "unauthorized"}, 401)
        task = self._make((await request.json())["title"])
        answer = self._json(task, 201)
        answer.headers["location"] = str(task["link"])
        return answer

    async def list(self, request: Request) -> Response:
        if not self._may(request):
            return JSONResponse({"error": "unauthorized"}, 401)
        return JSONResponse({"items": list(self.tasks.values()), "total": len(self.tasks)})

    async def get(self, request: Request) -> Response:
        task = self.tasks.get(request.path_params["id"])
        if not self._may(request):
            return JSONResponse({"error": "unauthorized"}, 401)
        return self._json(task) if task else JSONResponse({"error": f"no task {request.path_params['id']}"}, 404)

    async def by_number(self, request: Request) -> Response:
        number = request.path_params["number"]
        for task in self.tasks.values():
            if task["number"] == number and self._may(request):
                return self._json(task)
        return JSONResponse({"error": f"no task {number}"}, 404)

    async def complete(self, request: Request) -> Response:
        task = self.tasks.get(request.path_params["id"])
        if task is None or not self._may(request):
            return JSONResponse({"error": "no such task"}, 404)
        if "idle" not in self.bugs:
            task["state"] = "DONE"
        return Response(status_code=204)

    async def export(self, request: Request) -> Response:
        id = f"EXP-{next(self._numbers)}"
        self.exports[id] = self.pending
        return JSONResponse({"exportId": id}, 202)

    async def exported(self, request: Request) -> Response:
        id = request.path_params["id"]
        if id not in self.exports:
            return JSONResponse({"error": "no such export"}, 404)
        self.exports[id] -= 1
        return JSONResponse({"exportId": id, "state": "READY" if self.exports[id] < 0 else "RUNNING"})

    def _envelope(self, body: str, status: int = 200) -> Response:
        if self.successor:
            inner = body.replace("<t:", "<").replace("</t:", "</").replace(" xmlns:t=", " xmlns=")
            text = f'<s:Envelope xmlns:s="{SOAP}">\n  <s:Body>{inner}</s:Body>\n</s:Envelope>'
        else:
            text = f'<soap:Envelope xmlns:soap="{SOAP}"><soap:Body>{body}</soap:Body></soap:Envelope>'
        return Response('<?xml version="1.0" encoding="utf-8"?>' + text, status, media_type="text/xml")

    async def soap(self, request: Request) -> Response:
        text = (await request.body()).decode()
        (operation,) = re.findall(r"Body>\s*<(?:\w+:)?(\w+)", text)
        said = dict(re.findall(r"<(?:\w+:)?(\w+)>([^<>]*)</", text))
        if operation == "Login":
            ticket = f"<t:Ticket>{self._ticket()}</t:Ticket>"
            return self._envelope(f'<t:LoginResponse xmlns:t="urn:tasks">{ticket}</t:LoginResponse>')
        if said.get("Ticket") not in self.tickets:
            fault = "<t:Fault><faultcode>Client</faultcode><faultstring>bad ticket</faultstring></t:Fault>"
            return self._envelope(fault.replace("<t:Fault>", f'<t:Fault xmlns:t="{SOAP}">'), 500)
        if operation == "CreateTask":
            task = self._make(said["Title"])
        else:
            task = self.tasks[said["Id"]]
        if operation == "CompleteTask":
            if "idle" not in self.bugs:
                task["state"] = "DONE"
            return self._envelope('<t:CompleteTaskResponse xmlns:t="urn:tasks"/>')
        names = {"Id": "id", "State": "state", "Created": "created"}
        what = "".join(f"<t:{name}>{task[member]}</t:{name}>" for name, member in names.items())
        return self._envelope(f'<t:{operation}Response xmlns:t="urn:tasks">{what}</t:{operation}Response>')


def envelope(operation: str, **fields: str) -> str:
    """What a client of it sends over SOAP."""
    inner = "".join(f"<u:{name}>{value}</u:{name}>" for name, value in fields.items())
    return (
        f'<?xml version="1.0"?><e:Envelope xmlns:e="{SOAP}" xmlns:u="urn:tasks"><e:Body>'
        f"<u:{operation}>{inner}</u:{operation}></e:Body></e:Envelope>"
    )

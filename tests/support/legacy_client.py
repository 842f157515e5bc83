"""What a program does with the legacy task system: over JSON, and over SOAP."""

import json
import re
from typing import Any

from tests.support.legacy import envelope
from tests.support.replayed import Recorder


async def over_json(
    recorder: Recorder, titles: tuple[str, ...] = ("first", "second"), connection: int = 1
) -> list[str]:
    """Logs in, makes tasks, completes the first one, and looks at all. The ids of the tasks."""

    async def ask(method: str, path: str, body: Any = None, **headers: str) -> Any:
        answer = await recorder.ask(method, path, body, headers, connection=connection)
        return json.loads(answer.body or b"null")

    token = (await ask("POST", "/api/login", {"user": "ann", "password": "ann"}))["token"]
    known = {"Authorization": f"Bearer {token}"}
    tasks = [await ask("POST", "/api/tasks", {"title": title}, **known) for title in titles]
    ids = [task["id"] for task in tasks]
    for id in ids:
        await ask("GET", f"/api/tasks/{id}", **known)
    await ask("POST", f"/api/tasks/{ids[0]}/complete", **known)
    for id in ids:
        await ask("GET", f"/api/tasks/{id}", **known)
    for task in tasks:
        await ask("GET", f"/api/numbers/{task['number']}", **known)
    await ask("GET", "/api/tasks", **known)
    await ask("GET", f"/api/tasks/{ids[0]}")
    return ids


async def over_soap(recorder: Recorder, title: str = "third", connection: int = 2) -> str:
    """Logs in, makes a task, looks at it before and after its completion. The id of the task."""

    async def call(operation: str, **fields: str) -> bytes:
        headers = {"SOAPAction": f'"urn:tasks/{operation}"'}
        answer = await recorder.ask("POST", "/soap", envelope(operation, **fields), headers, connection=connection)
        return answer.body

    ticket = _between(await call("Login", User="ann"), "Ticket")
    id = _between(await call("CreateTask", Ticket=ticket, Title=title), "Id")
    for operation in ("GetTask", "CompleteTask", "GetTask"):
        await call(operation, Ticket=ticket, Id=id)
    return id


async def until_exported(recorder: Recorder) -> str:
    """Starts an export and asks until it is ready."""
    id = json.loads((await recorder.ask("POST", "/api/exports", {})).body)["exportId"]
    while b"RUNNING" in (await recorder.ask("GET", f"/api/exports/{id}")).body:
        pass
    return str(id)


def _between(body: bytes, name: str) -> str:
    match = re.search(rf"{name}>([^<]+)<", body.decode())
    assert match is not None, body
    return match[1]

"""What most would write: an ORM session for each request, in the thread pool: read, update, history, commit."""

import os
import time

from sqlalchemy import event
from sqlmodel import Field, Session, SQLModel, create_engine
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

engine = create_engine(f"sqlite:///{os.environ['BASELINE_DB']}", connect_args={"timeout": 30})


@event.listens_for(engine, "connect")
def _pragmas(connection, record):  # type: ignore[no-untyped-def]
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")


class BaselineTask(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    name: str
    state: str = "CREATED"
    assignee: str | None = None
    completed_at: float | None = None


class BaselineHistory(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    task_id: int
    at: float
    actor: str
    what: str


def complete(request: Request) -> Response:
    with Session(engine) as session:
        task = session.get(BaselineTask, int(request.path_params["id"]))
        if task is None:
            return JSONResponse({"title": "NOT_FOUND"}, 404)
        if task.state != "CREATED":
            return JSONResponse({"title": "INVALID_STATE"}, 409)
        task.state = "COMPLETED"
        task.completed_at = time.time()
        session.add(BaselineHistory(task_id=task.id or 0, at=time.time(), actor="demo", what="completed"))
        session.commit()
    return Response(status_code=204)


SQLModel.metadata.create_all(engine)
with Session(engine) as _session:
    _session.add_all(BaselineTask(name=f"Task {n}") for n in range(int(os.environ.get("BASELINE_TASKS", "20000"))))
    _session.commit()

app = Starlette(routes=[Route("/tasks/{id:int}/completion", complete, methods=["POST"])])

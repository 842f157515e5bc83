"""What most would write, in two ways: an ORM session for each request, asynchronous or in the thread pool.

Both complete a task as simply as can be: read, update, one row of history, commit; SQLite, WAL, synchronous=FULL.
"""

import os
import time

from sqlalchemy import Engine, event
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel import Field, Session, SQLModel, create_engine
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

PATH = os.environ["BASELINE_DB"]
engine = create_engine(f"sqlite:///{PATH}", connect_args={"timeout": 30})
async_engine = create_async_engine(f"sqlite+aiosqlite:///{PATH}", connect_args={"timeout": 30})


@event.listens_for(Engine, "connect")
def _pragmas(connection, record):  # type: ignore[no-untyped-def]
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.close()


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


def _decide(task: BaselineTask | None, session: Session | AsyncSession) -> Response:
    if task is None:
        return JSONResponse({"title": "NOT_FOUND"}, 404)
    if task.state != "CREATED":
        return JSONResponse({"title": "INVALID_STATE"}, 409)
    task.state = "COMPLETED"
    task.completed_at = time.time()
    session.add(BaselineHistory(task_id=task.id or 0, at=time.time(), actor="demo", what="completed"))
    return Response(status_code=204)


def complete_in_a_thread(request: Request) -> Response:
    with Session(engine) as session:
        answer = _decide(session.get(BaselineTask, int(request.path_params["id"])), session)
        session.commit()
    return answer


async def complete(request: Request) -> Response:
    async with AsyncSession(async_engine) as session:
        answer = _decide(await session.get(BaselineTask, int(request.path_params["id"])), session)
        await session.commit()
    return answer


SQLModel.metadata.create_all(engine)
with Session(engine) as _session:
    _session.add_all(BaselineTask(name=f"Task {n}") for n in range(int(os.environ.get("BASELINE_TASKS", "20000"))))
    _session.commit()

app = Starlette(
    routes=[
        Route("/async/{id:int}", complete, methods=["POST"]),
        Route("/thread/{id:int}", complete_in_a_thread, methods=["POST"]),
    ]
)

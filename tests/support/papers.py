"""A library with three people, and a process for its documents."""

from core.engine import Engine
from core.graph.elements import Element, ElementKind, Flow, Participants, TaskTemplate
from core.graph.graph import Graph
from core.library.commands import CreateLibrary
from core.people.commands import CreateUser
from core.people.queries import UserByName
from core.principal import Principal, system

HOUR = 3_600_000


def who(engine: Engine) -> Principal:
    return system(engine.default_tenant, dialect="test")


async def library(engine: Engine) -> int:
    for name in ("ann", "bob", "cec"):
        await engine.execute(CreateUser(name), who(engine))
    return (await engine.execute(CreateLibrary("Papers"), who(engine))).key


async def key_of(engine: Engine, name: str) -> int:
    return (await engine.ask(UserByName(name), who(engine))).key


def review(keys: tuple[int, ...] = (), *, owner: bool = False, folder: int = 0) -> Graph:
    return Graph(
        "review",
        "Review",
        (
            Element("start", ElementKind.START_EVENT),
            Element(
                "read",
                ElementKind.USER_TASK,
                "Read",
                task=TaskTemplate(participants=Participants(keys, owner=owner), due_after=HOUR, description="Read it"),
            ),
            Element("end", ElementKind.END_EVENT, folder_key=folder),
        ),
        (Flow("f1", "start", "read"), Flow("f2", "read", "end")),
    )

"""The page about the inside says what is so: the floors are the rule, and two requests go where it says."""

import re
import sys
import threading
import tomllib
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest

from gateway.dialects import load, names
from tests.support.asgi import basic
from tests.support.named import PLACE
from tests.support.world import World, open_world

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "internals.md").read_text(encoding="utf-8")
DEMO = {"authorization": basic("demo"), "content-type": "application/json"}


def section(title: str) -> str:
    return PAGE.partition(f"## {title}\n")[2].partition("\n## ")[0]


def test_the_floors_are_those_of_the_rule() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (rule,) = [c for c in project["tool"]["importlinter"]["contracts"] if c["name"] == "the floors of core"]
    rows = re.findall(r"^\| (`.+?`) \|", section("The map of core"), re.MULTILINE)
    floors = [set(layer.replace(" ", "").split("|")) for layer in rule["layers"]]
    assert [set(re.findall(r"`(\w+)`", row)) for row in rows] == floors


def test_the_picture_has_every_part_of_core() -> None:
    picture = section("The map of core").partition("```mermaid")[2].partition("```")[0]
    parts = {p.stem for p in (ROOT / "core").iterdir() if not p.name.startswith("__")} - {"migrations"}
    assert {part for part in parts if not re.search(rf"\b{part}_?\b", picture)} == set()


#: what the names of operations have in common that are built from parts, and so stand nowhere as a whole
BUILT = {"camunda": r"\w+(Role|Tenant|MappingRule)s?", "processmaker": r"\w+Assignees", "facilioo": r"\w+"}


@pytest.mark.parametrize("dialect", names())
def test_the_name_of_an_operation_stands_where_its_handler_is(dialect: str) -> None:
    """In quotes, or as that of a method; but for those of which the page says that they are built."""
    described = {"shapes.py", "openapi.py"}
    files = [p for p in (ROOT / "adapters" / dialect).rglob("*.py") if p.name not in described]
    source = "\n".join(p.read_text(encoding="utf-8") for p in files)
    for name in {operation.name for operation in load(dialect).operations}:
        plain = name.removesuffix("V1")
        if f'"{plain}"' not in source and f'"{name}"' not in source and f"def {name}(" not in source:
            assert re.fullmatch(BUILT.get(dialect, "nothing"), name), name


class Seen:
    """What is called for the first time while it looks, in all threads that are started meanwhile."""

    def __init__(self) -> None:
        self.places: list[tuple[str, str]] = []
        self.is_looking = False
        self._known: set[CodeType] = set()

    def __call__(self, frame: FrameType, event: str, argument: Any) -> None:
        code = frame.f_code
        if event == "call" and self.is_looking and code not in self._known:
            self._known.add(code)
            if code.co_filename.startswith(str(ROOT)):
                place = Path(code.co_filename).relative_to(ROOT).as_posix()
                self.places.append((place, code.co_qualname))

    def look(self) -> None:
        self.places.clear()
        self._known.clear()
        self.is_looking = True


@pytest.fixture
def seen() -> Any:
    looking = Seen()
    before = sys.getprofile()
    threading.setprofile(looking)
    sys.setprofile(looking)
    yield looking
    sys.setprofile(before)
    threading.setprofile(None)


def way(title: str) -> list[tuple[str, str]]:
    """The places of a table in their order, without the door, which only a real connection goes through."""
    return [place for place in PLACE.findall(section(title).partition("\nWhat differs")[0]) if "/door/" not in place[0]]


async def open_task(world: World) -> str:
    answer = await world.call("POST", "/v2/user-tasks/search", DEMO, body='{"filter":{"state":"CREATED"}}')
    return str(answer.json()["items"][0]["userTaskKey"])


async def test_a_command_goes_the_way_that_the_page_tells(template: Path, tmp_path: Path, seen: Seen) -> None:
    async with open_world(template, tmp_path) as world:
        key = await open_task(world)
        # the first turn of a process reserves numbers, which is nothing for the event loop
        await world.call("POST", f"/v2/user-tasks/{key}/assignment", DEMO, body='{"assignee":"demo"}')
        seen.look()
        answer = await world.call("POST", f"/v2/user-tasks/{key}/completion", DEMO)
        seen.is_looking = False
    assert answer.status == 204
    told = way("The life of a command")
    assert len(told) > 20
    assert [place for place in seen.places if place in told] == told


async def test_a_query_goes_the_way_that_the_page_tells(template: Path, tmp_path: Path, seen: Seen) -> None:
    async with open_world(template, tmp_path) as world:
        key = await open_task(world)
        seen.look()
        answer = await world.call("GET", f"/v2/user-tasks/{key}", DEMO)
        seen.is_looking = False
    assert answer.status == 200
    told = way("The life of a query")[:9]
    assert [place for place in seen.places if place in told] == told


async def test_a_refusal_is_rendered_where_the_page_says(template: Path, tmp_path: Path, seen: Seen) -> None:
    async with open_world(template, tmp_path) as world:
        seen.look()
        answer = await world.call("POST", "/v2/user-tasks/1/completion", DEMO)
        seen.is_looking = False
    assert answer.status == 404
    told = [("core/task/decisions.py", "find_task"), ("adapters/camunda/errors.py", "render")]
    assert [place for place in seen.places if place in told] == told

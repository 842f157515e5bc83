"""What pages, docstrings and comments name is where they say."""

from pathlib import Path

import pytest

from tests.support.named import PAGES, PLACE, ROOT, SOURCES, dotted, is_there, leads_somewhere, names_of, paths, prose


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_what_a_page_names_is_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert [path for path in sorted(paths(text)) if not is_there(path)] == []
    assert [name for name in sorted(dotted(text)) if not leads_somewhere(name)] == []
    assert [place for place in PLACE.findall(text) if place[1] not in names_of(ROOT / place[0])] == []


def test_what_docstrings_and_comments_name_is_there() -> None:
    lost = []
    for file in SOURCES:
        text = prose(file.read_text(encoding="utf-8"))
        named = [path for path in paths(text) if not is_there(path)]
        named += [name for name in dotted(text) if not leads_somewhere(name)]
        lost += [f"{file.relative_to(ROOT)}: {name}" for name in sorted(named)]
    assert lost == []


def test_what_is_not_there_is_noticed() -> None:
    assert paths("see `core/engine/tasks.py`, `core/task/<name>.py` and docs/operations.md.") == {
        "core/engine/tasks.py",
        "core/task/<name>.py",
        "docs/operations.md",
    }
    assert not is_there("core/engine/tasks.py")
    assert is_there("core/task/<name>.py")
    assert is_there("core/tables/NOUN.py")
    assert not is_there("core/commands/")
    assert dotted("in core.flow.graph.Graph and core.graph.graph.Graph") == {
        "core.flow.graph.Graph",
        "core.graph.graph.Graph",
    }
    assert not leads_somewhere("core.flow.graph.Graph")
    assert leads_somewhere("core.graph.graph.Graph")
    assert leads_somewhere("core.engine.Engine.ask")
    assert not leads_somewhere("core.engine.Engine.asks")

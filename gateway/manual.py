"""The manual: the pages of `docs/`, which come along in the wheel, as HTML."""

import re
from collections.abc import Mapping
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

#: in an installed gateway, and in a checkout
_FOLDERS = (Path(__file__).parent / "docs", Path(__file__).parents[1] / "docs")
#: those that are no dialect's, in the order of reading
_FIRST = (
    *("operations.md", "comparing.md", "high-availability.md", "troubleshooting.md", "security.md"),
    *("architecture.md", "internals.md", "releasing.md", "benchmarks.md"),
)


@lru_cache(maxsize=1)
def pages() -> Mapping[str, Path]:
    """Every file of the manual by its path in it."""
    for folder in _FOLDERS:
        if (folder / _FIRST[0]).is_file():
            return {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*.*"))}
    return {}


def contents() -> str:
    """HTML with a link to each page."""
    names = [name for name in pages() if name.endswith(".md")]
    names.sort(key=lambda name: (name not in _FIRST, _FIRST.index(name) if name in _FIRST else 0, name))
    return "<h1>Documentation</h1><ul>" + "".join(f'<li><a href="{n}">{_title(n)}</a></li>' for n in names) + "</ul>"


def _title(name: str) -> str:
    with pages()[name].open(encoding="utf-8") as page:
        return page.readline().removeprefix("#").strip()


@lru_cache(maxsize=16)
def rendered(name: str) -> tuple[str, str]:
    """(the title, HTML) of a page."""
    from markdown_it import MarkdownIt  # for whoever reads it, not for whoever serves

    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = markdown.parse(pages()[name].read_text(encoding="utf-8"))
    for opening, text in pairwise(tokens):
        if opening.type == "heading_open":
            opening.attrSet("id", anchor(text.content))
    return _title(name), markdown.renderer.render(tokens, markdown.options, {})


def anchor(heading: str) -> str:
    """As links to it are written: lower case, dashes for blanks, nothing else."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")

"""What a version is cut from says the same everywhere."""

import re
from pathlib import Path

from core.tables.schema import REVISION
from tests.support.version import VERSION

ROOT = Path(__file__).parents[2]
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_changelog_begins_with_the_version() -> None:
    headings = re.findall(r"^## (.*)$", CHANGELOG, re.MULTILINE)
    assert all(re.fullmatch(r"\d+\.\d+\.\d+, (unreleased|\d{4}-\d\d-\d\d)", heading) for heading in headings)
    versions = [heading.partition(",")[0] for heading in headings]
    assert versions[0] == VERSION
    assert versions == sorted(versions, key=lambda version: tuple(map(int, version.split("."))), reverse=True)
    assert not any(heading.endswith("unreleased") for heading in headings[1:])


def test_the_changelog_knows_the_schema() -> None:
    assert re.search(rf"\b{REVISION}\b", CHANGELOG)


def test_migrations_follow_each_other() -> None:
    numbers = sorted(path.name[:4] for path in (ROOT / "core" / "migrations" / "versions").glob("[0-9]*.py"))
    assert numbers == [f"{n:04}" for n in range(1, len(numbers) + 1)]
    assert numbers[-1] == REVISION

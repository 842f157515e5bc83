"""What there is, is documented; what is documented, is there."""

import re
from pathlib import Path

import pytest
from typer.main import get_command

from adapters.common.rights import Right
from adapters.inforouter.dialect import METHODS
from core.tables.schema import REVISION
from gateway.cli.main import app
from gateway.dialects import load, names
from gateway.door.keeper import REASONS
from gateway.exits import Exit
from gateway.manual import anchor
from gateway.settings import DialectSettings, Settings
from schemas.inforouter.offered import NOT_OFFERED

ROOT = Path(__file__).parents[2]
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", names())
def test_the_coverage_table_is_the_code(name: str) -> None:
    page = (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")
    table = page.partition("## Coverage")[2]
    rows = re.findall(r"^\| (\S+) \| `(\S+) (\S+)` \| ([\d, ]+) \| implemented \| ([a-z ]+) \|$", table, re.MULTILINE)
    documented = {(n, m, p, tuple(map(int, s.split(", "))), source) for n, m, p, s, source in rows}
    coded = {(o.name, o.method, o.path, o.statuses, o.source) for o in load(name).operations}
    assert documented == coded
    assert {source for *_, source in coded} <= {"documented", "measured", "our choice"}
    assert "## Our choices" in page


@pytest.mark.parametrize("name", names())
def test_who_may_is_the_code(name: str) -> None:
    page = (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")
    table = page.partition("### Who may")[2].partition("\n#")[0]
    coded: dict[str, set[str]] = {}
    for operation in load(name).operations:
        coded.setdefault(operation.name, set()).add(operation.right)
    words = dict(re.findall(r"^\| ([a-z ]+) \| (.+) \|$", table, re.MULTILINE))
    del words["who"]
    (rest,) = [word for word, listed in words.items() if listed == "all others"]
    documented = {n: {word} for word, listed in words.items() for n in re.findall(r"`(\w+)`", listed)}
    assert {name: documented.get(name, {rest}) for name in coded} == coded
    assert documented.keys() <= coded.keys()
    security = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    assert all(f"| {word.value} |" in security for word in Right)


def test_every_method_of_inforouter_is_accounted_for() -> None:
    page = (ROOT / "docs" / "inforouter.md").read_text(encoding="utf-8")
    listed = re.findall(r"`(\w+)`", page.partition("### Not offered")[2].partition("## Our choices")[0])
    assert set(NOT_OFFERED) <= set(listed)
    assert not set(NOT_OFFERED) & set(METHODS)
    assert (len(METHODS), len(NOT_OFFERED)) == (136, 289)


@pytest.mark.parametrize("name", [*Settings.model_fields, *DialectSettings.model_fields])
def test_every_setting_is_documented(name: str) -> None:
    field = {**Settings.model_fields, **DialectSettings.model_fields}[name]
    assert field.description
    if name != "dialects":
        assert f"| `{name}` |" in OPERATIONS
        assert field.description in OPERATIONS


def test_every_option_of_a_dialect_is_documented() -> None:
    for name in names():
        for option, default in load(name).options.items():
            assert f"| `{option}` | `{default}` |" in OPERATIONS


def test_every_reason_to_turn_a_client_away_is_documented() -> None:
    table = OPERATIONS.partition("| kind | what the client gets | setting |")[2].partition("\n\n")[0]
    listed = {
        kind for row in table.splitlines() for kind in re.findall(r"`(\w+)`", row.split("|")[1] if "|" in row else "")
    }
    assert listed == set(REASONS)


def test_every_place_that_the_security_page_names_is_there() -> None:
    page = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    for place in re.findall(r"`((?:gateway|adapters|schemas|core)/[\w/.]+)`", page):
        assert (ROOT / place).exists(), place


def test_every_command_is_documented() -> None:
    root = get_command(app)
    for name, command in root.commands.items():  # type: ignore[attr-defined]
        for sub in getattr(command, "commands", {"": None}):
            assert f"`dragoman {name} {sub}".rstrip() in OPERATIONS


def test_every_option_of_a_command_is_documented() -> None:
    root = get_command(app)
    for name, command in root.commands.items():  # type: ignore[attr-defined]
        for sub, leaf in getattr(command, "commands", {"": command}).items():
            line = next(row for row in OPERATIONS.splitlines() if row.startswith(f"| `dragoman {name} {sub}".rstrip()))
            options = {option for parameter in leaf.params for option in parameter.opts if option.startswith("--")}
            everywhere = {"--help", "--database-url"}
            assert options - everywhere == set(re.findall(r"--[\w-]+", line.split("`")[1])) - everywhere


def test_exit_statuses_are_those_of_the_table() -> None:
    table = OPERATIONS.partition("### Exit status")[2].partition("##")[0]
    assert [int(status) for status in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)] == [e.value for e in Exit]


def test_every_address_of_the_gateway_is_documented() -> None:
    source = (ROOT / "gateway" / "pages.py").read_text(encoding="utf-8")
    for path in re.findall(r'Route\("([^"]+)"', source):
        path = path.replace(":path", "")
        assert f"`GET {path}`" in OPERATIONS or f"`PUT {path}`" in OPERATIONS, path


@pytest.mark.parametrize("name", names())
def test_the_readme_knows_every_dialect_and_profile(name: str) -> None:
    dialect = load(name)
    (row,) = [line for line in README.splitlines() if line.startswith(f"| {dialect.title} |")]
    for profile in dialect.profiles:
        assert f"`{profile}`" in row
    assert (ROOT / "docs" / f"{name}.md").exists()


def test_links_lead_somewhere() -> None:
    for page in (*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")):
        for target, place in re.findall(r"\]\(([^):#]*\.md)?(?:#([^)]+))?\)", page.read_text(encoding="utf-8")):
            file = page.parent / target if target else page
            assert file.exists(), f"{page.name}: {target}"
            headings = re.findall(r"^#+ (.*)$", file.read_text(encoding="utf-8"), re.MULTILINE)
            assert not place or place in map(anchor, headings), f"{page.name}: {target}#{place}"


def test_the_migrations_are_those_that_the_program_names() -> None:
    files = sorted(p.name for p in (ROOT / "core" / "migrations" / "versions").glob("[0-9]*.py"))
    assert files[-1].startswith(REVISION)

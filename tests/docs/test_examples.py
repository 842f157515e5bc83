"""The files that the documentation names."""

import configparser
import re
from pathlib import Path

import pytest

from core.storage.address import read_address
from gateway.dialects import load as load_dialect
from gateway.dialects import names, plans
from gateway.processes import read_file
from gateway.settings import ActivitySettings, DialectSettings, ProcessSettings, Settings, load

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "docs" / "examples"
TOML = (EXAMPLES / "dragoman.toml").read_text(encoding="utf-8")


def section(name: str) -> set[str]:
    """The settings of a section, taken in or not."""
    text = TOML if name else TOML.partition("\n[")[0]
    inside = (
        re.search(rf"^#?\[+{re.escape(name)}\]+$(.*?)(?=^#?\[|\Z)", text, re.MULTILINE | re.DOTALL) if name else None
    )
    return set(re.findall(r"^#?(\w+) =", inside[1] if inside else text, re.MULTILINE))


def test_the_example_has_every_setting() -> None:
    assert section("") == set(Settings.model_fields) - {"processes", "dialects"}
    for name in names():
        assert section(f"dialects.{name}") == {*DialectSettings.model_fields, *load_dialect(name).options}
    assert section("processes") == set(ProcessSettings.model_fields) - {"activities"}
    assert section("processes.activities.Activity_approve") == set(ActivitySettings.model_fields)


@pytest.mark.parametrize("taken_in", [False, True])
def test_what_the_example_has_are_the_defaults(taken_in: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "dragoman.toml"
    file.write_text(re.sub(r"^#(?! )", "", TOML, flags=re.MULTILINE) if taken_in else TOML)
    monkeypatch.setenv("DRAGOMAN_CONFIG", str(file))
    settings = load()
    planned = {plan.dialect.name: plan for plan in plans(settings)}
    for name in section(""):
        assert getattr(settings, name) == Settings.model_fields[name].default
    assert len(settings.processes) == taken_in
    for name in names():
        dialect = load_dialect(name)
        assert planned[name].options == dialect.options
        assert (planned[name].profile, planned[name].prefix, planned[name].hosts) == (dialect.profiles[0], "", ())


def test_the_processes_can_be_deployed() -> None:
    files = sorted(EXAMPLES.glob("*.bpmn"))
    assert [file.name for file in files] == ["leave.bpmn"]
    for file in files:
        process = read_file(ProcessSettings(file=str(file))).graph
        assert process.id == file.stem


def test_every_file_that_is_named_is_there() -> None:
    named = set()
    for page in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")):
        text = page.read_text(encoding="utf-8")
        for link in re.findall(r"\]\((?!https?:)([^)#]+)", text):
            assert (page.parent / link).is_file(), f"{page.name}: {link}"
            named.add((page.parent / link).resolve())
        for file in re.findall(r"docs/examples/[\w./-]*\w", text):
            assert (ROOT / file).is_file(), f"{page.name}: {file}"
            named.add(ROOT / file)
    assert {file.resolve() for file in EXAMPLES.rglob("*.*")} <= named


HIGH_AVAILABILITY = EXAMPLES / "high-availability"


def test_the_gateways_settings_for_high_availability(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAGOMAN_CONFIG", str(HIGH_AVAILABILITY / "dragoman.toml"))
    settings = load()
    plans(settings)
    assert read_address(settings.database_url).place == "dragoman at 10.0.0.31:5432, 10.0.0.32:5432"


def test_the_unit_of_systemd_serves_with_these_settings() -> None:
    unit = configparser.ConfigParser(interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(HIGH_AVAILABILITY / "dragoman.service")
    service = unit["Service"]
    assert service["ExecStart"] == "/usr/local/bin/dragoman serve"
    variable, _, file = service["Environment"].partition("=")
    assert variable == "DRAGOMAN_CONFIG"
    assert (HIGH_AVAILABILITY / "dragoman.toml").read_text().startswith(f"# {file}, ")
    assert int(service["TimeoutStopSec"]) > Settings.model_fields["shutdown_seconds"].default

"""The packages that are installed: each is pinned, with hashes, and comes from wherever an installer looks."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
FILES = [
    ROOT / "requirements.txt",
    ROOT / "requirements-dev.txt",
    *sorted(ROOT.glob("tests/interop/*/requirements.txt")),
]
_HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}")


def pinned(file: Path) -> dict[str, Requirement]:
    """By name. Each takes several lines: the package in the first one, a hash in each of the others."""
    packages: dict[str, Requirement] = {}
    for entry in re.split(r"\n(?! )", file.read_text(encoding="utf-8").strip()):
        first, *hashes = entry.split(" \\\n")
        if first == "-r requirements.txt":
            continue
        package = Requirement(first)
        assert hashes, first
        assert all(_HASH.fullmatch(line) for line in hashes), first
        assert re.fullmatch(r"==[^*,]+", str(package.specifier)), first
        packages[canonicalize_name(package.name)] = package
    return packages


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_every_package_has_its_version_and_hashes_and_no_address(file: Path) -> None:
    assert pinned(file)
    assert re.findall(r"^.*(?:://|--index|--extra-index|--find-links).*$", file.read_text(), re.MULTILINE) == []


def wanted(*groups: str) -> list[Requirement]:
    listed = list(PROJECT["project"]["dependencies"]) if not groups else []
    for group in groups:
        listed += [line for line in PROJECT["dependency-groups"][group] if isinstance(line, str)]
    return [Requirement(line) for line in listed]


def test_all_that_the_project_asks_for_is_pinned_as_it_is_asked_for() -> None:
    run, dev = pinned(ROOT / "requirements.txt"), pinned(ROOT / "requirements-dev.txt")
    for packages, requirements in ((run, [*wanted(), *wanted("build")]), (run | dev, wanted("dev"))):
        for requirement in requirements:
            (version,) = packages[canonicalize_name(requirement.name)].specifier
            assert version.version in requirement.specifier, requirement


def test_what_development_needs_is_listed_beside_what_the_gateway_needs() -> None:
    file = ROOT / "requirements-dev.txt"
    assert file.read_text(encoding="utf-8").startswith("-r requirements.txt\n")
    assert not set(pinned(file)) & set(pinned(ROOT / "requirements.txt"))


def test_who_installs_on_a_terminal_sees_how_far_it_is() -> None:
    """Packages may come slowly: pip is quiet only where nobody looks."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (pip,) = re.findall(r"^PIP := (.*)$", makefile, re.MULTILINE)
    assert pip.endswith("$(shell test -t 2 || echo -q)")
    installing = re.findall(r"^\t.*install .*-r requirements.*$", makefile, re.MULTILINE)
    assert installing
    assert all(line.startswith("\t$(PIP) install ") for line in installing)


def test_the_readme_installs_into_an_environment_of_its_own() -> None:
    """The names of the packages are too general to meet others' in a shared one."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "\npipx install dist/dragoman-" in readme
    assert "\nuv tool install dist/dragoman-" in readme
    assert not re.search(r"pip3? install dragoman|(?<!pipx )(?<!tool )install dist/dragoman", readme)

"""What is given away: the source distribution and the wheel."""

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hatchling.builders.sdist import SdistBuilder
from hatchling.builders.wheel import WheelBuilder

from tests.support.tools import GIT
from tests.support.version import VERSION

ROOT = Path(__file__).parents[2]
PACKAGES = ("core", "schemas", "adapters", "gateway")


def files(folder: Path) -> set[str]:
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def wheel(root: Path, folder: Path) -> Path:
    """Built from a checkout or an unpacked source distribution, and unpacked."""
    (built,) = WheelBuilder(str(root)).build(directory=str(folder), versions=["standard"])
    with zipfile.ZipFile(built) as archive:
        archive.extractall(folder / "wheel")
    return folder / "wheel"


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An unpacked source distribution."""
    folder = tmp_path_factory.mktemp("sdist")
    (built,) = SdistBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])
    with tarfile.open(built) as archive:
        safely: Any = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}  # which the first 3.11 have not
        archive.extractall(folder, **safely)
    (unpacked,) = (path for path in folder.iterdir() if path.is_dir())
    return unpacked


@pytest.mark.needs("git-checkout")
def test_the_source_distribution_is_the_checkout(source: Path) -> None:
    listed = subprocess.run(
        [*GIT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert files(source) - {"PKG-INFO"} == {name for name in listed.split("\0") if name and (ROOT / name).exists()}


def test_what_make_needs_is_in_the_source_distribution(source: Path) -> None:
    for name in ("Makefile", "pyproject.toml", "requirements.txt", "requirements-dev.txt", "tests/conftest.py"):
        assert (source / name).read_bytes() == (ROOT / name).read_bytes()
    assert os.access(source / ".ci" / "run", os.X_OK)
    assert os.access(source / "tests" / "interop" / "install.sh", os.X_OK)


def test_the_wheel_has_the_packages_the_manual_and_the_command(source: Path, tmp_path: Path) -> None:
    unpacked = wheel(source, tmp_path)
    assert {path.name.partition("-")[0] for path in unpacked.iterdir()} == {*PACKAGES, "dragoman.py", "dragoman"}
    for package in PACKAGES:
        expected = files(ROOT / package)
        if package == "gateway":
            expected = expected - {"cli/dragoman.py"} | {f"docs/{name}" for name in files(ROOT / "docs")}
        assert files(unpacked / package) == expected
    environment = {**os.environ, "PYTHONPATH": str(unpacked)}
    for command, said in (
        (["-m", "dragoman", "--version"], f"dragoman {VERSION}\n"),
        (
            ["-c", "from gateway import manual; print(manual.pages()['examples/leave.bpmn'])"],
            f"{unpacked}/gateway/docs/",
        ),
    ):
        done = subprocess.run([sys.executable, *command], env=environment, cwd=tmp_path, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith(said)

"""Other programs that serve while a test runs."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def serving(folder: Path, owner: dict[str, Any], program: str, *arguments: str | Path) -> Iterator[None]:
    """As `owner`, who has the folder; it logs there."""
    with (folder / f"{program}.log").open("wb") as log:
        process = subprocess.Popen([program, *arguments], stdout=log, stderr=log, cwd=folder, **owner)
    try:
        yield
    finally:
        process.kill()
        process.wait()

"""The engines for FEEL and DMN that Camunda publishes, asked line by line."""

import json
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.support.tools import INTEROP, JAVA_REPOSITORY

Line = dict[str, Any]


def answers_of(program: str, lines: Iterable[Line]) -> list[Line]:
    """What one of the programs in tests/interop/feel says to each line."""
    with tempfile.TemporaryDirectory() as folder:
        given, answers = Path(folder) / "questions", Path(folder) / "answers"
        given.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
        command = (
            *("mvn", "-B", "-q", "-o", f"-Dmaven.repo.local={JAVA_REPOSITORY}", "-f", INTEROP / "feel" / "pom.xml"),
            *(f"-Dwork={folder}", f"-Dprogram={program}", f"-Dexec.args={given} {answers}", "compile", "exec:java"),
        )
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return [json.loads(line) for line in answers.read_text("utf-8").splitlines()]

"""Camunda's own library for BPMN, and what is refused here: the same files, the same elements, the same words.

It has the checks that a design tool makes, and knows nothing of values. `make interop` installs it.
"""

import shutil
import subprocess
from collections import defaultdict
from pathlib import Path

import pytest

from adapters.camunda.models import refusals
from schemas.bpmn.reader import definitions
from schemas.camunda.bpmn import complaints
from tests.support.all_models import all_models
from tests.support.tools import JAVA_REPOSITORY

pytestmark = [pytest.mark.interop, pytest.mark.needs("java-camunda-model")]
HERE = Path(__file__).parent

Verdict = set[tuple[str, ...]]
ACCEPTED: Verdict = {("accepted",)}

#: what the library lets pass, and why it is refused here all the same; by what files' names begin with
REFUSED_HERE = {
    "before the start": "nothing waits in that circle: the vendor's engine says so",
    "an empty condition": "no expression: the vendor's engine says so",
    "one condition behind a parallelGateway": "the library overlooks what no element speaks of",
    "conditions behind a parallelGateway": "the library overlooks what no element speaks of",
    "behind the end": "the library overlooks what no element speaks of",
    "a flow out of a sub-process": "the library overlooks what no element speaks of",
}


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Verdict]:
    """By the name of what is in a file: what the library says of it."""
    work = tmp_path_factory.mktemp("model")
    project, files, answers = work / "project", work / "files", work / "verdicts"
    shutil.copytree(HERE / "camunda" / "model", project)
    files.mkdir()
    names = {}
    for number, (name, document) in enumerate(all_models()):
        names[f"{number:04}.bpmn"] = name
        (files / f"{number:04}.bpmn").write_text(document)
    assert len(set(names.values())) == len(names)
    command = ("mvn", "-B", "-q", "-o", f"-Dmaven.repo.local={JAVA_REPOSITORY}", "-f", str(project / "pom.xml"))
    arguments = (f"-Dwork={work}", "compile", "exec:java", f"-Dexec.args={files} {answers}")
    done = subprocess.run([*command, *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    said = defaultdict[str, Verdict](set)
    for line in answers.read_text().splitlines():
        file, *verdict = line.split("\t")
        said[names[file]].add(tuple(verdict))
    assert said.keys() == set(names.values())
    return said


@pytest.fixture(scope="module")
def refused() -> dict[str, Verdict]:
    """What is said of it here, also of values and of what is not there."""
    return {name: {tuple(refusal) for refusal in refusals(document.encode())} for name, document in all_models()}


def _is_unreadable(verdict: Verdict) -> bool:
    return any(words[0] == "unreadable" for words in verdict)


def test_complaints_are_those_of_the_library(verdicts: dict[str, Verdict]) -> None:
    read = {name: verdict for name, verdict in verdicts.items() if not _is_unreadable(verdict)}
    assert len(read) > 1000
    assert any(verdict == ACCEPTED for verdict in read.values())
    ours = {
        name: {tuple(complaint) for complaint in complaints(definitions(document.encode()))} or ACCEPTED
        for name, document in all_models()
        if name in read
    }
    assert ours == read


def test_what_the_library_cannot_read_is_refused(verdicts: dict[str, Verdict], refused: dict[str, Verdict]) -> None:
    unreadable = {name for name, verdict in verdicts.items() if _is_unreadable(verdict)}
    assert unreadable
    assert {name for name in unreadable if refused[name]} == unreadable


def test_what_the_library_accepts_can_be_deployed(verdicts: dict[str, Verdict], refused: dict[str, Verdict]) -> None:
    unlike = {name for name, verdict in verdicts.items() if verdict == ACCEPTED and refused[name]}
    reasons = {begin for name in unlike for begin in REFUSED_HERE if name.startswith(begin)}
    assert reasons == set(REFUSED_HERE)
    assert {name for name in unlike if not any(name.startswith(begin) for begin in REFUSED_HERE)} == set()


def test_what_it_complains_of_is_all_that_is_said(verdicts: dict[str, Verdict], refused: dict[str, Verdict]) -> None:
    """What only follows from it is no complaint of its own; our limits are."""
    more = {}
    for name, verdict in verdicts.items():
        if verdict != ACCEPTED and not _is_unreadable(verdict) and refused[name] - verdict:
            more[name.removesuffix(", as drawn")] = {words[-1] for words in refused[name] - verdict}
    static = "Expected expression but found static value ''. An expression must start with '=' (e.g. '=')."
    assert more == {
        "an empty condition behind a parallelGateway": {static},
        "an empty condition behind a task": {static},
        "an empty condition behind a task with a default": {static},
        "what begins with an undoing": {"'compensateEventDefinition' is currently not supported here"},
    }

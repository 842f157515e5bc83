"""mono's answers: what the class library of an ASMX host makes of texts.

`TZ=UTC python -m tests.asmx.mono` asks anew for the texts in `dates.json`.
"""

import base64
import json
import subprocess
import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

SOURCE = Path(__file__).parent / "Dates.cs"
KEPT = Path(__file__).parent / "dates.json"
_KINDS = {"Unspecified": "", "Utc": "Z", "Local": "local"}


@dataclass(frozen=True)
class Answers:
    """`today` is the day on which they were given. For each text what the form's reader and XML's make of it: a time
    and a kind, or `!` and the text of the refusal, with the line ends of Windows."""

    today: datetime
    pairs: list[tuple[str, str]]


def compile_dates(folder: Path) -> Path:
    program = folder / "dates.exe"
    subprocess.run(["mcs", "-nologo", "-r:System.Xml.dll", f"-out:{program}", str(SOURCE)], check=True)
    return program


def ask(program: Path, texts: list[str]) -> Answers:
    """Asked again if a day ended meanwhile."""
    lines = "".join(f"{base64.b64encode(text.encode()).decode()}\n" for text in texts)
    while True:
        done = subprocess.run(["mono", str(program)], input=lines, capture_output=True, text=True, check=True)
        first, *answers, last = done.stdout.splitlines()
        if first == last:
            pairs = [tuple(_answer(part) for part in line.split("\t")) for line in answers]
            return Answers(_time(first), [(form, xml) for form, xml in pairs])


def _time(ticks: str) -> datetime:
    return datetime(1, 1, 1) + timedelta(microseconds=int(ticks) // 10)


def _answer(part: str) -> str:
    ticks, _, kind = part.partition(" ")
    if kind:
        return f"{_time(ticks).isoformat(timespec='microseconds')} {_KINDS[kind]}".rstrip()
    return "!" + base64.b64decode(part).decode().replace("\n", "\r\n")


def _keep() -> None:
    asked = [text for text, *_ in json.loads(KEPT.read_text(encoding="utf-8"))["cases"]]
    with tempfile.TemporaryDirectory() as folder:
        answers = ask(compile_dates(Path(folder)), asked)
    cases = [json.dumps([text, *pair], ensure_ascii=False) for text, pair in zip(asked, answers.pairs, strict=True)]
    rows = ",\n".join(cases)
    KEPT.write_text(f'{{"today": "{answers.today.isoformat()}", "cases": [\n{rows}\n]}}\n', encoding="utf-8")


if __name__ == "__main__":
    _keep()

"""Plays a golden exchange up to one of its cases, and shows what went to and fro and what was asked of the database.

    python -m tests.support.replay tests/wire/camunda/assignment.http               the titles of its cases
    python -m tests.support.replay tests/wire/camunda/assignment.http "too late"    the first case with these words

The cases of a file share a world, so those before it are played, too. Ends with 1 if an answer is not as it has to be.
"""

import asyncio
import logging
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.support.exchange import Exchanges, add, ask, check, filled, read, settings_of
from tests.support.world import make_demo, open_world


class Kept(logging.Handler):
    """What was logged since somebody looked last."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())

    def take(self) -> list[str]:
        lines, self.lines = self.lines, []
        return lines


def listen() -> Kept:
    """To the turns and their statements; before an engine is made, which looks for whom it speaks to."""
    kept = Kept()
    for name in ("dragoman.engine", "dragoman.sql"):
        logger = logging.getLogger(name)
        logger.setLevel(logging.DEBUG)
        logger.addHandler(kept)
    return kept


async def replay(exchanges: Exchanges, number: int, folder: Path) -> None:
    """Raises AssertionError if an answer is not as it has to be."""
    await make_demo(f"sqlite:///{folder}/demo.db")
    heard = listen()
    async with open_world(folder / "demo.db", folder, dialects=settings_of(exchanges.directives)) as world:
        await add(world, exchanges.directives)
        bound: dict[str, str] = {}
        for case in exchanges.cases[:number]:
            check(case, await ask(world, case, bound), bound)
        case = exchanges.cases[number]
        target, headers, body = filled(case, bound)
        heard.take()
        answer = await ask(world, case, bound)
        statements = heard.take()
        print(f"### {case.title}\n{case.method} {target}")
        print(*(f"{name}: {value}" for name, value in headers.items()), "", sep="\n")
        print(f"{body}\n=> {answer.status}")
        print(*(f"{name}: {value}" for name, value in answer.headers.items()), "", sep="\n")
        print(answer.text, "", *statements, sep="\n")
        check(case, answer, bound)


def main(path: str, words: str = "") -> int:
    exchanges = read(Path(path))
    titles = [case.title for case in exchanges.cases]
    if not words:
        print(*titles, sep="\n")
        return 0
    number = next((n for n, title in enumerate(titles) if words.casefold() in title.casefold()), None)
    if number is None:
        print(f"no case of {path} is called so", file=sys.stderr)
        return 1
    with TemporaryDirectory() as folder:
        try:
            asyncio.run(replay(exchanges, number, Path(folder)))
        except AssertionError as error:
            print(error, file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

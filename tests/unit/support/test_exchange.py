"""The golden exchanges' own reader and runner."""

from pathlib import Path

import pytest

from tests.support.asgi import Answer
from tests.support.exchange import Case, _check, read, run
from tests.support.world import World


def test_the_golden_reader_notices(tmp_path: Path) -> None:
    file = tmp_path / "x.http"
    file.write_text(
        "@profile camunda 8.8\n\n### Title\n@maintenance on\nPOST /x\nA: b\n\nbody\n=> 201\nC: d\n!E: \n\nanswer␍\n"
    )
    (case,) = read(file).cases
    assert (case.title, case.method, case.target, case.headers) == ("Title", "POST", "/x", {"A": "b"})
    assert (case.body, case.status, case.expected) == ("body", 201, [("c", "d"), ("!e", "")])
    assert (case.answer, case.before) == ("answer\r", ["maintenance on"])
    bound = {"known": "1"}
    _check("x", "a {{n:int}} {{known}}", "a 42 1", bound)
    assert bound["n"] == "42"
    for expected, found in (("a", "b"), ("{{int}}", "x"), ("{{n}}", "43"), ("a", "ab")):
        with pytest.raises(AssertionError):
            _check("x", expected, found, bound)


async def test_the_golden_runner_notices(world: World) -> None:
    good = Case("ready", "GET", "/ready", status=200, answer='{"status":"ready"}')
    await run(world, [good])
    for change in (
        {"status": 201},
        {"answer": "{}"},
        {"expected": [("content-type", "x")]},
        {"expected": [("!content-type", "")]},
    ):
        with pytest.raises(AssertionError):
            await run(world, [Case(**{**vars(good), **change})])


def test_answers_are_what_they_are() -> None:
    assert Answer(200, {}, b'{"a":1}').json() == {"a": 1}

"""Golden requests of all dialects with a few bytes changed: row X18 of the fault matrix. SOAP has a test of its own."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.door.head import escaped_line
from tests.faults.test_bad_input import TARGETS, Caller, calling, fair, too_long
from tests.faults.test_soap_messages import mutated
from tests.support.exchange import Case, read
from tests.support.rounds import rounds

SOAP = "inforouter"
WIRE = Path(__file__).parents[1] / "wire"
#: those that fail on purpose do so here, too
CASES = {
    name: [c for f in sorted((WIRE / name).glob("*.http")) for c in read(f).cases if c.status < 500 or name == SOAP]
    for name in TARGETS
}
BITS = (
    *(b'"', b"{", b"}", b"[", b"]", b",", b":", b"\\", b"\\u0000", b"\\ud800", b"null", b"true", b"-1", b"1e400"),
    *(b"99999999999999999999", b"<", b">", b"&", b"=", b"%00", b"%ff", b"%", b"\x00", b"\xff", b"'", b"--", b"/", b"."),
    *("é".encode(), "\U0001f600".encode(), b" " * 300, b"{{", b"]]>", b"\r\n", b"--B", b";", b"@", b"0", b"+", b"*"),
)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("insert"), st.floats(0, 1), st.sampled_from(BITS)),
        st.tuples(st.just("delete"), st.floats(0, 1), st.integers(1, 40)),
        st.tuples(st.just("repeat"), st.floats(0, 1), st.integers(1, 40)),
        st.tuples(st.just("byte"), st.floats(0, 1), st.integers(0, 255)),
    ),
    max_size=4,
)
_NAME = re.compile(r"\{\{\w+( \w+)?\}\}")
#: the answer of an instance that a request waits for, which nothing ends here
_WAITS = b"awaitCompletion"


@pytest.fixture(scope="module")
def caller(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    options = {"camunda": {"request_timeout_ms": "50"}}
    with calling(template, tmp_path_factory.mktemp("mutations"), dialects=options) as caller:
        yield caller


def text(case: Case, part: str) -> bytes:
    """A part of a request; what is only known when it runs is a number."""
    return _NAME.sub("1", getattr(case, part)).encode()


@settings(max_examples=rounds(150))
@given(st.data(), st.sampled_from(list(TARGETS)), steps, steps)
def test_golden_requests_with_a_few_bytes_changed(
    caller: Caller,
    data: st.DataObject,
    name: str,
    of_target: list[tuple[str, float, object]],
    of_body: list[tuple[str, float, object]],
) -> None:
    case = data.draw(st.sampled_from(CASES[name]))
    target = mutated(text(case, "target"), of_target)
    target = b"/" + re.sub(rb"[\x00-\x20#\x7f]", b"", target).lstrip(b"/")  # a client could not send it
    body = mutated(text(case, "body"), of_body)
    media_type = {key.lower(): value for key, value in case.headers.items()}.get("content-type", "application/json")
    path = escaped_line(target).decode("ascii")  # as it comes through the door
    dialect = owner(caller, path)
    if too_long(path) or dialect is None or _WAITS in body:
        return
    answer = caller.call(dialect, case.method, path, body, media_type)
    if case.method == "HEAD":
        assert (answer.status < 500, answer.body) == (True, b"")
        return
    assert fair(answer, dialect), f"{case.method} {path} {body!r}: {answer.status} {answer.text[:300]}"


def owner(caller: Caller, path: str) -> str | None:
    """The dialect that a mutated path belongs to, if it still does to any."""
    bare = path.partition("?")[0]
    return next((m.name for m in caller._world.gateway._mounted if m.owns(bare)), None)

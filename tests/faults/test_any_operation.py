"""Every operation of every dialect with anything: paths, queries, forms at depth, media types, character sets. X18."""

import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.common.dialect import Operation
from gateway.dialects import load
from gateway.door.head import escaped_line
from schemas.common.charsets import CODECS
from tests.faults.test_bad_input import TARGETS, Caller, calling, fair, too_long
from tests.faults.test_client_names import NAMES, ODD
from tests.support.rounds import rounds

#: those that wait for somebody who does not come
WAITING = ("activateJobs",)
OPERATIONS = {name: [o for o in load(name).operations if o.name not in WAITING] for name in TARGETS}
#: what all dialects call something, so that what comes is heard
WORDS = (
    *("start", "limit", "count", "filter", "sort", "dir", "search", "date_from", "date_to", "usr_uid", "status"),
    *("nameFilter", "nameFilterTo", "nameFilterComparison", "nameFilterCaseSensitive", "OrtFieldFilter", "portal"),
    *("lang", "client", "user", "path", "value", "format", "type", "enableDIN5007Sort", "Unit/@nameFilter", "roles"),
    *("pageNumber", "pageSize", "ids", "orderBy", "changedSince", "typeIds", "page", "from", "after", "size", "name"),
    *("truncateValues", "userTaskKey", "variables", "assignee", "dueDate", "priority", "resources", "version"),
    *("authenticationTicket", "userName", "xmlcriteria", "startingRow", "rowCount", "SortBy", "fromUserName", "UID"),
    *("wsdl", "op", "suppress_response_codes", "http_method", "access_token", "grant_type", "client_id", "code"),
)
values = st.one_of(
    st.text(max_size=12),
    st.sampled_from([value for value in (*ODD, *NAMES) if len(value) < 400]),
    st.integers(-(2**70), 2**70).map(str),
    st.datetimes().map(lambda moment: moment.isoformat()),
)
#: percent-encoded, raw, half of either, twice
spelled = st.one_of(
    values.map(lambda text: "".join(f"%{byte:02X}" for byte in text.encode(errors="replace"))),
    values.map(lambda text: re.sub(r"[^\w.~-]", "", text.encode(errors="replace").decode("latin-1"), flags=re.ASCII)),
    st.binary(max_size=6).map(lambda raw: "".join(f"%{byte:02x}" for byte in raw)),
    st.sampled_from(["%", "%4", "%zz", "%u20AC", "%00", "%2F", "%2e%2e", "+", "%252F", "%C3", "..", "."]),
    st.sampled_from(["\xfc", "\xc3\xbc", "a\xff"]),
)
names = st.one_of(st.sampled_from(WORDS), values)
#: `a[b][]...[c]`, as deep as PHP goes and deeper
deep = st.builds(
    lambda name, parts, times: name + "".join(f"[{part}]" for part in parts) * times,
    names,
    st.lists(st.sampled_from(["", "0", "a", "[", "]", "__class__"]), max_size=3),
    st.sampled_from([1, 2, 70, 400]),
)
queries = st.lists(st.tuples(deep, spelled), max_size=4)


def _encoded(text: str) -> str:
    return re.sub(
        r"[^\w.~\[\]@/-]",
        lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode(errors="replace")),
        text,
        flags=re.ASCII,
    )


def _form(pairs: list[tuple[str, str]]) -> str:
    return "&".join(f"{_encoded(name)}={value}" for name, value in pairs)


nested = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**63), 2**63), st.floats(allow_nan=False), values),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(names, inner, max_size=4)),
    max_leaves=8,
)


def _json(value: object) -> bytes:
    return json.dumps(value).encode(errors="replace")


def _repeated(pair: tuple[bytes, int]) -> bytes:
    return pair[0] * pair[1]


_XML = "<Form><Response><Panel><a>{}</a></Panel></Response></Form>"
_PART = '--b\r\nContent-Disposition: form-data; name="{0}"; filename="{1}"\r\n\r\n{1}\r\n--b--\r\n'
bodies = st.one_of(
    st.just(b""),
    st.binary(max_size=40),
    nested.map(_json),
    st.dictionaries(names, nested, max_size=5).map(_json),
    queries.map(lambda pairs: _form(pairs).encode("latin-1", "replace")),
    st.tuples(st.sampled_from([b"[", b'{"a":', b"<a>", b"a[a]"]), st.sampled_from([10, 70, 2000])).map(_repeated),
    values.map(lambda text: _XML.format(text).encode(errors="replace")),
    st.tuples(deep, values).map(lambda pair: _PART.format(*pair).encode(errors="replace")),
)
MEDIA_TYPES = (
    *("application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b", "text/xml"),
    *("application/soap+xml", "application/xml", "text/plain", "application/problem+json", "", "/", ";;"),
)
media_types = st.builds(
    lambda media_type, charset: f"{media_type}; charset={charset}" if charset else media_type,
    st.sampled_from(MEDIA_TYPES),
    st.sampled_from(["", "", "punycode", "idna", "utf-7", '"', "x y", "\xfc", *sorted(CODECS)]),
)


@pytest.fixture(scope="module")
def caller(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    options = {"camunda": {"request_timeout_ms": "50"}}
    with calling(template, tmp_path_factory.mktemp("operations"), dialects=options) as caller:
        yield caller


class Heard(logging.Handler):
    """What the gateway calls its own fault."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())


@pytest.fixture(scope="module")
def heard() -> Iterator[Heard]:
    handler = Heard()
    logging.getLogger("dragoman").addHandler(handler)
    yield handler
    logging.getLogger("dragoman").removeHandler(handler)


def _path(operation: Operation, filling: list[str]) -> str:
    left = iter(filling)
    path = operation.path.replace("{workspace}", "workflow")
    return re.sub(r"\{\w+\}", lambda _: next(left, "1") or "x", path)


@settings(max_examples=rounds(120))
@given(
    data=st.data(),
    name=st.sampled_from(list(TARGETS)),
    filling=st.lists(spelled, min_size=3, max_size=3),
    query=queries,
    body=bodies,
    media_type=media_types,
    method=st.sampled_from(["", "", "", "", "HEAD", "OPTIONS", "GET", "POST", "BREW"]),
)
def test_any_operation_with_anything(
    caller: Caller,
    heard: Heard,
    data: st.DataObject,
    name: str,
    filling: list[str],
    query: list[tuple[str, str]],
    body: bytes,
    media_type: str,
    method: str,
) -> None:
    operation = data.draw(st.sampled_from(OPERATIONS[name]))
    target = _path(operation, filling) + (f"?{_form(query)}" if query else "")
    target = escaped_line(target.encode("latin-1", "replace")).decode("ascii")
    if too_long(target) or b"awaitCompletion" in body:
        return
    heard.said.clear()
    answer = caller.call(name, method or operation.method, target, body, media_type)
    wrong = f"{method or operation.method} {target} {media_type!r} {body!r}: {answer.status} {answer.text[:300]}"
    assert method == "HEAD" or fair(answer, name), wrong
    assert answer.status < 500 or name == "inforouter", wrong
    assert heard.said == [], wrong

"""A document differs from itself by nothing, whatever its bytes; written in another way it differs in bytes alone."""

import json
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from hypothesis import given
from hypothesis import strategies as st

from gateway.compare.compare import Setting
from gateway.compare.judgement import Identities, Judgement
from gateway.diff.bindings import Bindings
from gateway.traffic.exchange import Headers
from tests.support.answers import FORM, HTML, JSON, NEW, TEXT, XML, exchange, found, judged

TYPES = st.sampled_from([JSON, XML, HTML, TEXT, FORM, (), ((b"Content-Type", b"multipart/mixed; boundary=b"),)])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)
NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,7}", fullmatch=True)
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff"))
Tree = tuple[str, dict[str, str], Any]
TREES: st.SearchStrategy[Tree] = st.recursive(
    st.tuples(NAMES, st.dictionaries(NAMES, WORDS, max_size=3), WORDS),
    lambda inner: st.tuples(NAMES, st.dictionaries(NAMES, WORDS, max_size=3), st.lists(inner, min_size=1, max_size=4)),
    max_leaves=12,
)


def between(old: bytes, new: bytes, headers: Headers, identities: Identities | None = None) -> Judgement:
    setting = Setting(identities=identities) if identities is not None else None
    return judged(exchange(old, headers), exchange(new, headers, began=NEW), setting)


@given(st.binary(), TYPES)
def test_any_bytes_are_like_themselves(body: bytes, headers: Headers) -> None:
    assert found(between(body, body, headers)) == []
    if b"://old.example" not in body:
        assert found(between(body, body, headers, Bindings())) == []


@given(st.binary(), st.binary(), TYPES)
def test_any_two_bodies_are_judged(old: bytes, new: bytes, headers: Headers) -> None:
    judgement = between(old, new, headers, Bindings())
    assert (judgement.grade == "equal") == (not judgement.differences)
    if old != new and headers in (JSON, XML, TEXT, HTML):
        assert judgement.differences, "other bytes are never equal"


@given(VALUES)
def test_json_in_another_way(value: Any) -> None:
    old = json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
    new = json.dumps(_reversed(value), indent=3).encode()
    assert {grade for _, grade in found(between(old, new, JSON))} <= {"bytes"}


def _reversed(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _reversed(value[name]) for name in reversed(value)}
    return [_reversed(item) for item in value] if isinstance(value, list) else value


@given(TREES)
def test_xml_in_another_way(tree: Tree) -> None:
    old = f'<r xmlns="urn:a">{_written(tree, "", " ")}</r>'
    new = f"<?xml version='1.0'?>\n<p:r xmlns:p='urn:a'>\n{_written(tree, 'p:', chr(10))}</p:r>"
    assert {grade for _, grade in found(between(old.encode(), new.encode(), XML))} <= {"bytes"}


def _written(tree: Tree, prefix: str, blank: str) -> str:
    name, attributes, inner = tree
    names = attributes if blank == " " else dict(reversed(attributes.items()))
    start = "".join(f"{blank}{key}={quoteattr(value)}" for key, value in names.items())
    if isinstance(inner, str):
        return f"<{prefix}{name}{start}>{escape(inner)}</{prefix}{name}>"
    return f"<{prefix}{name}{start}>{blank}{blank.join(_written(one, prefix, blank) for one in inner)}</{prefix}{name}>"


@given(VALUES, VALUES)
def test_another_value_is_another_value(old: Any, new: Any) -> None:
    before, after = json.dumps(old).encode(), json.dumps(new).encode()
    grades = {grade for _, grade in found(between(before, after, JSON))}
    assert (grades <= {"bytes"}) == (_plain(old) == _plain(new))


def _plain(value: Any) -> Any:
    """With booleans told from numbers, and without the difference of 1 and 1.0."""
    if isinstance(value, dict):
        return {name: _plain(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return (isinstance(value, bool), value)


@given(TREES, TREES)
def test_another_tree_is_another_tree(old: Tree, new: Tree) -> None:
    before, after = (f"<r>{_written(tree, '', ' ')}</r>".encode() for tree in (old, new))
    grades = {grade for _, grade in found(between(before, after, XML))}
    assert (grades <= {"bytes"}) == (_bare(old) == _bare(new))


def _bare(tree: Tree) -> Tree:
    """White space between elements says nothing; blanks in an attribute are one kind of blank."""
    name, attributes, inner = tree
    return name, attributes, inner if isinstance(inner, str) else [_bare(one) for one in inner]

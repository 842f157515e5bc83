"""Differences between two bodies, whatever they are."""

import hashlib
from dataclasses import replace

from gateway.compare import flat, json_trees, layouts, xml_trees, xmls
from gateway.compare.documents import (
    BinaryDocument,
    Document,
    EmptyDocument,
    FormDocument,
    HtmlDocument,
    JsonDocument,
    PartsDocument,
    TextDocument,
    Unreadable,
    XmlDocument,
    media_type,
    read,
)
from gateway.compare.grades import Grade
from gateway.compare.judge import Judge
from gateway.compare.multiparts import Part
from gateway.traffic.codings import CannotDecode, decoded
from gateway.traffic.exchange import Headers, Response

#: multipart bodies within each other that are taken apart
_MOST_NESTED = 3
_KINDS = {JsonDocument: "json", XmlDocument: "xml", HtmlDocument: "html", FormDocument: "form", TextDocument: "text"}


def document(response: Response) -> Document:
    """The body of an answer."""
    try:
        return read(decoded(response.body, response.headers), response.headers)
    except CannotDecode as error:
        return Unreadable(str(error))


def is_one_text(old: Response, new: Response) -> bool:
    """Do both bodies have the same letters, in whatever character sets? Or has each the same in either of them, so
    that what differs in them is something else?"""
    if old.body == new.body and old.body.isascii():
        return True
    before, after = _text(old), _text(new)
    if before is not None and before == after:
        return True
    return before == _text(_declared_as(old, new)) and after == _text(_declared_as(new, old))


def _text(response: Response) -> str | None:
    return getattr(document(response), "text", None)


def _declared_as(response: Response, other: Response) -> Response:
    """With the media type of another one."""
    headers = tuple(pair for pair in response.headers if pair[0].lower() != b"content-type")
    return replace(response, headers=(*headers, (b"Content-Type", other.header(b"content-type") or b"")))


def compare(judge: Judge, old: Response, new: Response) -> None:
    before = document(old)
    judge.is_partial = False  # of the headers something else is told
    if isinstance(before, XmlDocument) and xmls.is_fault(before.root):
        judge.is_error = True
    if isinstance(before, Unreadable) and (old.body, old.headers) == (new.body, new.headers):
        return
    after, mark = document(new), judge.mark()
    compare_documents(judge, before, after)
    if judge.mark() == mark and old.body != new.body and not judge.is_partial and not judge.is_ignored("body"):
        _encodings(judge, old, new, before, after)


def compare_documents(judge: Judge, old: Document, new: Document, place: str = "") -> None:
    """`place` is in front of all places, for a part of a multipart body."""
    body = place or "body"
    if isinstance(old, EmptyDocument) or isinstance(new, EmptyDocument):
        _one_is_empty(judge, body, old, new)
    elif isinstance(new, Unreadable) or isinstance(old, Unreadable):
        if not judge.is_ignored(body):
            whose = "the recorded body" if isinstance(old, Unreadable) else "the body"
            reason = old.reason if isinstance(old, Unreadable) else new.reason if isinstance(new, Unreadable) else ""
            judge.report(body, Grade.UNREADABLE, _shown(old), _shown(new), f"{whose} is {reason}")
    elif type(old) is not type(new):
        # where the media type is another one, that may have been said
        if not any(one.place == "header Content-Type" for one in judge.differences):
            judge.report(body, Grade.BREAKING, _shown(old), _shown(new), "a body of another kind")
    else:
        mark = judge.mark()
        _alike(judge, old, new, place)
        if judge.mark() == mark:
            _layout(judge, old, new, body)


def _one_is_empty(judge: Judge, body: str, old: Document, new: Document) -> None:
    if type(old) is type(new) or judge.is_ignored(body):
        return
    if isinstance(new, EmptyDocument):
        judge.report(body, Grade.EMPTY, _shown(old), None, "an empty body")
    else:
        judge.report(body, Grade.SUSPICIOUS, None, _shown(new), "a body where there was none")


def _alike(judge: Judge, old: Document, new: Document, place: str) -> None:
    """Two of a kind."""
    match old, new:
        case JsonDocument(root=one), JsonDocument(root=other):
            json_trees.compare(judge, one, other, place)
        case XmlDocument(root=root), XmlDocument(root=other_root):
            xml_trees.compare(judge, root, other_root, place)
        case HtmlDocument(root=root), HtmlDocument(root=other_root):
            xml_trees.compare(judge, root, other_root, place, is_html=True)
        case FormDocument(fields=fields), FormDocument(fields=others):
            flat.compare_forms(judge, fields, others, place)
        case PartsDocument(parts=parts), PartsDocument(parts=other_parts):
            _parts(judge, parts, other_parts, place)
        case TextDocument(text=text), TextDocument(text=other_text):
            flat.compare_lines(judge, text, other_text, place and f"{place}/")
        case BinaryDocument(), BinaryDocument():
            flat.compare_bytes(judge, old, new, place or "body")


def _parts(judge: Judge, old: tuple[Part, ...], new: tuple[Part, ...], place: str) -> None:
    """By their names, those of one name in order."""
    waiting: dict[str, list[Part]] = {}
    for part in new:
        waiting.setdefault(part.name, []).append(part)
    for number, part in enumerate(old, 1):
        here = f"{place and place + '/'}part {part.name or number}"
        if not waiting.get(part.name):
            judge.report(here, Grade.BREAKING, _cut(part.body), None, "missing part")
            continue
        other = waiting[part.name].pop(0)
        if part.file != other.file:
            judge.value(f"{here}/filename", part.file, other.file)
        if media_type(part.headers) != media_type(other.headers):
            mine, theirs = media_type(part.headers), media_type(other.headers)
            judge.report(f"{here}/Content-Type", Grade.BREAKING, mine, theirs, "another media type")
            continue
        look = read if place.count("part ") < _MOST_NESTED else _as_bytes
        one, two = (look(each.body, each.headers) for each in (part, other))
        compare_documents(judge, one, two, place=here)
    for name, parts in waiting.items():
        for part in parts:
            judge.report(f"{place and place + '/'}part {name}", Grade.HARMLESS, None, _cut(part.body), "added part")


def _encodings(judge: Judge, old: Response, new: Response, before: Document, after: Document) -> None:
    """The same text may be other bytes."""
    if type(before) in _KINDS and getattr(before, "text", None) == getattr(after, "text", None):
        one, other = (decoded(response.body, response.headers) for response in (old, new))
        if one != other:
            told = (f"{each[:12].hex(' ')}..." for each in (one, other))
            judge.report("body", Grade.BYTES, next(told), next(told), "the same text in another encoding")


def _as_bytes(body: bytes, headers: Headers) -> Document:
    """Of a part that is too far inside."""
    return BinaryDocument(hashlib.sha256(body).hexdigest(), len(body))


def _layout(judge: Judge, old: Document, new: Document, body: str) -> None:
    kind = _KINDS.get(type(old))
    if kind is None or judge.is_partial or judge.is_ignored(body):
        return
    before, after = (getattr(document, "text", "") for document in (old, new))
    if not layouts.is_same(kind, before, after, judge.accepted, is_reordered=judge.is_reordered):
        one, other = _around(before, after)
        judge.report(body, Grade.BYTES, one, other, "the same in other letters")


def _around(old: str, new: str) -> tuple[str, str]:
    """Where they part, to look at."""
    at = next((n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    start = max(0, at - 30)
    before, after = (f"{'...' if start else ''}{text[start : at + 60]}" for text in (old, new))
    return before, after


def _shown(document: Document) -> str:
    match document:
        case PartsDocument(parts=parts):
            return f"{len(parts)} parts"
        case BinaryDocument(size=size, digest=digest):
            return f"{size} bytes, SHA-256 {digest}"
        case EmptyDocument():
            return ""
        case Unreadable(reason=reason):
            return reason
        case _:
            return document.text


def _cut(body: bytes) -> str:
    return body[:1000].decode("utf-8", "backslashreplace")

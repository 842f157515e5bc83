"""Is the same said in the same letters? Some clients read answers with functions for strings."""

import json
import re
from collections import Counter
from html import unescape

_JSON = re.compile(r'"(?:[^"\\]|\\.)*"|[^\s\[\]{},:"]+')
_XML = re.compile(r"(<!\[CDATA\[.*?\]\]>|<[^>]*>)", re.DOTALL)
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_FIELDS = re.compile(r"[^&=]+")
_LINES = re.compile(r"[^\r\n]+")

Accepted = set[tuple[str, str]]


def is_same(kind: str, old: str, new: str, accepted: Accepted, *, is_reordered: bool) -> bool:
    """But for the values that stand for each other (`accepted`), and for items that may change places."""
    if old == new:
        return True
    if not accepted and not is_reordered:
        return False
    if not is_reordered and _put_back(new, accepted) == old:
        return True
    before, after = _parts(kind, old), _parts(kind, new)
    if is_reordered:
        back = {theirs: mine for mine, theirs in accepted}
        one = Counter(_meant(kind, text) for text in before[1])
        other = Counter(back.get(meant, meant) for meant in (_meant(kind, text) for text in after[1]))
        return Counter(before[0]) == Counter(after[0]) and one == other
    return (
        before[0] == after[0]
        and len(before[1]) == len(after[1])
        and all(
            mine == theirs or (_meant(kind, mine), _meant(kind, theirs)) in accepted
            for mine, theirs in zip(before[1], after[1], strict=True)
        )
    )


def _put_back(text: str, accepted: Accepted) -> str:
    """With the old values, where they are long enough to be found by their looks: quick, and mostly it is enough."""
    for mine, theirs in accepted:
        if len(theirs) > 7:
            text = text.replace(theirs, mine)
    return text


def _parts(kind: str, text: str) -> tuple[str, list[str]]:
    """What stands between the values, and the values."""
    if kind in ("xml", "html"):
        return _xml_parts(text)
    pattern = {"json": _JSON, "form": _FIELDS}.get(kind, _LINES)
    return pattern.sub("\0", text), pattern.findall(text)


def _xml_parts(text: str) -> tuple[str, list[str]]:
    between, values = [], []
    for at, piece in enumerate(_XML.split(text)):
        if at % 2 == 0:
            between.append("\0" if piece.strip() else piece)
            values += [piece] if piece.strip() else []
        elif piece.startswith("<![CDATA["):
            between.append("<![CDATA[\0]]>")
            values.append(piece)
        else:
            between.append(_QUOTED.sub(lambda match: f"{match[0][0]}\0", piece))
            values += _QUOTED.findall(piece)
    return "".join(between), values


def _meant(kind: str, text: str) -> str:
    if kind == "json" and text.startswith('"'):
        if "\\" not in text:
            return text[1:-1]
        try:
            return str(json.loads(text))
        except ValueError:
            return text
    if kind in ("xml", "html"):
        if text.startswith("<![CDATA["):
            return text[9:-3]
        return unescape(text[1:-1] if text[:1] in "\"'" and text[:1] == text[-1:] else text)
    return text

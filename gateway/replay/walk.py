"""One walk through the values of a text, to read them or to put others in their place.

What is not changed keeps its bytes. Texts may be broken: what cannot be read as what it says it is, is one value.
"""

import html
import json
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote, unquote, unquote_plus

from gateway.replay.places import Place

#: gets each value, and says what is there instead
Visit = Callable[[Place, str], str]

#: texts within texts: XML in a member of JSON in a field of a form
_DEEPEST = 4
_MAX_DEPTH = 200
_TOKEN = re.compile(r'\s*(?:("(?:[^"\\]|\\.)*")|([-+.\w]+)|([{}\[\],:]))', re.DOTALL)
_MARKUP = re.compile(
    r"<!--.*?-->|<!\[CDATA\[(?P<raw>.*?)\]\]>|<\?.*?\?>|<!(?:[^<>\[]|\[.*?\])*>|"
    r"</(?P<end>[^\s>]+)\s*>|<(?P<start>[^\s/>!?]+)(?P<attributes>(?:[^>\"']|\"[^\"]*\"|'[^']*')*?)(?P<empty>/?)>",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(r"([^\s=]+)(\s*=\s*)(\"[^\"]*\"|'[^']*')")
_DECODER = json.JSONDecoder(strict=False)
_SAFE = "!$'()*,;:@-._~"


class NotRead(ValueError):
    """The text is not what it was taken for."""


def walk_text(text: str, place: Place, visit: Visit, depth: int = 0) -> str:
    """JSON and XML are looked into; anything else is one value."""
    start = text.lstrip("\ufeff \t\r\n")[:1]
    if depth < _DEEPEST:
        try:
            if start in ("{", "["):
                return walk_json(text, place, visit, depth)
            if start == "<":
                return walk_xml(text, place, visit, depth)
        except NotRead:
            pass
    return visit(place, text)


class _Bare(str):
    """A number, as it is written."""

    __slots__ = ()


#: objects become tuples of pairs, which are quick to make, and in which a name may stand twice
_READER = json.JSONDecoder(
    object_pairs_hook=tuple, parse_float=_Bare, parse_int=_Bare, parse_constant=_Bare, strict=False
)


def walk_json(text: str, place: Place, visit: Visit, depth: int = 0) -> str:
    """Raises NotRead. Mostly nothing is changed, and the letters are looked at only where something is."""
    start = 1 if text.startswith("\ufeff") else 0
    if text.count("[") + text.count("{") > _MAX_DEPTH:
        _check_depth(text)
    try:
        root = _READER.decode(text[start:])
    except (ValueError, RecursionError):
        raise NotRead from None
    said: list[str] = []
    if not _say(root, place, visit, depth, said):
        return text
    return text[:start] + _put_in(text[start:], iter(said))


def _check_depth(text: str) -> None:
    level = 0
    for token in _TOKEN.finditer(text):
        level += {"{": 1, "[": 1, "}": -1, "]": -1}.get(token[3], 0)
        if level > _MAX_DEPTH:
            raise NotRead


def _say(value: Any, place: Place, visit: Visit, depth: int, said: list[str]) -> bool:
    """Appends what is said of each value within, in order. Is anything of it something else?"""
    if type(value) is tuple:
        changes = [_say(inner, place.at(name), visit, depth, said) for name, inner in value]
        return any(changes)
    if type(value) is list:
        changes = [_say(inner, place.at(f"[{index}]"), visit, depth, said) for index, inner in enumerate(value)]
        return any(changes)
    if type(value) is str:
        new = walk_text(value, place, visit, depth + 1)
    else:
        value = value if type(value) is _Bare else _WORDS[value]
        new = visit(place, value)
    said.append(new)
    return bool(new != value)


_WORDS = {None: "null", True: "true", False: "false"}


def _put_in(text: str, said: Iterator[str]) -> str:
    """The same letters, with what is said of each value in its place where it is something else."""
    pieces: list[str] = []
    #: of each object or array around: is it an array?
    around: list[bool] = []
    at, is_name = 0, False
    while (token := _TOKEN.match(text, at)) is not None:
        string, bare, sign = token.groups()
        pieces.append(text[at : token.start(token.lastindex or 0)])
        at = token.end()
        if sign is None:
            pieces.append(string if is_name else _scalar(string, bare or "", next(said)))
            is_name = False
            continue
        pieces.append(sign)
        if sign in "{[":
            around.append(sign == "[")
        elif sign in "}]":
            around.pop()
        is_name = sign in "{," and not around[-1] if around else False
    return "".join(pieces) + text[at:]


def _plain(string: str) -> str:
    """What is between the quotes."""
    return str(_DECODER.decode(string)) if "\\" in string else string[1:-1]


def _scalar(string: str | None, bare: str, said: str) -> str:
    if string is None:
        return bare if said == bare else said if re.fullmatch(r"-?\d+(\.\d+)?", said) else json.dumps(said)
    return string if said == _plain(string) else json.dumps(said, ensure_ascii=string.isascii())


def walk_xml(text: str, place: Place, visit: Visit, depth: int = 0) -> str:
    """Prefixes do not count: elements and attributes have their local names. Raises NotRead."""
    pieces: list[str] = []
    #: of each element around: its place, and how often a name was among its children
    around: list[tuple[Place, dict[str, int]]] = [(place, {})]
    at = 0
    for markup in _MARKUP.finditer(text):
        pieces.append(_content(text[at : markup.start()], around[-1][0], visit, depth))
        at = markup.end()
        if markup["raw"] is not None:
            said = walk_text(markup["raw"], around[-1][0], visit, depth + 1)
            pieces.append(markup[0] if said == markup["raw"] else f"<![CDATA[{said.replace(']]>', ']]&gt;')}]]>")
        elif markup["end"] is not None:
            if len(around) < 2:
                raise NotRead
            around.pop()
            pieces.append(markup[0])
        elif markup["start"] is not None:
            name = _local(markup["start"])
            holder, children = around[-1]
            count = children.get(name, 0)
            children[name] = count + 1
            inside = holder.at(name) if not count else holder.at(name, f"[{count}]")
            if len(around) > _MAX_DEPTH:
                raise NotRead
            inner = _attributes(markup["attributes"], inside, visit)
            pieces.append(f"<{markup['start']}{inner}{markup['empty']}>")
            if not markup["empty"]:
                around.append((inside, {}))
        else:
            pieces.append(markup[0])
    if len(around) != 1 or at == 0:
        raise NotRead
    return "".join(pieces) + text[at:]


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _content(raw: str, place: Place, visit: Visit, depth: int) -> str:
    core = raw.strip()
    if not core:
        return raw
    value = html.unescape(core)
    said = walk_text(value, place, visit, depth + 1)
    return raw if said == value else raw.replace(core, html.escape(said, quote=False))


def _attributes(raw: str, place: Place, visit: Visit) -> str:
    def one(match: re.Match[str]) -> str:
        name, sign, quoted = match.groups()
        if name == "xmlns" or name.startswith("xmlns:"):
            return match[0]
        value = html.unescape(quoted[1:-1])
        said = visit(place.at(f"@{_local(name)}"), value)
        return match[0] if said == value else f"{name}{sign}{quoted[0]}{html.escape(said)}{quoted[0]}"

    return _ATTRIBUTE.sub(one, raw)


def walk_form(text: str, place: Place, visit: Visit) -> str:
    """Also a query."""
    return "&".join(_pair(pair, place, visit) for pair in text.split("&"))


def _pair(pair: str, place: Place, visit: Visit) -> str:
    name, sign, raw = pair.partition("=")
    if not sign:
        return pair
    value = unquote_plus(raw, errors="surrogateescape")
    said = walk_text(value, place.at(unquote_plus(name)), visit, 1)
    return pair if said == value else f"{name}={quote(said, safe=_SAFE, errors='surrogateescape')}"


def walk_path(path: str, visit: Visit) -> str:
    """The place of a segment are those in front of it."""
    segments = path.split("/")
    said = []
    for index, raw in enumerate(segments):
        value = unquote(raw, errors="surrogateescape")
        new = visit(Place("path", tuple(segments[:index])), value) if value else value
        said.append(raw if new == value else quote(new, safe=_SAFE + "&+=", errors="surrogateescape"))
    return "/".join(said)

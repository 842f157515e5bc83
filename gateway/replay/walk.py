"""One walk through the values of a text, to read them or to put others in their place.

What is not changed keeps its bytes. Texts may be broken: what cannot be read as what it says it is, is one value.
"""

import html
import json
import re
from collections.abc import Callable
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


class _Level:
    """An object or array around: where it is, and how many of an array are behind us."""

    __slots__ = ("count", "is_array", "place")

    def __init__(self, place: Place, *, is_array: bool) -> None:
        self.place = place
        self.is_array = is_array
        self.count = 0


def walk_json(text: str, place: Place, visit: Visit, depth: int = 0) -> str:
    """Raises NotRead."""
    at = 1 if text.startswith("\ufeff") else 0
    try:
        _DECODER.decode(text[at:])
    except (ValueError, RecursionError):
        raise NotRead from None
    pieces = [text[:at]]
    levels: list[_Level] = []
    here = place
    is_name = False
    while (token := _TOKEN.match(text, at)) is not None:
        string, bare, sign = token.groups()
        pieces.append(text[at : token.start(token.lastindex or 0)])
        at = token.end()
        if sign is None:
            if string is not None and is_name:
                here = levels[-1].place.at(_plain(string))
                pieces.append(string)
                is_name = False
            else:
                pieces.append(_scalar(string, bare or "", here, visit, depth))
            continue
        pieces.append(sign)
        if sign in "{[":
            levels.append(_Level(here, is_array=sign == "["))
        elif sign in "}]":
            levels.pop()
        elif sign == ",":
            levels[-1].count += 1
        is_name = sign in "{," and not levels[-1].is_array if levels else False
        if sign in "[," and levels and levels[-1].is_array:
            here = levels[-1].place.at(f"[{levels[-1].count}]")
    return "".join(pieces) + text[at:]


def _plain(string: str) -> str:
    """What is between the quotes."""
    return str(_DECODER.decode(string)) if "\\" in string else string[1:-1]


def _scalar(string: str | None, bare: str, place: Place, visit: Visit, depth: int) -> str:
    if string is None:
        said = visit(place, bare)
        return bare if said == bare else said if re.fullmatch(r"-?\d+(\.\d+)?", said) else json.dumps(said)
    value = _plain(string)
    said = walk_text(value, place, visit, depth + 1)
    return string if said == value else json.dumps(said, ensure_ascii=string.isascii())


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

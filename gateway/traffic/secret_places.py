"""Where secrets stand in texts: each function hands what it finds to `cover`, and puts in what that makes of it.

All else stays as it is, to the byte, so these are patterns and no parsers: what is not well-formed is covered as well.
Every pattern takes time that grows with the text and no faster.
"""

import base64
import binascii
import html
import json
import re
from collections.abc import Callable
from urllib.parse import unquote, unquote_plus

from gateway.traffic.secret_names import COOKIE, PASSWORD, TOKEN, Names

#: (the secret, its kind, its place) -> what stands for it
Cover = Callable[[str, str, str], str]

_JSON_PAIR = re.compile(r'"((?>(?:[^"\\]|\\.){1,200}))"(\s*+:\s*+)("(?>(?:[^"\\]|\\.)*)"|-?[0-9][0-9.eE+-]*+)', re.S)
_ELEMENT = re.compile(
    r"<([\w.:-]{1,200}+)(\s[^<>]*+)?>((?>(?:[^<]++|<!\[CDATA\[(?>(?:(?!\]\]>).){0,2000})\]\]>)*))</\1\s*+>", re.S
)
#: a document within a text of another one
_ESCAPED = re.compile(
    r"&lt;([\w.:-]{1,200}+)((?>(?:(?!&[lg]t;)[^<]){0,500}))&gt;((?>(?:(?!&lt;)[^<]){1,4000}))(?=&lt;/\1\s*+&gt;)"
)
_NESTED_PAIR = re.compile(r'\\"([^"\\]{1,200}+)\\"(\s*+:\s*+)\\"((?>(?:[^"\\]|\\\\.)*))\\"')
_TAG = re.compile(r"<[\w.:-]{1,200}+(\s[^<>]*+)>")
_ATTRIBUTE = re.compile(r"(\s)([\w.:-]{1,200}+)(\s*+=\s*+)(\"[^\"<]*+\"|'[^'<]*+'|[^\s\"'<>=`]{1,4000}+)")
_CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.S)
_PART = re.compile(
    r'(content-disposition:[^\r\n]*?[; ]name="?([^"\r\n;]{1,200}+)"?(?:[^\r\n]*+\r?\n)'
    r"(?>(?:[^\r\n]++\r?\n){0,10})\r?\n)"
    r"([^\r\n]*+)(?=\r?\n--)",
    re.I,
)
_URL = re.compile(r"([?#&;])([^=&#;?\s\"'<>]{1,200}+)=([^&#;\s\"'<>]*+)")
_USERINFO = re.compile(r"(://[^/?#@\s:\"'<>]{0,200}+):([^/?#@\s\"'<>]{1,200}+)@")
_PARAMETER = re.compile(r'\b(response|cnonce|password|token|signature)(\s*+=\s*+)("[^"]*+"|[^\s,]++)', re.I)

#: a JSON web token
JWT = re.compile(r"\beyJ[A-Za-z0-9_-]{5,}+\.[A-Za-z0-9_-]{5,}+\.[A-Za-z0-9_-]*+")
#: what may be a ticket
WORD = re.compile(r"[A-Za-z0-9_-]{16,}+")


def in_json(text: str, names: Names, cover: Cover) -> str:
    def pair(match: re.Match[str]) -> str:
        name, colon, literal = match.groups()
        kind = names.kind(name)
        if not kind or literal == '""':
            return match[0]
        try:
            value = str(json.loads(literal)) if literal.startswith('"') else literal
        except ValueError:
            value = literal[1:-1]
        return f'"{name}"{colon}{json.dumps(cover(value, kind, name))}'

    def nested(match: re.Match[str]) -> str:
        name, colon, value = match.groups()
        kind = names.kind(name)
        return f'\\"{name}\\"{colon}\\"{cover(value, kind, name)}\\"' if kind and value else match[0]

    return _NESTED_PAIR.sub(nested, _JSON_PAIR.sub(pair, text))


def in_markup(text: str, names: Names, cover: Cover) -> str:
    """XML and HTML: elements, attributes, and pairs of attributes `name` and `value`."""

    def element(match: re.Match[str]) -> str:
        tag, attributes, content = match[1], match[2] or "", match[3]
        called = _called(attributes)
        name = tag if names.kind(tag) else called
        kind = names.kind(name)
        bare = html.unescape(_CDATA.sub(r"\1", content)) if "<" in content else html.unescape(content)
        if not kind or not bare.strip():
            return match[0]
        mark = cover(bare.strip(), kind, name.rpartition(":")[2])
        return f"<{tag}{attributes}>{html.escape(mark)}</{match[0].rpartition('</')[2]}"

    def tag(match: re.Match[str]) -> str:
        called = _called(match[1])
        attributes = _ATTRIBUTE.sub(lambda found: _attribute(found, called, names, cover), match[1])
        return f"{match[0][: match.start(1) - match.start()]}{attributes}>"

    def escaped(match: re.Match[str]) -> str:
        kind, bare = names.kind(match[1]), html.unescape(html.unescape(match[3])).strip()
        name = match[1].rpartition(":")[2]
        return f"&lt;{match[1]}{match[2]}&gt;{cover(bare, kind, name)}" if kind and bare else match[0]

    return _ESCAPED.sub(escaped, _TAG.sub(tag, _ELEMENT.sub(element, text)))


def _called(attributes: str) -> str:
    """What the attributes of an element say it is called."""
    for found in _ATTRIBUTE.finditer(attributes):
        if found[2].lower() in ("name", "key"):
            return _unquoted(found[4])
    return ""


def _attribute(match: re.Match[str], called: str, names: Names, cover: Cover) -> str:
    space, name, equals, quoted = match.groups()
    value = html.unescape(_unquoted(quoted))
    kind = names.kind(name) if name.lower() != "value" else names.kind(called)
    if not kind or not value.strip() or name.lower().startswith("xmlns"):
        return match[0]
    mark = cover(value.strip(), kind, called if name.lower() == "value" else name.rpartition(":")[2])
    quote = quoted[0] if quoted[0] in "\"'" else ""
    return f"{space}{name}{equals}{quote}{html.escape(mark)}{quote}"


def _unquoted(text: str) -> str:
    """HTML has attributes without quotes as well."""
    return text[1:-1] if text[0] in "\"'" else text


def in_form(text: str, names: Names, cover: Cover) -> str:
    pairs = []
    for pair in text.split("&"):
        name, equals, value = pair.partition("=")
        kind = names.kind(unquote_plus(name)) if equals and value else ""
        pairs.append(f"{name}={cover(unquote_plus(value), kind, unquote_plus(name))}" if kind else pair)
    return "&".join(pairs)


def in_parts(text: str, names: Names, cover: Cover) -> str:
    """A multipart body."""

    def part(match: re.Match[str]) -> str:
        kind = names.kind(match[2])
        return match[1] + cover(match[3], kind, match[2]) if kind and match[3] else match[0]

    return _PART.sub(part, text)


def in_url(text: str, names: Names, cover: Cover) -> str:
    """A target, or a text with addresses: their queries, fragments and passwords."""

    def pair(match: re.Match[str]) -> str:
        name = unquote_plus(match[2])
        kind = names.kind(name) if match[3] else ""
        return f"{match[1]}{match[2]}={cover(unquote_plus(match[3]), kind, name)}" if kind else match[0]

    text = _USERINFO.sub(lambda match: f"{match[1]}:{cover(unquote(match[2]), PASSWORD, 'address')}@", text)
    return _URL.sub(pair, text)


def in_header(name: str, value: str, names: Names, cover: Cover) -> str:
    """`name` in small letters."""
    match name:
        case "authorization" | "proxy-authorization":
            return _authorization(value, cover)
        case "www-authenticate" | "proxy-authenticate" | "authentication-info":
            scheme, space, rest = value.partition(" ")
            # the last word of a handshake that is the connection's
            return (
                scheme + space + cover(rest, TOKEN, name) if scheme.lower() in ("negotiate", "ntlm") and rest else value
            )
        case "cookie":
            return "; ".join(_cookie(pair, cover) for pair in value.split("; "))
        case "set-cookie":
            pair, semicolon, rest = value.partition(";")
            return _cookie(pair, cover) + semicolon + rest
        case "location" | "content-location" | "referer" | "origin" | "link" | "refresh" | "soapaction":
            return in_url(value, names, cover)
    kind = "" if name.startswith("access-control-") else names.kind(name)
    return cover(value, kind, f"header {name}") if kind and value.strip() else value


def _authorization(value: str, cover: Cover) -> str:
    scheme, space, rest = value.partition(" ")
    credential = rest.strip()
    if not credential:
        return cover(value, TOKEN, "header authorization") if value.strip() else value
    match scheme.lower():
        case "basic":
            return f"{scheme}{space}{_basic(credential, cover)}"
        case "digest" | "aws4-hmac-sha256" | "hawk" | "oauth":
            return f"{scheme}{space}" + _PARAMETER.sub(
                lambda found: f"{found[1]}{found[2]}{_quoted(found[3], lambda one: cover(one, TOKEN, scheme))}", rest
            )
    return f"{scheme}{space}{cover(credential, TOKEN, scheme)}"


def _basic(credential: str, cover: Cover) -> str:
    """The name stays, the password does not."""
    try:
        raw = base64.b64decode(credential, validate=True)
        try:
            text, charset = raw.decode(), "utf-8"
        except UnicodeDecodeError:
            text, charset = raw.decode("latin-1"), "latin-1"
    except (binascii.Error, ValueError):
        return cover(credential, PASSWORD, "Basic")
    user, colon, password = text.partition(":")
    if not password:
        return credential
    mark = cover(password, PASSWORD, f"Basic, of {user}")
    return base64.b64encode(f"{user}{colon}{mark}".encode(charset)).decode()


def _cookie(pair: str, cover: Cover) -> str:
    name, equals, value = pair.partition("=")
    bare = value.strip()
    if not equals or not bare.strip('"') or bare.lower() in ("deleted", "deleteme", "expired"):
        return pair
    return name + equals + _quoted(bare, lambda one: cover(one, COOKIE, f"cookie {name.strip()}"))


def _quoted(text: str, cover: Callable[[str], str]) -> str:
    if len(text) > 1 and text[0] == text[-1] == '"':
        return f'"{cover(text[1:-1])}"'
    return cover(text)

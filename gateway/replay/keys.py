"""What a value is known by, however a place writes it: a UUID with dashes or without is one."""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple
from urllib.parse import urlsplit

from gateway.replay.kinds import AllKinds
from gateway.replay.places import Place
from gateway.replay.values import PIECE, TOKEN, is_small_number, shape

_DASHED = re.compile(r"([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})")
_NOTHING = frozenset(("", "0", "null", "true", "false"))
#: texts that are longer are not looked through for values within
_LONGEST = 64 * 1024


class Key(NamedTuple):
    """`kind` is empty for what is known by its looks alone."""

    kind: str
    text: str


def plain(value: str) -> str:
    """A UUID as 32 digits; everything else as it is."""
    if len(value) in (32, 36, 38) and shape(value) in ("uuid", "hex"):
        return value.strip("{}").replace("-", "").lower()
    return value


def like(model: str, text: str) -> str:
    """A text that `plain` made, written as another value is."""
    if len(text) != 32 or shape(model) not in ("uuid", "hex"):
        return text
    if "-" in model:
        text = _DASHED.sub(r"\1-\2-\3-\4-\5", text)
    if model.upper() == model and model.lower() != model:
        text = text.upper()
    return f"{{{text}}}" if model.startswith("{") else text


def is_address(value: str) -> bool:
    """A link, with a host or without."""
    return value[:1] == "/" or value.startswith(("http://", "https://"))


class Keys:
    """`special` are texts that are known to be ids though they do not look like it."""

    def __init__(self, kinds: AllKinds, special: Callable[[str], bool] = lambda text: False) -> None:
        self._kinds = kinds
        self._special = special

    def whole(self, place: Place, value: str, path: str) -> Key | None:
        """What the value as a whole is."""
        if value in _NOTHING or len(value) > _LONGEST:
            return None
        if (len(value) > 9 and shape(value)) or self._special(value):
            return Key("", plain(value))
        kind = self._kinds.kind(place, path)
        return Key(kind, value) if kind and value[0] != "-" else None

    def within(self, place: Place, value: str, path: str) -> Iterator[Key]:
        """What it is, or what is in it."""
        if (key := self.whole(place, value, path)) is not None:
            yield key
            return
        found: list[Key] = []
        self.replaced(place, value, path, lambda key, text: found.append(key) or text)  # type: ignore[func-returns-value]
        yield from found

    def replaced(self, place: Place, value: str, path: str, say: Callable[[Key, str], str]) -> str:
        """The value with what `say` puts in the place of each id that it is or that is within."""
        if (key := self.whole(place, value, path)) is not None:
            return say(key, value)
        if len(value) < 2 or len(value) > _LONGEST or is_small_number(value):
            return value
        if is_address(value):
            return self._address(value, say)
        value = self._kinds.marked(value, path, lambda kind, number: say(Key(kind, number), number))
        return TOKEN.sub(lambda match: self._token(match[0], say), value)

    def _token(self, token: str, say: Callable[[Key, str], str]) -> str:
        if len(token) < 3:
            return token
        if shape(token) or self._special(token):
            return say(Key("", plain(token)), token)
        if len(token) < 10 or token.isalpha():
            return token
        return PIECE.sub(
            lambda match: (
                say(Key("", plain(match[0])), match[0]) if shape(match[0]) or self._special(match[0]) else match[0]
            ),
            token,
        )

    def _address(self, value: str, say: Callable[[Key, str], str]) -> str:
        """A link: its segments have kinds as those of a request's path have."""
        try:
            parts = urlsplit(value)
        except ValueError:
            return value
        start = value.find(parts.path) if parts.path else len(value)
        segments = parts.path.split("/")
        said = []
        for index, segment in enumerate(segments):
            key = self.whole(Place("path", tuple(segments[:index])), segment, parts.path)
            said.append(say(key, segment) if key else TOKEN.sub(lambda match: self._token(match[0], say), segment))
        rest = TOKEN.sub(lambda match: self._token(match[0], say), value[start + len(parts.path) :])
        return value[:start] + "/".join(said) + rest

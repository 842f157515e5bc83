"""JSON as it is stored: compact UTF-8 text, and what it stands for."""

from collections.abc import Mapping
from typing import Any, NoReturn

import orjson


class Nothing(dict[str, Any]):
    """The empty map that all rows share: nobody can put anything into it. A dict, so that it is rendered like any."""

    __slots__ = ()

    def _refuse(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("the map of a row is not changed in place")

    __setitem__ = __delitem__ = __ior__ = _refuse
    setdefault = update = pop = popitem = clear = _refuse

    def __copy__(self) -> "Nothing":
        return self

    def __deepcopy__(self, memo: object) -> "Nothing":
        return self


NOTHING: Mapping[str, Any] = Nothing()


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} has no place in JSON")


def dump(value: Any) -> str:
    return orjson.dumps(value, _plain).decode()


def stored(value: Any) -> str:
    """The text of a column's value. What is text already would be stored as a string of JSON: that is a mistake."""
    if isinstance(value, str):
        raise TypeError("a column of JSON takes the value, not its text")
    return orjson.dumps(value, _plain).decode()


def anything(text: str) -> Any:
    return orjson.loads(text)


def strings(text: str) -> tuple[str, ...]:
    return () if text == "[]" else tuple(orjson.loads(text))


def mapping(text: str) -> Mapping[str, Any]:
    """No text at all stands for an empty map, too."""
    if text == "{}" or not text:
        return NOTHING
    known: Mapping[str, Any] = orjson.loads(text)
    return known or NOTHING

"""Parameters as the vendor declares them, and what its front end says of values that do not fit.

Source: dossier processmaker.md, section 1.4, and the vendor's front run beside this.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from schemas.processmaker.wire import BadRequest

Kind = Literal["text", "index", "int", "bool", "list"]

_WHOLE = re.compile(r"[+-]?[0-9]{1,19}")
_NUMERIC = re.compile(r"[ \t\n\r\v\f]*([+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)")


@dataclass(frozen=True, slots=True)
class Parameter:
    """`shown` is what complaints call it, if not `name`; a text is `shortest` to `longest` bytes long; an index is a
    text or, as in the published pages, a number."""

    name: str
    kind: Kind = "text"
    required: bool = False
    shortest: int = 0
    longest: int = 0
    least: int | None = None
    choice: tuple[str, ...] = ()
    shown: str = ""

    def check(self, value: Any) -> None:
        """Raises BadRequest."""
        name = self.shown or self.name
        if value is None:
            if self.required:
                raise BadRequest(f"`{name}` is required.")
            return
        complaint = self._complaint(value)
        if complaint is not None:
            raise BadRequest(f"Invalid value specified for `{name}`{complaint and '. '}{complaint}")
        if self.kind == "text" and self.required and value == "":
            raise BadRequest(f"`{name}` is required.")
        if self.kind == "text":
            self._check_length(value, name)

    def _complaint(self, value: Any) -> str | None:
        """None: there is nothing to complain of."""
        several = _elements(value)
        if self.choice and not all(any(_alike(one, option) for option in self.choice) for one in several):
            return f"Expected one of ({','.join(self.choice)})."
        if self.kind == "text":
            return None if isinstance(value, str) else "Expecting alpha numeric value"
        if self.kind == "index":
            return None if isinstance(value, str) or whole(value) is not None else "Expecting alpha numeric value"
        if self.kind == "list":
            return None if isinstance(value, list | dict) else ""
        if self.kind != "int":
            return None
        number = whole(value)
        if number is None:
            return "Expecting integer value"
        if self.least is not None and number < self.least:
            return f"Minimum required value is {self.least}."
        return None

    def _check_length(self, text: str, name: str) -> None:
        length = len(text.encode("utf-8", "replace"))
        for limit, too, word, verdict in (
            (self.shortest, length < self.shortest, "Minimum", "required"),
            (self.longest, 0 < self.longest < length, "Maximum", "allowed"),
        ):
            if too:
                characters = "characters" if limit > 1 else "character"
                raise BadRequest(f"Invalid value specified for `{name}`. {word} {limit} {characters} {verdict}.")


def _elements(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else (value,)


def _alike(value: Any, option: str) -> bool:
    """As PHP 7 compares a value with a text, loosely."""
    if isinstance(value, bool):
        return value is (option not in ("", "0"))
    if isinstance(value, str):
        numbers = number(value), number(option)
        return value == option or (None not in numbers and numbers[0] == numbers[1])
    if isinstance(value, int | float):
        return value == (number(option) or 0)
    return False


def number(value: Any) -> float | int | None:
    """What PHP calls numeric, None if it is not."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    if not isinstance(value, str):
        return value
    match = _NUMERIC.fullmatch(value)
    if match is None:
        return None
    digits = match[1]
    return int(digits) if _WHOLE.fullmatch(digits) else float(digits)


def whole(value: Any) -> int | None:
    """The integer that a value is for PHP, None if it is none."""
    parsed = number(value)
    if parsed is None or not -(2**63) <= parsed < 2**63 or parsed != int(parsed):
        return None
    return int(parsed)


def by_uid(name: str, shown: str = "", *, exact: bool = True) -> Parameter:
    """A required id: 32 bytes, or any length up to that."""
    return Parameter(name, required=True, shortest=32 if exact else 1, longest=32, shown=shown)


def integer(values: Mapping[str, Any], name: str) -> int | None:
    """A parameter that may be an integer; an empty text is as good as none. Raises BadRequest."""
    value = values.get(name)
    if value is None or value == "":
        return None
    parsed = whole(value)
    if parsed is None:
        raise BadRequest(f"Invalid value specified for `{name}`. Expecting integer value")
    return parsed


def texts(names: str) -> tuple[Parameter, ...]:
    return tuple(map(Parameter, names.split()))


def integers(names: str) -> tuple[Parameter, ...]:
    return tuple(Parameter(name, "int") for name in names.split())


def check(parameters: Iterable[Parameter], values: Mapping[str, Any]) -> None:
    """Those that are declared, in their order. Raises BadRequest."""
    for parameter in parameters:
        parameter.check(values.get(parameter.name))


#: which delegation of a case
DEL_INDEX = Parameter("del_index", "index")
#: administration lists
FILTERED = texts("filter lfilter rfilter start limit")
SEARCHED = texts("filter start limit")
#: case lists
LISTED = (*integers("start limit"), *texts("sort dir cat_uid pro_uid search"))
#: the body as a whole
WHOLE_BODY = Parameter("request_data", "list", required=True)

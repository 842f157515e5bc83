"""Where settings come from: a TOML file, the environment, flags. A setting is named as whoever wrote it knows it."""

import os
import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

PREFIX = "DRAGOMAN_"
FILE = "dragoman.toml"
CONFIG = "DRAGOMAN_CONFIG"
#: variables that are no settings: they say which file to read, or answer a question of a command
OTHERS = (CONFIG, "DRAGOMAN_URL", "DRAGOMAN_PASSWORD", "DRAGOMAN_TOKEN", "DRAGOMAN_CLIENT_SECRET")

KeyPath = tuple[str | int, ...]

_AT_LINE = re.compile(r" \(at line (\d+), column (\d+)\)$")
_HEADER = re.compile(r"\s*(\[\[?)([^\[\]]+)\]\]?\s*(#.*)?$")


class SettingsError(ValueError):
    """A setting cannot be used; the text names it."""


def config_file() -> Path | None:
    """The file that is read, None if there is none. Raises SettingsError if one was asked for that is not there."""
    asked = os.environ.get(CONFIG)
    path = Path(asked or FILE)
    if path.is_file():
        return path
    if path.exists():
        raise SettingsError(f"{path} is no file")
    if asked:
        raise SettingsError(f"{CONFIG}: there is no file {path}")
    return None


def read_file() -> dict[str, Any]:
    """What is in the file. Raises SettingsError, which tells the line."""
    path = config_file()
    if path is None:
        return {}
    try:
        return tomllib.loads(_text(path))
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        place = _AT_LINE.search(message)
        where = f"{path}, line {place[1]}, column {place[2]}" if place else f"{path}, at its end"
        what = _AT_LINE.sub("", message).removesuffix(" (at end of document)")
        raise SettingsError(f"{where}: this is no TOML: {what[:1].lower()}{what[1:]}") from None


def _text(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}") from None
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise SettingsError(f"{path}, line {line}: a settings file is written in UTF-8") from None


def variables() -> tuple[str, ...]:
    """The settings among the variables of the environment."""
    return tuple(sorted(name for name in os.environ if name.upper().startswith(PREFIX) and name.upper() not in OTHERS))


def summary(flags: Mapping[str, Any]) -> str:
    """One sentence about what was read; values are nobody's business."""
    path = config_file()
    parts = [f"the file {path.resolve()}" if path else f"no file (there is no {FILE} in {Path.cwd()})"]
    if names := variables():
        parts.append(f"the environment: {', '.join(names)}")
    if given := [_flag(name) for name, value in flags.items() if value is not None]:
        parts.append(f"the command line: {', '.join(given)}")
    return "settings come from " + "; ".join(parts)


def named(path: KeyPath, flags: Mapping[str, Any] | None = None) -> str:
    """What a setting is called where it was set: `--port`, `DRAGOMAN_PORT`, `dragoman.toml, line 3: port`."""
    if flags and flags.get(str(path[0])) is not None:
        return _flag(str(path[0]))
    within = path[1:] if path[0] == "dialects" and len(path) > 2 else path[:1]
    wanted = PREFIX + "_".join(map(str, within[:2])).upper()
    for variable in variables():
        if variable.upper() == wanted:
            return variable
    dotted = ".".join(str(part) for part in path if isinstance(part, str))
    file = config_file()
    line = line_of(_text(file), path) if file else 0
    return f"{file}, line {line}: {dotted}" if line else dotted


def instead(wrong: str, known: tuple[str, ...], *, prefix: str = "", otherwise: bool = False) -> str:
    """`; did you mean port?`, if something is near; else, where there are few, what there is."""
    near = get_close_matches(wrong, known, 1, 0.6)
    if near:
        return f"; did you mean {prefix}{near[0]}?"
    return f"; there are {', '.join(known)}" if otherwise else ""


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")


def line_of(text: str, path: KeyPath) -> int:
    """The line of a TOML document on which a key stands, or else the table that it is in; 0 if neither can be told."""
    places: dict[KeyPath, int] = {}
    tables: Counter[KeyPath] = Counter()
    table: KeyPath = ()
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            table = _within(_keys(header[2]), tables)
            if header[1] == "[[":
                tables[table] += 1
                table = (*table, tables[table] - 1)
            places.setdefault(table, number)
        elif keys := _keys(line.partition("=")[0]):
            places.setdefault((*table, *keys), number)
    while path and path not in places:
        path = path[:-1]
    return places.get(path, 0)


def _within(keys: KeyPath, tables: Counter[KeyPath]) -> KeyPath:
    """The keys of a header with the numbers of the tables in arrays: `[a.b]` behind a second `[[a]]` is `a`, 1, `b`."""
    path: KeyPath = ()
    for key in keys[:-1]:
        path = (*path, key)
        if path in tables:
            path = (*path, tables[path] - 1)
    return (*path, *keys[-1:])


def _keys(text: str) -> KeyPath:
    """The parts of a dotted key, none if it is no key."""
    try:
        value: Any = tomllib.loads(f"{text} = 0")
    except tomllib.TOMLDecodeError:
        return ()
    keys: list[str] = []
    while isinstance(value, dict) and value:
        ((key, value),) = value.items()
        keys.append(key)
    return tuple(keys)

"""Of which kind a small number is, by the place where it stands."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from adapters.common.dialect import Dialect, Numbers
from gateway.replay.places import Place

#: members that hold a list, around which there is nothing
_AROUND = frozenset(("items", "data", "value", "content", "results", "response", "root"))
#: of the pages that are the gateway's own
_OWN_PATH = re.compile(r"/history/[^/]+$")
#: what stands for the kind that the path of a request has
_OF_THE_PATH = "/"
_OWN = (Numbers("holding", ("holding_number",)),)


@dataclass(frozen=True, slots=True)
class _Path:
    pattern: re.Pattern[str]
    length: int
    kind: str


@dataclass
class Kinds:
    """What some rules say."""

    _names: dict[str, str] = field(default_factory=dict)
    _paths: list[_Path] = field(default_factory=list)
    _marks: dict[str, str] = field(default_factory=dict)
    _marked: re.Pattern[str] | None = None
    _known: dict[tuple[str, ...], str] = field(default_factory=dict)

    @classmethod
    def of(cls, rules: Iterable[Numbers]) -> "Kinds":
        kinds = cls()
        for rule in rules:
            kinds.add(rule)
        return kinds

    def add(self, rule: Numbers) -> None:
        for name in rule.names:
            self._names[name.lower()] = rule.kind
        for path in rule.paths:
            pattern = "[^/]+".join(re.escape(part) for part in re.split(r"\{\w*\}", path.rstrip("/")))
            self._paths.append(_Path(re.compile(pattern, re.IGNORECASE), path.count("/"), rule.kind))
        self._marks.update(dict.fromkeys(rule.marks, rule.kind))
        if rule.marks:
            marks = "|".join(map(re.escape, self._marks))
            self._marked = re.compile(rf"(?<![A-Za-z0-9])({marks})([1-9][0-9]{{0,8}})(?![A-Za-z0-9])")
        self._paths.sort(key=lambda one: -one.length)
        self._known.clear()

    @property
    def is_empty(self) -> bool:
        return not self._names and not self._paths

    def kind(self, place: Place, path: str) -> str:
        """ "" for a place of which nobody knows anything; `path` is that of the request."""
        if place.part == "path":
            return self._at("/".join(place.steps), whole=True)
        known = self._known.get(place.steps)
        if known is None:
            known = self._known[place.steps] = self._named(place.names)
            if len(self._known) > 50_000:
                self._known.clear()
        return self._at(path, whole=False) if known is _OF_THE_PATH else known

    def marked(self, text: str, say: Callable[[str, str], str]) -> str:
        """The text with what `say` puts for each number behind a mark, given its kind and the number."""
        if self._marked is None:
            return text
        return self._marked.sub(lambda match: match[1] + say(self._marks[match[1]], match[2]), text)

    def _named(self, names: tuple[str, ...]) -> str:
        parts = [name.lstrip("@").lower() for name in names]
        for count in (3, 2, 1):
            if count <= len(parts) and (kind := self._names.get(".".join(parts[-count:]))) is not None:
                return kind
        # also a bare list, or a bare number
        is_whole = parts[-1:] in ([], ["id"], ["ids"]) and all(part in _AROUND for part in parts[:-1])
        return _OF_THE_PATH if is_whole else ""

    def _at(self, path: str, *, whole: bool) -> str:
        for one in self._paths:
            match = one.pattern.fullmatch(path) if whole else one.pattern.match(path)
            if match is not None and (whole or path[match.end() : match.end() + 1] in ("", "/")):
                return one.kind
        return ""


_PARAMETER = re.compile(r"\{[^{}]*\}")


class _Spoken:
    """The addresses of a dialect's operations: others below its prefix are somebody else's."""

    def __init__(self, dialect: Dialect) -> None:
        self.kinds = Kinds.of(dialect.numbers)
        paths = {"[^/]+".join(map(re.escape, _PARAMETER.split(one.path))) for one in dialect.operations}
        self._owns = dialect.owns
        self._operations = re.compile("|".join(sorted(paths)), re.IGNORECASE)
        #: where the operation is not in the address
        self._calls = bool(dialect.wsdl)

    def has(self, path: str) -> bool:
        if self._owns.match(path) is None:
            return False
        return self._calls or self._operations.fullmatch(path.rstrip("/")) is not None


class AllKinds:
    """Those of the dialects for their paths, else those of a file, and what was learned."""

    def __init__(self, dialects: Iterable[Dialect], others: Kinds | None = None) -> None:
        self._dialects = [_Spoken(dialect) for dialect in dialects]
        self._own = Kinds.of(_OWN)
        self.others = others or Kinds()
        self._known: dict[str, Kinds | None] = {}

    def _of(self, path: str) -> Kinds | None:
        """Those of the dialect that has something at a path."""
        try:
            return self._known[path]
        except KeyError:
            if len(self._known) > 50_000:
                self._known.clear()
            spoken = next((one.kinds for one in self._dialects if one.has(path)), None)
            self._known[path] = known = self._own if _OWN_PATH.match(path) else spoken
            return known

    def is_known(self, path: str) -> bool:
        """Is it one of a dialect?"""
        return self._of(path) is not None

    def marked(self, text: str, path: str, say: Callable[[str, str], str]) -> str:
        """As that of `Kinds`."""
        if (known := self._of(path)) is None:
            return text
        return known.marked(text, say)

    def kind(self, place: Place, path: str) -> str:
        """What a file says is said of any path. Kinds with one name are one: behind all dialects is one engine."""
        if not self.others.is_empty and (said := self.others.kind(place, path)):
            return said
        if (known := self._of(path)) is None:
            return ""
        return known.kind(place, path)

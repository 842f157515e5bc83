"""What differs between two runs of one script differs by nature: which places, and how they are to be judged."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from adapters.common.noise import Rule
from gateway.compare.moments import Span, from_clocks, moment
from gateway.compare.noise import seconds
from gateway.compare.patterns import shape_of
from gateway.compare.places import anywhere
from gateway.diff.bindings import name_of
from gateway.diff.looks import SHORTEST, shape
from schemas.common.numbers import whole

#: pairs of values that are remembered of a place
MAX_SAMPLES = 50
MAX_PLACES = 5_000
_TOLERANCES = ("5s", "1min", "15min", "1h")
_DIGIT = re.compile("[0-9]")
_NUMERIC = re.compile(r"/(?:[0-9]+)(?=/|$)")
_ID = re.compile(r"(?:id|uid|key|number|nr|no|ref)s?")
#: a name in small letters that ends so without being about an id
_NO_ID = re.compile(r".*(?:valid|paid|void|grid|bid|monkey)s?")


@dataclass(slots=True)
class Sample:
    old: str
    new: str
    old_span: Span
    new_span: Span


@dataclass(slots=True)
class Volatile:
    """A place whose values were different in two runs; `path` is of the first request that had it."""

    operation: str
    place: str
    path: str
    samples: list[Sample] = field(default_factory=list)
    #: of exchanges
    count: int = 0


@dataclass(frozen=True, slots=True)
class Numbers:
    """Small numbers that a server counts up: they are bound, as other identities are."""

    kind: str
    names: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()


@dataclass(slots=True)
class Learned:
    """`left` are places that differ and are no noise, as far as anybody can tell from two runs."""

    rules: list[Rule] = field(default_factory=list)
    numbers: list[Numbers] = field(default_factory=list)
    left: list[Volatile] = field(default_factory=list)


class Learner:
    """Is told of each value that was not the same, and of each list in another order."""

    def __init__(self) -> None:
        self._places: dict[tuple[str, str], Volatile] = {}
        self._orders: dict[tuple[str, str], None] = {}
        self.left_out = 0

    def differed(self, operation: str, place: str, path: str, sample: Sample) -> None:
        key = (operation, anywhere(place))
        there = self._places.get(key)
        if there is None:
            if len(self._places) >= MAX_PLACES:
                self.left_out += 1
                return
            there = self._places[key] = Volatile(operation, key[1], path)
        there.count += 1
        if len(there.samples) < MAX_SAMPLES:
            there.samples.append(sample)

    def reordered(self, operation: str, place: str) -> None:
        if len(self._orders) < MAX_PLACES:
            self._orders[operation, anywhere(place)] = None

    def learned(self) -> Learned:
        found = Learned()
        for operation, place in self._orders:
            found.rules.append(Rule(place, "order", operation, kind="order", why="came in another order"))
        names: dict[str, set[str]] = {}
        for one in self._places.values():
            if any(_is_below(one, operation, place) for operation, place in self._orders):
                continue  # what stands where depends on the order
            if _is_counter(one) and _is_named_like_an_id(name_of(one.place)):
                names.setdefault(name_of(one.place), set()).add(_collection(one.path))
            elif (rule := _rule(one)) is not None:
                found.rules.append(rule)
            else:
                found.left.append(one)
        for name, paths in names.items():
            kind = f"of {name}" if name not in ("id", "ids") else f"of {min(filter(None, paths), default=name)}"
            found.numbers.append(Numbers(kind, (name,), tuple(sorted(path for path in paths if path))))
        return found


def _is_named_like_an_id(name: str) -> bool:
    """`id`, `taskid`, `task_no`: in small letters, as names are kept."""
    last = re.split(r"[_.-]", name)[-1]
    ends = last.endswith(("id", "ids", "uid", "key", "number", "nr"))
    return bool(_ID.fullmatch(last)) or (ends and not _NO_ID.fullmatch(last))


def _is_below(one: Volatile, operation: str, place: str) -> bool:
    return one.operation == operation and one.place.startswith(f"{place}/")


def _rule(one: Volatile) -> Rule | None:
    olds, news = [sample.old for sample in one.samples], [sample.new for sample in one.samples]
    times = f"differed in {one.count} exchanges"
    if (tolerance := _clock(one.samples)) is not None:
        return Rule(one.place, "within", one.operation, tolerance=tolerance, kind="clock", why=times)
    if all(shape(text) for text in (*olds, *news)):
        return Rule(one.place, "same", one.operation, kind="random", why=f"an identity, which is compared; {times}")
    pattern = shape_of([*olds, *news])
    if not pattern:
        return None
    if _is_counter(one):
        return Rule(one.place, "shape", one.operation, pattern="{digits}", kind="counter", why=times)
    # two words that differ are a difference; digits in them make them something that a machine has made
    if all(_DIGIT.search(text) for text in (*olds, *news)):
        return Rule(one.place, "shape", one.operation, pattern=pattern, kind="random", why=times)
    return None


def _clock(samples: Iterable[Sample]) -> str | None:
    """How far apart the clocks are at most, None where something else than a clock has a part in it."""
    pairs = [(moment(sample.old), moment(sample.new), sample) for sample in samples]
    for tolerance in _TOLERANCES:
        if all(
            old is not None
            and new is not None
            and from_clocks(old, new, sample.old_span, sample.new_span, seconds(tolerance))
            for old, new, sample in pairs
        ):
            return tolerance
    return None


def _is_counter(one: Volatile) -> bool:
    """Whole numbers that are further on in one run than in the other, always in the same direction."""
    pairs = [(whole(sample.old, SHORTEST - 1), whole(sample.new, SHORTEST - 1)) for sample in one.samples]
    ahead = {new > old if old is not None and new is not None else None for old, new in pairs}
    return ahead in ({True}, {False})


def _collection(path: str) -> str:
    """The address behind which such numbers stand."""
    first = _NUMERIC.search(path)
    return path[: first.start()] if first is not None else ""


def written(learned: Learned, old: str, new: str) -> str:
    """As a file to read and edit."""
    lines = [
        f"# What differed between {_line(old)} and {_line(new)}, and how it is judged from now on.",
        "# Read it before you use it: a rule that is too wide hides what you look for.",
        "format = 1",
    ]
    for rule in learned.rules:
        lines += ["", "[[rule]]"]
        pairs = {"operation": rule.operation, "place": rule.place, "judge": rule.judge, "pattern": rule.pattern}
        pairs |= {"tolerance": rule.tolerance, "key": rule.key, "kind": rule.kind, "why": rule.why}
        lines += [f"{name} = {quoted(value)}" for name, value in pairs.items() if value or name == "place"]
    for numbers in learned.numbers:
        lines += ["", "[[identity]]", f"kind = {quoted(numbers.kind)}  # counter"]
        lines.append(f"names = [{', '.join(map(quoted, numbers.names))}]")
        if numbers.paths:
            lines.append(f"paths = [{', '.join(map(quoted, numbers.paths))}]")
    if learned.left:
        lines += ["", "# These differ, too, and are no noise as far as two runs can tell:"]
        for one in learned.left:
            sample = one.samples[0]
            lines.append(
                f"# {_line(one.operation)} {_line(one.place, 1_000)}: {_line(sample.old)} and {_line(sample.new)}"
            )
    return "\n".join(lines) + "\n"


def _line(text: str, most: int = 100) -> str:
    """In a comment, where control characters may not stand."""
    return "".join(character if character.isprintable() else "?" for character in text[:most])


def quoted(text: str) -> str:
    """A string of TOML."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else _escaped(c) for c in escaped) + '"'


def _escaped(character: str) -> str:
    code = ord(character)
    return "?" if 0xD800 <= code <= 0xDFFF else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"

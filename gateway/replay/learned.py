"""Which small numbers of a foreign system are of one kind, learned from how its clients use them.

An answer has a number where an id stands, and later a client sends it: then both places are of one kind. What a client
sends at a place counts only if all that was ever sent there was known from answers: page 2 is no thing.
"""

import re
from collections import defaultdict

from adapters.common.dialect import Numbers
from gateway.replay.kinds import AllKinds
from gateway.replay.places import Place
from gateway.replay.values import is_named_like_one

_NUMERIC = re.compile(r"[0-9]+|[0-9a-fA-F-]{16,}")


def _template(path: str) -> str:
    """The path with `{}` for what varies."""
    return "/".join("{}" if _NUMERIC.fullmatch(segment) else segment for segment in path.rstrip("/").split("/"))


class _Groups:
    """Places that are of one kind."""

    def __init__(self) -> None:
        self._parents: dict[str, str] = {}

    def of(self, place: str) -> str:
        parent = self._parents.setdefault(place, place)
        while parent != self._parents[parent]:
            parent = self._parents[parent]
        self._parents[place] = parent
        return parent

    def join(self, one: str, other: str) -> None:
        self._parents[self.of(other)] = self.of(one)


class Learner:
    def __init__(self, kinds: AllKinds) -> None:
        self._kinds = kinds
        #: by value: the places of answers that have it
        self._seen: dict[str, set[str]] = defaultdict(set)
        #: by place of requests: how often what was sent was known, and was not
        self._sent: dict[str, tuple[int, int]] = {}
        self._links: dict[tuple[str, str], int] = defaultdict(int)

    def answered(self, place: Place, value: str, path: str) -> None:
        if value == "0" or self._kinds.is_known(path) or not is_named_like_one(place.name):
            return
        self._seen[value].add(_called(place, path))

    def sent(self, place: Place, value: str, path: str) -> None:
        if self._kinds.is_known(path) or (place.part != "path" and not is_named_like_one(place.name)):
            return
        where = f"path {_template('/'.join(place.steps))}" if place.part == "path" else _called(place, path)
        known, unknown = self._sent.get(where, (0, 0))
        places = self._seen.get(value)
        self._sent[where] = (known + 1, unknown) if places else (known, unknown + 1)
        for there in places or ():
            self._links[where, there] += 1

    def teach(self) -> None:
        """Add to the kinds what was learned."""
        groups = _Groups()
        taught: set[str] = set()
        for where, (known, unknown) in self._sent.items():
            # numbers of different kinds may be equal: a link has to hold for all that was sent
            places = [there for (one, there), times in self._links.items() if one == where and times == known]
            if not unknown and places:
                nearest = max(sorted(places), key=lambda there: _likeness(where, there))
                groups.join(nearest, where)
                taught |= {where, nearest}
        members: dict[str, list[str]] = defaultdict(list)
        for place in sorted(taught):
            members[groups.of(place)].append(place)
        for group in members.values():
            paths = [place.removeprefix("path ") for place in group if place.startswith("path ")]
            names = [place.removeprefix("name ") for place in group if place.startswith("name ")]
            self._kinds.others.add(Numbers(f"of {(names or paths)[0]}", tuple(names), tuple(paths)))


def _likeness(one: str, other: str) -> int:
    """How many letters of their last words are the same."""
    if one == other:
        return 1000
    words = [re.split(r"[ /.]", place.rstrip("/{}"))[-1].lower() for place in (one, other)]
    return next((n for n, (a, b) in enumerate(zip(*words, strict=False)) if a != b), min(map(len, words)))


def _called(place: Place, path: str) -> str:
    """A name that says enough, or the address at which an `id` is answered and sent."""
    name = place.name.lower()
    if name not in ("id", "ids", "number", "key", "uid", "uuid", "nr", "ref"):
        return f"name {name}"
    around = [step.lstrip("@").lower() for step in place.names[:-1]]
    if place.part == "xml" and around:
        return f"name {around[-1]}.{name}"
    if around and around[-1] not in ("items", "data", "value", "content", "results"):
        return f"name {around[-1]}.{name}"
    collection = re.sub(r"(/\{\}).*$", "", _template(path))
    return f"path {collection}" if name == "id" else f"name {name}"

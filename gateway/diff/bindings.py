"""Which value of one run stands for which one of another: found where both stand at the same place."""

from collections import deque
from collections.abc import Iterable

from gateway.compare.places import segments
from gateway.diff.looks import SHORTEST, TOKEN, shape
from schemas.common.numbers import whole

#: pairs that are remembered at a time
MOST_BOUND = 200_000
_MOST_LOST = 100_000


def name_of(place: str) -> str:
    """The last name of a place, without what tells items from each other."""
    for part in reversed(segments(place)):
        name = part.rpartition("}")[2].partition("[")[0].removeprefix("@")
        if name and whole(name) is None:
            return name.lower()
    return ""


class Bindings:
    """Grows with each pair of answers. `numbers` are names of members and elements, in lower case, and of which kind of
    thing a number there is one."""

    def __init__(self, numbers: dict[str, str] | None = None) -> None:
        self._numbers = numbers or {}
        #: by key: what it is on the other server; the oldest go where there are too many, and are bound anew
        self._new: dict[str, str] = {}
        self._old: dict[str, str] = {}
        #: their keys: a dictionary is slow to tell its first one when many before it are gone
        self._in_order: deque[tuple[str, str]] = deque()
        self._lost: dict[str, int] = {}
        #: exchanges in which something got lost
        self.losing: set[int] = set()

    @property
    def shortest(self) -> int:
        """Texts that are shorter stand for themselves."""
        return 0 if self._numbers else SHORTEST

    def back(self, operation: str, place: str, value: str) -> str:
        """What the new server said, in the words of the old one; as it is where nothing is bound."""
        if not self._numbers and len(value) < SHORTEST:
            return value
        key = self._key(place, value)
        if key is not None:
            return self._old.get(key, value)
        if not self._old or len(value) < SHORTEST:
            return value
        return TOKEN.sub(lambda match: self._old.get(match[0], match[0]), value)

    def forth(self, text: str) -> str:
        """What the old client said, as it is said to the new server."""
        return TOKEN.sub(lambda match: self._new.get(match[0], match[0]), text) if self._new else text

    def wrong(self, operation: str, place: str, old: str, new: str) -> bool:
        """Does one of them stand for something, and not for the other one?"""
        if not self._numbers and len(old) < SHORTEST and len(new) < SHORTEST:
            return False
        one, other = self._key(place, old), self._key(place, new)
        if one is not None and one in self._new:
            return self._new[one] != new
        return other is not None and other in self._old and self._old[other] != old

    def lost(self, operation: str, place: str, old: str) -> int | None:
        """The exchange whose new answer should have had the counterpart of an old value, and did not."""
        if not self._lost:
            return None
        return next((self._lost[match[0]] for match in TOKEN.finditer(old[:10_000]) if match[0] in self._lost), None)

    def meet(self, operation: str, place: str, old: str, new: str) -> bool:
        """Bind two of one kind of which neither is bound."""
        one, other = self._key(place, old), self._key(place, new)
        if one is None or other is None or shape(old) != shape(new) or one in self._new or other in self._old:
            return False
        if len(self._new) >= MOST_BOUND:
            eldest, its = self._in_order.popleft()
            del self._new[eldest], self._old[its]
        self._new[one], self._old[other] = new, old
        self._in_order.append((one, other))
        return True

    def lose(self, texts: Iterable[str], exchange: int) -> None:
        """Of what one server said and the other one did not."""
        for text in texts:
            for match in TOKEN.finditer(text[:10_000]):
                if shape(match[0]) and match[0] not in self._new and len(self._lost) < _MOST_LOST:
                    self._lost.setdefault(match[0], exchange)
                    self.losing.add(exchange)

    def _key(self, place: str, value: str) -> str | None:
        """A number with its kind, which no other value looks like."""
        if len(value) < SHORTEST:
            is_number = bool(self._numbers and whole(value))
            kind = self._numbers.get(name_of(place)) if is_number else None
            return f"{kind}\n{value}" if kind else None
        return value if shape(value) else None

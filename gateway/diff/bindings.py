"""Which value of one run stands for which one of another: found where both stand at the same place."""

from collections import deque
from collections.abc import Iterable, Mapping

from gateway.compare.places import segments
from gateway.diff.links import Links
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
    thing a number there is one; `behind` are paths, and the kind of a number behind them in a link."""

    def __init__(self, numbers: Mapping[str, str] | None = None, behind: Mapping[str, str] | None = None) -> None:
        self._numbers = numbers or {}
        self._links = Links(behind or {})
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
        return 0 if self._numbers or self._links else SHORTEST

    def back(self, operation: str, place: str, value: str) -> str:
        """What the new server said, in the words of the old one; as it is where nothing is bound."""
        if self._links:
            value = self._links.replaced(value, lambda kind, number: self._old.get(_key(kind, number), number))
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
        if self._links and self._leads_elsewhere(old, new):
            return True
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
        if self.differ_in_numbers(old, new):
            return self._meet_in_links(old, new)
        one, other = self._key(place, old), self._key(place, new)
        if one is None or other is None or shape(old) != shape(new) or one in self._new or other in self._old:
            return False
        self._bind(one, other, old, new)
        return True

    def differ_in_numbers(self, old: str, new: str) -> bool:
        """Are both links that are the same but for numbers of a kind?"""
        if not self._links or old == new:
            return False
        (one, olds), (other, news) = self._links.numbers(old), self._links.numbers(new)
        return bool(olds) and one == other and len(olds) == len(news)

    def _meet_in_links(self, old: str, new: str) -> bool:
        pairs = zip(self._links.numbers(old)[1], self._links.numbers(new)[1], strict=True)
        waiting = []
        for (kind, before), (other_kind, after) in pairs:
            one, other = _key(kind, before), _key(other_kind, after)
            if self._new.get(one) == after and self._old.get(other) == before:
                continue
            if one in self._new or other in self._old:
                return False
            waiting.append((one, other, before, after))
        for each in waiting:
            self._bind(*each)
        return True

    def _leads_elsewhere(self, old: str, new: str) -> bool:
        olds, news = self._links.numbers(old)[1], self._links.numbers(new)[1]
        return any(
            self._new.get(_key(*one), other[1]) != other[1] or self._old.get(_key(*other), one[1]) != one[1]
            for one, other in zip(olds, news, strict=False)
        )

    def _bind(self, one: str, other: str, old: str, new: str) -> None:
        if len(self._new) >= MOST_BOUND:
            eldest, its = self._in_order.popleft()
            del self._new[eldest], self._old[its]
        self._new[one], self._old[other] = new, old
        self._in_order.append((one, other))

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
            return _key(kind, value) if kind else None
        return value if shape(value) else None


def _key(kind: str, number: str) -> str:
    return f"{kind}\n{number}"

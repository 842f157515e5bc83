"""The map of identities as it is asked when an answer is judged."""

import re
from collections.abc import Callable
from functools import lru_cache

from gateway.replay.identities import Identities
from gateway.replay.keys import Key, Keys, like, plain
from gateway.replay.kinds import AllKinds
from gateway.replay.places import Place
from gateway.replay.survey import path_of
from gateway.replay.values import is_number, is_time
from gateway.traffic.exchange import Exchange

_NUMBER = re.compile(r"(?<![\w.])[0-9]{1,9}(?!\w|[.][0-9])")
_DIGIT = re.compile("[0-9]")
_DIGITS = re.compile(rb"(?<![0-9])[0-9]{1,9}(?![0-9])")
_EXPANDED = re.compile(r"\{[^{}]*\}")
_STEP = re.compile(r"([^\[\]]+)(?:\[(\d+)\])?")


@lru_cache(maxsize=20_000)
def place_of(said: str) -> Place:
    """What a difference calls a place: `header NAME`, `body`, a JSON pointer, a path of expanded XML names."""
    if said.startswith("header "):
        return Place("header", (said.removeprefix("header ").lower(),))
    if not said.startswith("/"):
        return Place("text")
    steps: list[str] = []
    for part in _EXPANDED.sub("", said)[1:].split("/"):
        match = _STEP.fullmatch(part)
        if is_number(part):
            steps.append(f"[{part}]")
        elif match is not None:
            steps.append(match[1].rpartition(":")[2].replace("~1", "/").replace("~0", "~"))
            if match[2]:
                steps.append(f"[{match[2]}]")
    return Place("json", tuple(steps))


def _noting(those: list[tuple[Key, str]]) -> Callable[[Key, str], str]:
    """Puts each into the list, and nothing in its place."""

    def say(key: Key, text: str) -> str:
        those.append((key, text))
        return "\0"

    return say


class View:
    """For the answer to one recorded exchange."""

    def __init__(self, identities: Identities, kinds: AllKinds, old: Exchange) -> None:
        self._identities = identities
        self._exchange = old.number
        self._path = path_of(old)
        body = old.response.body if old.response is not None else b""
        #: numbers that a text of the recorded answer may have
        self._recorded = frozenset(number.decode() for number in _DIGITS.findall(body))
        self._keys = Keys(kinds, lambda text: identities.counterpart(Key("", plain(text))) is not None)

    def back(self, operation: str, place: str, value: str) -> str:
        """What the new server said, in the words of the old one; as it is where nothing is bound."""

        def say(key: Key, text: str) -> str:
            old = self._identities.counterpart(key)
            return text if old is None else like(text, old)

        where = place_of(place)
        said = self._keys.replaced(where, value, self._path, say)
        if said == value and not is_number(value):
            said = _NUMBER.sub(lambda match: self._number(match[0]), value)
        return said

    def _number(self, number: str) -> str:
        return self._identities.number_back(number, self._recorded) or number

    def wrong(self, operation: str, place: str, old: str, new: str) -> bool:
        """Does one of them stand for something, and not for the other one?"""
        where = place_of(place)
        key = self._identities.survey.keys.whole(where, old, self._path)
        if key is not None and not is_time(old) and (bound := self._identities.bound.get(key)) is not None:
            return like(old, bound.new) != new
        other = self._keys.whole(where, new, self._path)
        if other is None or is_time(new):
            return key is None and self._leads_elsewhere(where, old, new)
        back = self._identities.counterpart(other)
        return back is not None and like(new, back) != old

    def _leads_elsewhere(self, where: Place, old: str, new: str) -> bool:
        """Are they the same but for what stands for something else, as a link is that leads to another task?"""
        if len(old) < 3 or _DIGIT.search(old) is None or is_time(old):
            return False
        olds: list[tuple[Key, str]] = []
        news: list[tuple[Key, str]] = []
        before = self._identities.survey.keys.replaced(where, old, self._path, _noting(olds))
        if not olds or before != self._keys.replaced(where, new, self._path, _noting(news)):
            return False
        return any(self._is_other(*one, *other) for one, other in zip(olds, news, strict=True))

    def _is_other(self, key: Key, was: str, other: Key, now: str) -> bool:
        if (bound := self._identities.bound.get(key)) is not None:
            return like(was, bound.new) != now
        back = self._identities.counterpart(other)
        return back is not None and like(now, back) != was

    def lost(self, operation: str, place: str, old: str) -> int | None:
        """The exchange whose new answer should have had the counterpart of an old value, and did not."""
        for key in self._identities.survey.keys.within(place_of(place), old, self._path):
            number = self._identities.lost.get(key)
            if number is not None and number != self._exchange:
                return number
        return None

"""What the old server made, and what the new one made in its place."""

from collections import defaultdict
from collections.abc import Callable, Set
from dataclasses import dataclass, field

from gateway.replay.align import pairs
from gateway.replay.keys import Key, like, plain
from gateway.replay.messages import walk_request
from gateway.replay.places import Place
from gateway.replay.survey import Survey, path_of
from gateway.replay.values import is_number, is_time, shape
from gateway.traffic.exchange import Exchange, Request, Response

_NOTHING: frozenset[str] = frozenset()
_NO_VALUE = frozenset(("", "null", "true", "false"))


@dataclass(slots=True)
class Bound:
    """`new` is what a value became, seen first in the answer to `exchange`."""

    new: str
    exchange: int
    times: int = 0


@dataclass(frozen=True, slots=True)
class Conflict:
    """A value that stood for `bound`, and would stand for `seen`; or one of which another stands for the same. All as
    they were written."""

    key: Key
    value: str
    place: Place
    exchange: int
    bound: str
    seen: str


@dataclass(slots=True)
class Stale:
    """A value of the old server that was sent as it was: nobody had seen what it is on the new one.
    `text` is how it was written first."""

    key: Key
    text: str
    place: str
    first: int
    origin: int
    times: int = 1

    @property
    def needed(self) -> str:
        """Where first."""
        return f"{self.place} of exchange {self.first}"


@dataclass(slots=True)
class Sent:
    """A request as it goes to the new server. `stale` are values that could not be replaced."""

    request: Request
    stale: tuple[Key, ...] = ()


@dataclass
class Identities:
    """The map between the two servers, which grows with each answer."""

    survey: Survey
    bound: dict[Key, Bound] = field(default_factory=dict)
    conflicts: list[Conflict] = field(default_factory=list)
    stale: dict[Key, Stale] = field(default_factory=dict)
    #: where an answer should have had the counterpart of a value and did not
    lost: dict[Key, int] = field(default_factory=dict)
    _back: dict[Key, str] = field(default_factory=dict)
    _contradicted: set[tuple[Key, str, str]] = field(default_factory=set)
    #: small numbers of any kind, by what they are now
    _numbers: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    #: what takes back what the last answer taught, the last step first
    _undo: list[Callable[[], object]] = field(default_factory=list)

    def give(self, kind: str, old: str, new: str) -> None:
        """What somebody who knows says beforehand."""
        self._bind(Key(kind, plain(old)), plain(new), 0)

    def translated(self, exchange: Exchange, other: Callable[[str], str] = str) -> Sent:
        """The request of a recorded exchange with the new server's values; `other` says what becomes of values that no
        server made."""
        sent = Sent(exchange.request)
        stale: list[Key] = []
        path = path_of(exchange)
        here = Place("")

        def say(key: Key, text: str) -> str:
            bound = self.bound.get(key)
            if bound is None:
                if self.survey.is_made(key):
                    stale.append(key)
                    self._note_stale(key, text, here, exchange.number)
                return text
            bound.times += 1
            said = like(text, bound.new)
            return said

        def visit(place: Place, value: str) -> str:
            nonlocal here
            here = place
            return other(self.survey.keys.replaced(place, value, path, say))

        sent.request = walk_request(sent.request, visit)
        sent.stale = tuple(stale)
        return sent

    def _note_stale(self, key: Key, text: str, place: Place, number: int) -> None:
        if (stale := self.stale.get(key)) is not None:
            stale.times += 1
        else:
            self.stale[key] = Stale(key, text, str(place), number, self.survey.origins[key].exchange)

    def learn(self, old: Exchange, new: Response) -> None:
        """Bind what the old server made to what the new one has at the same places."""
        self._undo.clear()
        if old.response is None or old.response.status // 100 != new.status // 100:
            self.lose(old)
            return
        path = path_of(old)
        keys = self.survey.keys

        def known(place: Place, value: str) -> str | None:
            key = keys.whole(place, value, path)
            bound = self.bound.get(key) if key is not None else None
            return like(value, bound.new) if bound is not None else None

        for place, was, now in pairs(old.response, new, known):
            key = keys.whole(place, was, path)
            if key is None or not self.survey.is_made(key) or not _fits(was, now) or shape(now) == "mark":
                continue
            self._meet(key, was, now, place, old.number)
        self.lose(old)

    def unlearn(self) -> None:
        """What the last answer taught: it was not the one that was waited for."""
        for step in reversed(self._undo):
            step()
        self._undo.clear()

    def _meet(self, key: Key, was: str, now: str, place: Place, number: int) -> None:
        # a mark does not say how what is behind it is written
        new = now if shape(was) == "mark" else plain(now)
        bound = self.bound.get(key)
        if bound is None:
            other = self._back.get(Key(key.kind, plain(new)))
            if other is not None and other != key.text and not is_time(new):
                self._contradict(Conflict(key, was, place, number, bound=like(was, other), seen=now))
            else:
                self._bind(key, new, number)
        elif bound.new != new and not is_time(new):
            self._contradict(Conflict(key, was, place, number, bound=like(now, bound.new), seen=now))

    def _contradict(self, conflict: Conflict) -> None:
        """However often two servers say it, it is told once."""
        told = (conflict.key, plain(conflict.bound), plain(conflict.seen))
        if told not in self._contradicted:
            self._contradicted.add(told)
            self.conflicts.append(conflict)
            self._undo += [self.conflicts.pop, lambda: self._contradicted.remove(told)]

    def _bind(self, key: Key, new: str, number: int) -> None:
        back, lost = Key(key.kind, plain(new)), self.lost.pop(key, None)
        known = self._back.get(back)
        self.bound[key] = Bound(new, number)
        self._back[back] = key.text
        if key.kind:
            self._numbers[new].add(key.text)

        def undo() -> None:
            del self.bound[key]
            if known is None:
                del self._back[back]
            else:
                self._back[back] = known
            if key.kind:
                self._numbers[new].discard(key.text)
            if lost is not None:
                self.lost[key] = lost

        self._undo.append(undo)

    def lose(self, old: Exchange) -> None:
        """Its answer is known, or there is none: what it should have brought and did not is missing from now on."""
        for key in self.survey.touched.get(old.number, ()):
            origin = self.survey.origins.get(key)
            if origin is not None and origin.exchange == old.number and key not in self.bound:
                self.lost[key] = old.number

    def counterpart(self, key: Key) -> str | None:
        """What the old server calls what the new one calls so."""
        return self._back.get(key)

    def number_back(self, new: str, among: Set[str]) -> str | None:
        """What a number within a text was, if only one of those can be meant."""
        olds = self._numbers.get(new, _NOTHING) & among
        return next(iter(olds)) if len(olds) == 1 else None


def _fits(old: str, new: str) -> bool:
    """May one stand for the other? A time does for a time, a number for a number, and nothing for nothing."""
    if new in _NO_VALUE or is_time(old) != is_time(new):
        return False
    if is_number(old) != is_number(new):
        return False
    return not (shape(old) and " " in new)

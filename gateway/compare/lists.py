"""Which items of two lists belong to each other."""

from collections import Counter, defaultdict, deque
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

#: items between the first and the last difference that are put side by side with care
MAX_CAREFUL = 1_000

#: what is said of a list whose items are the same
REORDERED = "another order"

Pairs = list[tuple[int | None, int | None]]


@dataclass(frozen=True, slots=True)
class Alignment:
    """Pairs of positions, None on the side where an item has no counterpart. `is_permuted`: the same items, in another
    order."""

    pairs: Pairs
    is_permuted: bool = False


def aligned(old: Sequence[Hashable], new: Sequence[Hashable]) -> Alignment:
    """In order: what is the same belongs together, then what stands between the same neighbours."""
    if len(old) == len(new) and old != new and Counter(old) == Counter(new):
        return Alignment(_matched(old, new), is_permuted=True)
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    pairs: Pairs = [(at, at) for at in range(start)]
    first, last = len(old) - end, len(new) - end
    if max(first, last) - start > MAX_CAREFUL:
        _beside(pairs, range(start, first), range(start, last))
    else:
        matcher = SequenceMatcher(None, old[start:first], new[start:last], autojunk=False)
        for tag, i1, i2, j1, j2 in matcher.get_opcodes():
            mine, theirs = range(start + i1, start + i2), range(start + j1, start + j2)
            if tag == "equal":
                pairs += zip(mine, theirs, strict=True)
            else:
                _beside(pairs, mine, theirs)
    pairs += zip(range(first, len(old)), range(last, len(new)), strict=True)
    return Alignment(pairs)


def as_sets(old: Sequence[Hashable], new: Sequence[Hashable]) -> Alignment:
    """By their keys, whatever the order."""
    pairs = _matched(old, new)
    return Alignment(pairs, is_permuted=any(i is not None and j is not None and i != j for i, j in pairs))


def _matched(old: Sequence[Hashable], new: Sequence[Hashable]) -> Pairs:
    waiting: dict[Hashable, deque[int]] = defaultdict(deque)
    for at, key in enumerate(new):
        waiting[key].append(at)
    pairs: Pairs = [(at, waiting[key].popleft() if waiting[key] else None) for at, key in enumerate(old)]
    left = sorted(at for those in waiting.values() for at in those)
    return pairs + [(None, at) for at in left]


def _beside(pairs: Pairs, old: range, new: range) -> None:
    both = min(len(old), len(new))
    pairs += zip(old[:both], new[:both], strict=True)
    pairs += [(at, None) for at in old[both:]]
    pairs += [(None, at) for at in new[both:]]

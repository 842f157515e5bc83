"""What differs between two servers of one product by nature, and how it is judged none the less: data, and no code."""

from dataclasses import dataclass
from typing import Literal

Judge = Literal["same", "shape", "present", "within", "order", "ignore"]


@dataclass(frozen=True, slots=True)
class Rule:
    """How the values at a place are judged, in all operations whose name fits `operation`.

    `same`: as if there were no other rule. `shape`: both have the shape of `pattern`. `present`: there is one.
    `within`: both are moments, or numbers, and no further apart than `tolerance`. `order`: the items of a list may come
    in any order; `key` is where in an item stands what tells it from the others, empty for the whole of it. `ignore`:
    not at all.
    `kind` says what it is about: `clock`, `random`, `counter`, `order`.
    """

    place: str
    judge: Judge
    operation: str = "*"
    pattern: str = ""
    tolerance: str = ""
    key: str = ""
    kind: str = ""
    why: str = ""

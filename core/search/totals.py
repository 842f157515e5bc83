"""What searches found, as long as nothing was written since: how many rows there are, and their keys in order.

So a client that fetches page after page by offsets has neither all rows counted and sorted for each page, nor those
before it skipped one by one.
"""

from array import array
from collections.abc import Hashable
from dataclasses import dataclass

#: how many searches are remembered, and of how many the keys
SEARCHES = 4096
LISTS = 16


@dataclass(slots=True)
class Known:
    """Of one search, whatever its page."""

    total: int | None = None
    keys: "array[int] | None" = None


class Totals:
    """Shared by all threads that read."""

    def __init__(self) -> None:
        # replaced as a whole, so that no lock is needed: who comes late remembers in a map that nobody asks any more
        self._state: tuple[Hashable, dict[Hashable, Known]] = (None, {})

    def of(self, version: Hashable, search: Hashable) -> Known:
        """What is known of a search in this state of the database, which has to be asked for before the rows are."""
        last, searches = self._state
        # too many are forgotten all at once: what is asked for again costs one count
        if last != version or len(searches) >= SEARCHES:
            searches = {}
            self._state = version, searches
        return searches.setdefault(search, Known())

    def keep(self, known: Known, keys: "array[int]") -> None:
        _, searches = self._state
        # of a copy, for others add to it meanwhile; the first ones are the oldest
        others = [k for k in list(searches.values()) if k.keys is not None and k is not known]
        if len(others) >= LISTS:
            others[0].keys = None
        known.keys, known.total = keys, len(keys)

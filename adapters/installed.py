"""Which dialects are installed: the entry points of the group `dragoman.dialects`."""

from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points

GROUP = "dragoman.dialects"
#: dialects that own a part of another's paths are asked first
FIRST = ("camunda", "inubit", "inforouter", "processmaker", "facilioo")


@lru_cache(maxsize=1)
def points() -> dict[str, EntryPoint]:
    """In the order in which they are asked."""
    installed = {point.name: point for point in entry_points(group=GROUP)}
    names = (*(name for name in FIRST if name in installed), *sorted(installed.keys() - set(FIRST)))
    return {name: installed[name] for name in names}


def names() -> tuple[str, ...]:
    return tuple(points())

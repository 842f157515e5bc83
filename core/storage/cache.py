"""functools.lru_cache with the signature of the function kept."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar, cast

F = TypeVar("F", bound=Callable[..., Any])


def cached(maxsize: int) -> Callable[[F], F]:
    def decorate(function: F) -> F:
        return cast(F, lru_cache(maxsize=maxsize)(function))

    return decorate

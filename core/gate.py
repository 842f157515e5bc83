"""The one seam as those see it who work through it: commands and queries in, outcomes and rejections out.

Adapters are typed with this and with nothing behind it: what an engine owns (its store, its threads, what it remembers
and counts) is reached by what it does for them.
"""

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from core.clock import Clock
from core.principal import Principal
from core.search.query import Query
from core.turn.command import Command

Out = TypeVar("Out")


class Gate(Protocol):
    """What an engine does for others."""

    async def execute(self, command: Command[Out], principal: Principal) -> Out:
        """Carry out a command; returns when it is durable. Raises a Rejection if it is refused."""
        ...

    async def ask(self, query: Query[Out], principal: Principal) -> Out:
        """Answer a query. Raises a Rejection if there is no answer."""
        ...

    async def check(self) -> None:
        """Raises Unavailable if a command or a query could not be answered now."""
        ...

    # where and when

    @property
    def clock(self) -> Clock: ...

    @property
    def maintenance(self) -> bool: ...

    @property
    def default_tenant(self) -> int: ...

    @property
    def tenant_number(self) -> int:
        """The number of the first tenant."""
        ...

    def tenant(self, dialect: str, name: str) -> int | None:
        """The key of the tenant that clients of a dialect know under a name."""
        ...

    @property
    def database(self) -> str:
        """What is behind: sqlite or postgresql."""
        ...

    @property
    def max_list_rows(self) -> int:
        """For callers with lists that have no pages; 0: any number."""
        ...

    @property
    def owns_database(self) -> bool:
        """No other process writes to it, so that what is remembered of it is exact."""
        ...

    # who

    def recall(self, kind: str, text: str) -> Principal | None:
        """Who showed this credential lately; only in a process that owns its database, where the memory is exact."""
        ...

    def remember(self, kind: str, text: str, principal: Principal) -> None:
        """Who showed this credential just now, and was looked at."""
        ...

    def has_expired(self, id: str, expires_at: int) -> bool:
        """Whether something with this end has expired. Once it has, it has, whatever becomes of the clock."""
        ...

    async def hash_password(self, password: str) -> str:
        """Raises Unavailable (`overload`), as does `verify_password`."""
        ...

    async def verify_password(self, password: str, password_hash: str | None) -> bool:
        """Takes the same time whether the user exists (`password_hash` None: no) or not."""
        ...

    # work of one's own

    async def in_thread(self, function: Callable[..., Out], *arguments: Any) -> Out:
        """Slow work of a caller, off the event loop. Raises Unavailable if too much of it waits."""
        ...

    def tells(self, dialect: str) -> bool:
        """Does anybody outside get something from this dialect? Known within a second."""
        ...

    def count_deliveries(self, dialect: str, outcome: str, count: int) -> None:
        """For the statistics: what came of an attempt to tell somebody outside."""
        ...

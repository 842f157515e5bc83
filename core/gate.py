"""The one seam as those see it who work through it: commands and queries in, outcomes and rejections out."""

from typing import Protocol, TypeVar

from core.clock import Clock
from core.principal import Principal
from core.search.query import Query
from core.turn.command import Command

Out = TypeVar("Out")


class Gate(Protocol):
    """What an engine does for others."""

    @property
    def clock(self) -> Clock: ...

    @property
    def default_tenant(self) -> int: ...

    async def execute(self, command: Command[Out], principal: Principal) -> Out:
        """Carry out a command; returns when it is durable. Raises a Rejection if it is refused."""
        ...

    async def ask(self, query: Query[Out], principal: Principal) -> Out:
        """Answer a query. Raises a Rejection if there is no answer."""
        ...

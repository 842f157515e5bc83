"""What an order is: the values of a command of the command line that writes, and what an engine does with them."""

from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, TypeVar

from pydantic import ConfigDict

from core.engine import Engine
from core.principal import Principal
from gateway.exits import Usage


@dataclass(frozen=True)
class Order(ABC):
    """Its values travel as JSON, so they are texts, whole numbers and truth values; none is guessed of another kind."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(strict=True, extra="forbid")

    @abstractmethod
    async def carry_out(self, engine: Engine, who: Principal) -> str:
        """What the command prints. Raises what `gateway.exits.told` knows."""

    def values(self) -> dict[str, Any]:
        return asdict(self)

    def check(self) -> None:
        """Raises Usage for texts that were typed in another encoding."""
        for name, value in self.values().items():
            if isinstance(value, str) and not value.isascii():
                try:
                    value.encode()
                except UnicodeEncodeError:
                    raise Usage(f"{name.replace('_', ' ')}: that is no UTF-8") from None


#: what orders are called on the way, which are the words of their commands
NAMES: dict[str, type[Order]] = {}

AnyOrder = TypeVar("AnyOrder", bound=type[Order])


def called(name: str) -> Any:
    """Register an order under the words of its command, with a slash between them."""

    def register(order: AnyOrder) -> AnyOrder:
        NAMES[name] = order
        return order

    return register


def name_of(order: Order) -> str:
    return next(name for name, kind in NAMES.items() if kind is type(order))

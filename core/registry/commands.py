"""What changes master data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.turn.command import KEEP, Command, Created, Done, Keep


@dataclass(frozen=True)
class PutReference(Command[Created]):
    """Master data of a kind with this number, made or changed."""

    kind: str
    number: int
    name: str
    ext: Mapping[str, Any] = field(default_factory=dict)
    parent_key: int = 0


@dataclass(frozen=True)
class CreateReference(Command[Created]):
    """Master data of a kind; `parent_key` is what it is a part of. `ext` is kept as it is."""

    kind: str
    name: str = ""
    parent_key: int = 0
    external_id: str = ""
    ext: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class UpdateReference(Command[Done]):
    """KEEP leaves a thing as it is; `ext` is merged. `deleted` marks it so; what is deleted is not found any more."""

    key: int
    name: str | Keep = KEEP
    parent_key: int | Keep = KEEP
    external_id: str | Keep = KEEP
    ext: Mapping[str, Any] = field(default_factory=dict)
    deleted: bool = False

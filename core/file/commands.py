"""What changes files."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.turn.command import Command, Created, Done


@dataclass(frozen=True)
class AddFile(Command[Created]):
    """Put a file to an instance that has not ended; `ext` is kept as it is. How long it may be, whoever takes it from
    a client says."""

    instance_key: int
    name: str
    content: bytes = field(repr=False)
    ext: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class RemoveFile(Command[Done]):
    """From the instance to which it was put."""

    instance_key: int
    file_key: int


@dataclass(frozen=True)
class SetPicture(Command[Done]):
    """Of a user, in place of the one that they have."""

    username: str
    name: str
    content: bytes = field(repr=False)

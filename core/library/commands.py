"""Libraries, their members, folders and documents."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.turn.command import Command, Created, Done
from core.types import AssigneeKind


@dataclass(frozen=True)
class CreateLibrary(Command[Created]):
    """A library with its top folder."""

    name: str
    number: int = 0
    ext: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class SetLibraryMember(Command[Done]):
    """Conflict `exists` for somebody who is a member already, NotFound `member` for one who is not."""

    library_key: int
    kind: AssigneeKind
    member_key: int
    member: bool = True


@dataclass(frozen=True)
class SetLibraryManager(Command[Done]):
    """Only a member can manage a library."""

    library_key: int
    user_key: int
    manager: bool = True


@dataclass(frozen=True)
class TransferDocuments(Command[Done]):
    """Pass the documents of a user to another: those they own, or those they have checked out."""

    from_username: str
    to_username: str
    checked_out: bool = False


@dataclass(frozen=True)
class RegisterFolder(Command[Created]):
    """The folder at a path of a library, made if it is not there, with those above it."""

    library_key: int
    path: str
    number: int = 0


@dataclass(frozen=True)
class RegisterDocument(Command[Created]):
    """A document in a folder (by path; made if it is not there)."""

    library_key: int
    path: str
    name: str
    number: int = 0
    version: int = 1_000_000
    type_number: int = 0
    type_name: str = ""
    owner: str = ""
    checked_out_by: str = ""
    ext: Mapping[str, Any] = field(default_factory=dict)

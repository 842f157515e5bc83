"""Libraries, their members, documents and drafts, and what belongs to tasks."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.people.queries import Members
from core.search.query import Query
from core.tables.library import Document, Folder, Library
from core.tables.people import User


@dataclass(frozen=True)
class DocumentView:
    document: Document
    folder: Folder
    library: Library


@dataclass(frozen=True)
class Libraries(Query[tuple[Library, ...]]):
    """All of the tenant, by name."""


@dataclass(frozen=True)
class LibraryByName(Query[Library]):
    """Whatever the case."""

    name: str


@dataclass(frozen=True)
class LibraryMembers(Query[Members]):
    library_key: int


@dataclass(frozen=True)
class LibrariesOf(Query[tuple[Library, ...]]):
    """Those a user belongs to, directly or through a group, or those they manage; by name."""

    user_key: int
    managed: bool = False


@dataclass(frozen=True)
class Coworkers(Query[tuple[User, ...]]):
    """Everybody who shares a library with a user, however many libraries they share."""

    user_key: int


@dataclass(frozen=True)
class FolderAt(Query[tuple[Folder, Library]]):
    """By library name and path whatever the case, or by number."""

    library: str = ""
    path: str = ""
    number: int = 0


@dataclass(frozen=True)
class FoldersByKey(Query[Mapping[int, tuple[Folder, Library]]]):
    keys: tuple[int, ...]


@dataclass(frozen=True)
class DocumentAt(Query[DocumentView]):
    """By library name, path and name whatever the case, or by number."""

    library: str = ""
    path: str = ""
    name: str = ""
    number: int = 0


@dataclass(frozen=True)
class Documents(Query[tuple[DocumentView, ...]]):
    """Those with these keys, in their order."""

    keys: tuple[int, ...]


@dataclass(frozen=True)
class LibraryDocuments(Query[tuple[DocumentView, ...]]):
    library_key: int

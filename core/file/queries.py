"""What can be asked about files."""

from dataclasses import dataclass

from core.search.query import Query
from core.tables.file import File


@dataclass(frozen=True)
class FilesOf(Query[tuple[File, ...]]):
    """What was put to an instance, the oldest first."""

    instance_key: int


@dataclass(frozen=True)
class PictureOf(Query[File]):
    """The picture of a user."""

    user_key: int


@dataclass(frozen=True)
class ContentOf(Query[bytes]):
    """The bytes of a file."""

    file_key: int

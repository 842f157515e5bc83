"""Files: what they are, and apart from that their bytes."""

from sqlalchemy import Index, LargeBinary, UniqueConstraint
from sqlmodel import Field

from core.storage.columns import Ext, Table, big, integer, key_column, mapping, string, where
from core.storage.record import record

PICTURE = where("user_key <> 0")


@record
class File(Table, table=True):
    """What somebody put to an instance, or (`user_key`) the picture of a user, of which each has one. `number` is its
    place among the files of the instance, from 1; `name` is as it was sent."""

    __tablename__ = "file"
    __table_args__ = (
        UniqueConstraint("uid"),
        Index("ix_file_instance", "instance_key", "key"),
        Index("ix_file_user", "user_key", **PICTURE),
    )

    key: int = key_column()
    uid: str = string()
    tenant_key: int = big()
    instance_key: int = big()
    user_key: int = big()
    number: int = integer()
    name: str = string()
    size: int = integer()
    author_key: int = big()
    author: str = string()
    created_at: int = big()
    ext: Ext = mapping()


@record
class FileContent(Table, table=True):
    """The bytes of a file, under its key: a row of their own, so that lists of files do not read them."""

    __tablename__ = "file_content"

    key: int = key_column()
    content: bytes = Field(default=b"", sa_type=LargeBinary, nullable=False)

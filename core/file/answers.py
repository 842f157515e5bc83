"""Answers about files."""

from core.file.queries import ContentOf, FilesOf, PictureOf
from core.rejections import NotFound
from core.search.reader import Reader, answers, of_own_tenant
from core.storage.rows import load_any
from core.tables.file import File, FileContent


@answers(FilesOf)
def files_of(query: FilesOf, r: Reader) -> tuple[File, ...]:
    rows = of_own_tenant(r, load_any(r.connection, File, "instance_key", [query.instance_key]))
    return tuple(sorted(rows, key=lambda file: file.key))


@answers(PictureOf)
def picture_of(query: PictureOf, r: Reader) -> File:
    return r.one(File, "user_key", query.user_key, "picture")


@answers(ContentOf)
def content_of(query: ContentOf, r: Reader) -> bytes:
    file = r.one(File, "key", query.file_key, "file")
    for row in load_any(r.connection, FileContent, "key", [file.key]):
        return row.content
    raise NotFound("file", query.file_key)

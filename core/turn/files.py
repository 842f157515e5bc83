"""Files that go when what they belong to goes. Their bytes are not read for that."""

from collections.abc import Collection

from core.tables.file import File, FileContent
from core.turn.context import Context


def remove_file(ctx: Context, file: File) -> None:
    """The row of its bytes is told by its key; only if it was made in this turn it is at hand."""
    content = ctx.ws.get(FileContent, file.key) if file.key in ctx.ws.made else FileContent(key=file.key)
    if content is not None:
        ctx.ws.remove(content)
    ctx.ws.remove(file)


def remove_files(ctx: Context, files: Collection[File]) -> None:
    for file in list(files):
        remove_file(ctx, file)

"""The document of an instance, which elements move from folder to folder."""

from core.tables.instance import Instance
from core.tables.library import Document
from core.turn.context import Context


def move_document(ctx: Context, instance: Instance, folder_key: int) -> None:
    document = ctx.ws.get(Document, instance.document_key) if instance.document_key else None
    if document is None or document.folder_key == folder_key:
        return
    before = document.folder_key
    ctx.ws.change(document, folder_key=folder_key, changed_at=ctx.now)
    ctx.emit(
        "document.moved",
        "document",
        document.key,
        instance_key=instance.key,
        before={"folder": before},
        after={"folder": folder_key},
    )

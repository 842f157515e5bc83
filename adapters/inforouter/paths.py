"""Documents and folders by path, with either slash, or by short path. Source: dossier inforouter.md, 1.3 and 1.11."""

import re

from adapters.inforouter.auth import Call
from adapters.inforouter.errors import Failure
from core.library.queries import DocumentAt, DocumentView, FolderAt
from core.principal import Principal
from core.rejections import NotFound
from core.tables.library import Folder, Library

_SHORT = re.compile(r"~([DF])(\d{1,9})(?:\.[^/\\]*)?", re.IGNORECASE | re.ASCII)


def _parts(path: str) -> list[str]:
    return [part.strip() for part in path.replace("\\", "/").split("/") if part.strip()]


async def find_document(call: Call, who: Principal, path: str | None) -> DocumentView:
    """`/Library/Folder/Name.ext`, `~D1051` or `~D1051.pdf`. Raises NotFound."""
    text = (path or "").strip()
    short = _SHORT.fullmatch(text)
    if short is not None and short[1].upper() == "D":
        return await call.ask(DocumentAt(number=int(short[2])), who)
    parts = _parts(text)
    if len(parts) < 2:
        raise NotFound("document", text)
    try:
        return await call.ask(DocumentAt(parts[0], "/".join(parts[1:-1]), parts[-1]), who)
    except NotFound:
        raise NotFound("document", text) from None


async def find_folder(call: Call, who: Principal, path: str | None) -> tuple[Folder, Library]:
    """`/Library/Folder` or `~F12345`. Raises NotFound."""
    text = (path or "").strip()
    short = _SHORT.fullmatch(text)
    if short is not None and short[1].upper() == "F":
        return await call.ask(FolderAt(number=int(short[2])), who)
    parts = _parts(text)
    if not parts:
        raise NotFound("folder", text)
    try:
        return await call.ask(FolderAt(parts[0], "/".join(parts[1:])), who)
    except NotFound:
        raise NotFound("folder", text) from None


def folder_path(folder: Folder, library: Library) -> str:
    """With slashes, as definitions and attachments show it."""
    return f"/{library.name}/{folder.path}" if folder.path else f"/{library.name}"


def document_folder(view: DocumentView) -> str:
    """With backslashes, as document elements show it."""
    return folder_path(view.folder, view.library).replace("/", "\\")


def version_text(packed: int, *, decimals: bool) -> str:
    """The external form of a version; 0 for none."""
    return f"{packed // 1_000_000}.{packed // 1000 % 1000}" if decimals else str(packed // 1_000_000)


def check_version(view: DocumentView, version: int) -> int:
    """The version that a packed number means, 0 the current one. Raises Failure for one that is not there."""
    if version == 0:
        return view.document.version
    if not 0 < version <= view.document.version:
        raise Failure("Document version not found", 4041)
    return version

"""Files that go out."""

from collections.abc import Mapping
from mimetypes import MimeTypes
from urllib.parse import quote

#: of the language alone, not of the machine
_TYPES = MimeTypes(filenames=())


def media_type_of(name: str) -> str:
    """What the end of a file's name says."""
    kind, coding = _TYPES.guess_type(f"file.{name.rpartition('.')[2]}")
    return kind if kind is not None and coding is None else "application/octet-stream"


def attachment(name: str) -> Mapping[str, str]:
    """The header by which a browser saves a file under a name instead of showing it (RFC 6266). What has no place
    between quotes is told twice: replaced, and as it is."""
    plain = "".join(c if " " <= c <= "~" and c not in '"\\%' else "_" for c in name)
    value = f'attachment; filename="{plain}"'
    if plain != name:
        value += f"; filename*=UTF-8''{quote(name, safe='', errors='replace')}"
    return {"content-disposition": value}

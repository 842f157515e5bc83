"""What a request carries, as the vendor's front reads it. Source: dossier processmaker.md, section 1.2, and PHP."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from starlette.datastructures import UploadFile
from starlette.requests import Request

from adapters.common.http import max_fields, parsed, read_body
from adapters.common.multipart import BadMultipart, read_multipart
from schemas.processmaker import php_forms, wire
from schemas.processmaker.wire import BadRequest, UnsupportedContent

JSON = "application/json"
URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
#: an absent one means JSON
MEDIA_TYPES = ("", JSON, URLENCODED, MULTIPART)

_OVERRIDES = ("PUT", "POST", "DELETE", "PATCH")
#: bodies of other verbs are not read
_WITH_BODY = ("POST", "PUT", "PATCH")
_MAX_FILES = 10


class Upload(NamedTuple):
    """A file in a form."""

    name: str
    content: bytes


class Body(NamedTuple):
    """What it holds, and in which format it came; `files` are by the names of their fields."""

    value: Any
    media_type: str = ""
    files: Mapping[str, Upload] = MappingProxyType({})

    @property
    def is_form(self) -> bool:
        return self.media_type in (URLENCODED, MULTIPART)

    @property
    def mapping(self) -> Mapping[str, Any]:
        return self.value if isinstance(self.value, dict) else {}


def read_query(request: Request) -> Mapping[str, Any]:
    values = php_forms.parse(request.scope["query_string"], max_fields(request))
    return wire.named(values)


def media_type_of(request: Request) -> str:
    """As it is spelled, up to a semicolon. Raises UnsupportedContent."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip()
    if media_type.lower() not in MEDIA_TYPES:
        raise UnsupportedContent(f"Content type `{media_type}` is not supported.")
    return media_type.lower()


async def read(request: Request, query: Mapping[str, Any]) -> Body:
    """Raises BadRequest, UnsupportedContent."""
    media_type = media_type_of(request)
    if method_of(request, query, Body({})) not in _WITH_BODY:
        return Body({}, media_type)
    if media_type == MULTIPART:
        return await _multipart(request)
    raw = await read_body(request)
    if media_type == URLENCODED:
        return Body(await parsed(request, len(raw), php_forms.parse, raw, max_fields(request)), media_type)
    return Body(await parsed(request, len(raw), wire.read_json, raw), media_type)


async def _multipart(request: Request) -> Body:
    """Texts are the bytes that they are, whatever is said of their character set. Raises BadRequest."""
    raw = await read_body(request)
    content_type = request.headers["content-type"]
    try:
        form = await read_multipart(
            raw, content_type, max_fields=max_fields(request), max_files=_MAX_FILES, charset="latin-1"
        )
    except BadMultipart:
        raise BadRequest("Error parsing multipart form data") from None
    try:
        fields = [
            (name.encode("latin-1"), _utf8(value)) for name, value in form.multi_items() if isinstance(value, str)
        ]
        files = {
            _utf8(name): Upload(_utf8(value.filename or ""), await value.read())
            for name, value in form.multi_items()
            if isinstance(value, UploadFile)
        }
    finally:
        await form.close()
    return Body(await parsed(request, len(raw), php_forms.arrays, fields), MULTIPART, files)


def _utf8(text: str) -> str:
    """What was read byte by byte."""
    return text.encode("latin-1").decode("utf-8", "replace")


def method_of(request: Request, query: Mapping[str, Any], body: Body) -> str:
    """The verb that is meant: a POST may say another one, in a header, in the query or in a form."""
    if request.method == "HEAD":
        return "GET"
    if request.method != "POST":
        return request.method
    override = request.headers.get("x-http-method-override")
    if override is None:
        override = (body.mapping if body.is_form else {}).get("http_method", query.get("http_method"))
    verb = override.upper() if isinstance(override, str) else ""
    return verb if verb in _OVERRIDES else request.method

"""Rejections as ApiError documents. Source: dossier inubit.md, section 1.5."""

import logging
from datetime import datetime

from starlette.requests import Request

from adapters.common.http import PAGE_POLICY, BodyTooLarge, Raw
from adapters.inubit.profile import Profile
from core.rejections import (
    Conflict,
    ExecutionFailed,
    Forbidden,
    Invalid,
    NotFound,
    Unauthenticated,
    Unavailable,
    WrongState,
)
from core.types import TaskState
from schemas.common.accept import quality
from schemas.inubit.documents import api_error_json, api_error_xml, status_page
from schemas.inubit.forms import BadForm
from schemas.inubit.tasklist import BadQuery

log = logging.getLogger("dragoman.inubit")

MESSAGES = {
    400: "Bad Request",
    401: "Unauthorized access",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    413: "Payload Too Large",
    423: "Locked",
    500: "Internal Server Error",
    503: "Service Unavailable",
}
_HTTP, _WEBDAV = "http://www.w3.org/Protocols/rfc2616/rfc2616-sec10.html", "http://www.webdav.org/specs/rfc2518.html"
#: title, sentence and link of the page of 8.x; those of 401 and 500 were seen, the others are those of the same server
PAGES = {
    400: (
        "Bad Request",
        "The request could not be understood by the server due to malformed syntax",
        f"{_HTTP}#sec10.4.1",
    ),
    401: ("Unauthorized", "The request requires user authentication", f"{_HTTP}#sec10.4.2"),
    404: ("Not Found", "The server has not found anything matching the request URI", f"{_HTTP}#sec10.4.5"),
    405: (
        "Method Not Allowed",
        "The method specified in the request is not allowed for the resource identified by the request URI",
        f"{_HTTP}#sec10.4.6",
    ),
    406: (
        "Not Acceptable",
        "The resource identified by the request is only capable of generating response entities which have content "
        "characteristics not acceptable according to the accept headers sent in the request",
        f"{_HTTP}#sec10.4.7",
    ),
    413: (
        "Request Entity Too Large",
        "The server is refusing to process a request because the request entity is larger than the server is willing "
        "or able to process",
        f"{_HTTP}#sec10.4.14",
    ),
    423: ("Locked", "The source or destination resource of a method is locked", f"{_WEBDAV}#STATUS_423"),
    500: ("Internal Server Error", "The server encountered an unexpected condition", f"{_HTTP}#sec10.5.1"),
    503: (
        "Service Unavailable",
        "The server is currently unable to handle the request due to a temporary overloading or maintenance of the "
        "server",
        f"{_HTTP}#sec10.5.4",
    ),
}


class NotAcceptable(Exception):
    pass


class Locked(Exception):
    """Somebody else holds the task."""


class BadPath(Exception):
    """`//`, `/./` and `/../` are refused since 9.0."""


def status_of(error: Exception) -> int:
    match error:
        case Unavailable():
            return 503
        case Unauthenticated():
            return 401
        case NotFound() | Forbidden():
            return 404
        case NotAcceptable():
            return 406
        case BadPath() | BadQuery() | BadForm() | Invalid():
            return 400
        case BodyTooLarge():
            return 413
        case WrongState(state=TaskState.COMPLETED | TaskState.CANCELED):
            return 404
        case Conflict() | Locked():
            return 423
    return 500


def rest_path(request: Request) -> str:
    """The path as it came, from `/rest` on."""
    raw: bytes = request.scope.get("raw_path") or request.url.path.encode()
    path = raw.decode("latin-1").partition("?")[0]
    at = path.find("/rest")
    return path[at:] if at >= 0 else path


def reply(request: Request, status: int, profile: Profile, headers: dict[str, str] | None = None) -> Raw:
    if profile.status_page:
        extra = {"content-type": "text/html;charset=UTF-8", **PAGE_POLICY, **(headers or {})}
        return Raw(status, status_page(*PAGES[status]), extra)
    timestamp = datetime.now().isoformat(timespec="milliseconds")
    accept = request.headers.get("accept") or "*/*"
    as_json = quality(accept, "application/json") > quality(accept, "application/xml", "text/xml")
    render = api_error_json if as_json else api_error_xml
    media_type = "application/json" if as_json else "application/xml"
    return Raw(
        status,
        render(status, MESSAGES[status], rest_path(request), timestamp),
        {"content-type": media_type, **(headers or {})},
    )


def render(request: Request, error: Exception, profile: Profile) -> Raw:
    status = status_of(error)
    if isinstance(error, ExecutionFailed):
        log.warning("the process could not go on at %s: %s", error.element_id, error.reason)
    elif status == 500:
        log.error("request failed", exc_info=error)
    challenge = {"www-authenticate": 'Basic realm="INUBIT"'} if status == 401 else None
    return reply(request, status, profile, challenge)

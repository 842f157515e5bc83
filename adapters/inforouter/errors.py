"""Rejections as the text of an `error` attribute: always HTTP 200. Source: seed page "TransferUserTasks API"; dossier
inforouter.md, sections 1.7 and 1.8."""

import logging

from adapters.inforouter.profile import Profile
from core.rejections import Expired, Forbidden, Invalid, NotFound, Rejection, Unauthenticated, Unavailable
from schemas.inforouter.element import Element

log = logging.getLogger("dragoman.inforouter")


class RequiredParameter(Exception):
    """A required parameter is there but empty."""


def text(error: Exception, profile: Profile) -> str:
    match error:
        case RequiredParameter():
            return f"[903]Required parameter.'{error}'"
        case Expired() | Unauthenticated(reason="unknown" | "user"):
            return f"[901]{profile.blank}Session expired or Invalid ticket"
        case Unauthenticated():
            return f"[900]{profile.blank}Authentication failed"
        case NotFound(kind="user"):
            return "User not found"
        case NotFound(kind="credential"):
            return f"[901]{profile.blank}Session expired or Invalid ticket"
        case Forbidden():
            return "Access denied"
        case Invalid():
            return "User not found"
        case Unavailable():
            return "SystemError:The service is unavailable"
        case Rejection():
            log.error("no text for %r", error)
            return "SystemError:Internal error"
    log.error("request failed", exc_info=error)
    return "SystemError:Internal error"


def failure(error: Exception, profile: Profile) -> Element:
    return Element("root", (("success", "false"), ("error", text(error, profile))))

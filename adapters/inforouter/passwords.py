"""The password policy: a part of the settings. Source: dossier inforouter.md, section 3.1."""

from adapters.inforouter.auth import Call
from adapters.inforouter.errors import Failure
from core.tables.people import User
from schemas.common.numbers import whole

TOO_SHORT = "Password must be at least {} characters long"
LIKE_THE_NAME = "Password cannot be the same as the user name"


def minimum(call: Call) -> int:
    return whole(call.option("password_min_length")) or 0


def flag(call: Call, name: str) -> bool:
    return call.option(name).lower() in ("true", "1")


def check_policy(call: Call, password: str, user: User | None, *, username: str = "") -> None:
    """Raises Failure for a password that the policy does not allow."""
    if len(password) < max(1, minimum(call)):
        raise Failure(TOO_SHORT.format(max(1, minimum(call))))
    name = user.username if user is not None else username
    if flag(call, "password_not_user_name") and password.casefold() == name.casefold():
        raise Failure(LIKE_THE_NAME)

"""The bodies of commands on users and groups. Source: dossier camunda.md, section 3.10."""

import re
from dataclasses import dataclass

from schemas.camunda.body import BadRequest, InvalidArgument, closed, read_object, text

MAX_ID = 256
ID = re.compile(r"[a-zA-Z0-9_~@.+-]+")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


@dataclass(frozen=True, slots=True)
class UserRequest:
    """What is None was not sent."""

    username: str | None
    password: str | None
    name: str | None
    email: str | None


@dataclass(frozen=True, slots=True)
class GroupRequest:
    group_id: str | None
    name: str
    description: str


def _read(body: bytes, members: tuple[str, ...]) -> dict[str, str | None]:
    value = read_object(body)
    if value is None:
        raise BadRequest("Required request body is missing")
    closed(value, members)
    return {name: text(value, name) for name in members}


def _id_problems(name: str, id: str | None) -> list[str]:
    if id is None or not id.strip():
        return [f"No {name} provided"]
    problems = []
    if len(id) > MAX_ID:
        problems.append(f"The provided {name} exceeds the limit of {MAX_ID} characters")
    if not ID.fullmatch(id):
        pattern = f"^{ID.pattern}$"
        problems.append(f"The provided {name} contains illegal characters. It must match the pattern '{pattern}'")
    return problems


def _refuse(problems: list[str]) -> None:
    if problems:
        raise InvalidArgument(". ".join(problems) + ".")


def parse_user(body: bytes, *, new: bool) -> UserRequest:
    """A new user needs a name and a password. Raises BadRequest, InvalidArgument."""
    found = _read(body, ("username", "password", "name", "email") if new else ("password", "name", "email"))
    user = UserRequest(found.get("username"), found["password"], found["name"], found["email"])
    problems = _id_problems("username", user.username) if new else []
    if new and not (user.password or "").strip():
        problems.append("No password provided")
    if user.email and not _EMAIL.fullmatch(user.email):
        problems.append(f"The provided email '{user.email}' is not valid")
    _refuse(problems)
    return user


def parse_group(body: bytes, *, new: bool) -> GroupRequest:
    """Raises BadRequest, InvalidArgument."""
    found = _read(body, ("groupId", "name", "description") if new else ("name", "description"))
    problems = _id_problems("groupId", found.get("groupId")) if new else []
    if not (found["name"] or "").strip():
        problems.append("No name provided")
    _refuse(problems)
    return GroupRequest(found.get("groupId"), found["name"] or "", found["description"] or "")

"""Users as rows, and what a new or changed one may say. Source: dossier processmaker.md, section 3.8."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schemas.processmaker.wire import BadRequest, is_date

#: how long a user may log in if nobody said otherwise
DUE_DATE = "2030-12-31"
STATUSES = ("ACTIVE", "INACTIVE", "VACATION")
REQUIRED = (
    "username", "firstname", "lastname", "email", "due_date", "status", "role", "new_pass",
)  # fmt: skip
#: what is only kept and shown; the default where it is not the empty text
KEPT: Mapping[str, str] = {
    "country": "", "city": "", "location": "", "address": "", "phone": "", "fax": "", "cellular": "", "zip_code": "",
    "position": "", "resume": "", "birthday": "", "reports_to": "", "replaced_by": "", "ux": "NORMAL",
}  # fmt: skip
UX = ("NORMAL", "SIMPLIFIED", "SWITCHABLE", "SINGLE")
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(?:\.[^@\s.]+)+|[^@\s]+@localhost")


@dataclass(frozen=True, slots=True)
class Shown:
    """A user's facts that are columns of the engine, as text; `kept` are the others."""

    uid: str
    username: str
    first_name: str
    last_name: str
    email: str
    created: str | None
    updated: str | None
    status: str
    role: str
    kept: Mapping[str, str]


def row(user: Shown) -> dict[str, Any]:
    fields = {**KEPT, **user.kept}
    return {
        "usr_uid": user.uid,
        "usr_username": "" if user.status == "CLOSED" else user.username,
        "usr_firstname": user.first_name,
        "usr_lastname": user.last_name,
        "usr_email": user.email,
        "usr_due_date": fields.get("due_date") or DUE_DATE,
        "usr_create_date": user.created,
        "usr_update_date": user.updated,
        "usr_status": user.status,
        **{f"usr_{name}": fields[name] for name in _BEFORE_DEPARTMENT},
        "dep_uid": "",
        **{f"usr_{name}": fields[name] for name in ("position", "resume", "birthday")},
        "usr_role": user.role,
        "usr_reports_to": fields["reports_to"],
        "usr_replaced_by": fields["replaced_by"],
        "usr_calendar_uid": "",
        "usr_calendar_name": "",
        "usr_ux": fields["ux"],
        "usr_photo_path": "",
    }


_BEFORE_DEPARTMENT = ("country", "city", "location", "address", "phone", "fax", "cellular", "zip_code")


def brief(user: Shown, *, email: bool = False) -> dict[str, Any]:
    """As members of groups and roles are shown."""
    members = {
        "usr_uid": user.uid,
        "usr_username": user.username,
        "usr_firstname": user.first_name,
        "usr_lastname": user.last_name,
    }
    return {**members, **({"usr_email": user.email} if email else {}), "usr_status": user.status}


def upper(record: Mapping[str, Any]) -> dict[str, Any]:
    """The record that answers a creation has its keys in upper case."""
    return {name.upper(): value for name, value in record.items()}


def read(values: Mapping[str, Any], *, new: bool) -> dict[str, str]:
    """What was sent, without the prefix `usr_`, in any case of letters; checked. Raises BadRequest.

    Roles and references to other users are left to who knows them.
    """
    unprefixed = {
        name.lower().removeprefix("usr_"): value for name, value in values.items() if name.lower()[:4] == "usr_"
    }
    fields: dict[str, str] = {}
    for name in (*REQUIRED, *KEPT):
        if name not in unprefixed or unprefixed[name] is None:
            if new and name in REQUIRED:
                raise BadRequest(f'Undefined value for "USR_{name.upper()}", it is required.')
            continue
        value = unprefixed[name]
        if isinstance(value, dict | list | bool):
            raise BadRequest(f'Invalid value for "USR_{name.upper()}".')
        if name in REQUIRED and not str(value).strip():
            raise BadRequest(f'Invalid value for "USR_{name.upper()}". It can not be empty.')
        fields[name] = str(value)
    _check(fields)
    return fields


def _check(fields: Mapping[str, str]) -> None:
    if "status" in fields and fields["status"] not in STATUSES:
        raise BadRequest(f'Invalid value for "USR_STATUS". It only accepts values: "{"|".join(STATUSES)}".')
    if "ux" in fields and fields["ux"] not in UX:
        raise BadRequest(f'Invalid value for "USR_UX". It only accepts values: "{"|".join(UX)}".')
    if "due_date" in fields and not is_date(fields["due_date"]):
        raise BadRequest('Invalid value for "USR_DUE_DATE".')
    if "email" in fields and not _EMAIL.fullmatch(fields["email"]):
        raise BadRequest("USR_EMAIL: Your E-mail address is not valid.")

"""Cases as rows and objects. Source: dossier processmaker.md, sections 3.2 to 3.4 and 3.7."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from schemas.processmaker.parameters import integer
from schemas.processmaker.wire import local_time

LABELS = {"TO_DO": "To do", "DRAFT": "Draft", "COMPLETED": "Completed", "CANCELLED": "Canceled"}
#: case variables that the system tells and nobody sets
SYSTEM_VARIABLES = (
    "SYS_LANG", "SYS_SKIN", "SYS_SYS", "APPLICATION", "PROCESS", "TASK", "INDEX", "USER_LOGGED", "USR_USERNAME", "PIN",
)  # fmt: skip
_DAY = 86_400_000


def priority(number: int) -> str:
    """The vendor has five; the engine counts from 0 to 100, with 50 in the middle."""
    for limit, name in ((20, "VERY LOW"), (40, "LOW"), (61, "NORMAL"), (81, "HIGH")):
        if number < limit:
            return name
    return "VERY HIGH"


def days(milliseconds: int) -> str:
    """A duration as lists tell it."""
    return f"{max(0, milliseconds) / _DAY:.2f}".rstrip("0").rstrip(".")


def spelled(milliseconds: int) -> str:
    """`0 Hours 0 Minutes 3 Seconds`"""
    seconds = max(0, milliseconds) // 1000
    return f"{seconds // 3600} Hours {seconds // 60 % 60} Minutes {seconds % 60} Seconds"


@dataclass(frozen=True, slots=True)
class Person:
    uid: str = ""
    username: str = ""
    first_name: str = ""
    last_name: str = ""
    display_name: str = ""

    def columns(self, prefix: str) -> dict[str, str | None]:
        return {
            f"{prefix}firstname": self.first_name,
            f"{prefix}lastname": self.last_name,
            f"{prefix}username": self.username,
        }


@dataclass(frozen=True, slots=True)
class Row:
    """A delegation in a list; moments are milliseconds, `current` is the case's last delegation."""

    case_uid: str
    number: int
    title: str
    status: str
    process_uid: str
    process_name: str
    index: int
    is_last: bool
    task_uid: str
    task_name: str
    user: Person
    previous: Person
    current_task_name: str
    current: Person
    created_at: int
    updated_at: int
    finished_at: int | None
    delegated_at: int
    init_at: int | None
    ended_at: int | None
    due_at: int
    risk_at: int
    priority: int
    now: int
    with_previous: bool = True


def row(r: Row) -> dict[str, str | None]:
    """All values are strings or null, as they come out of a list query."""
    until = r.ended_at if r.ended_at is not None else r.now
    late = max(0, until - r.due_at)
    is_open = r.ended_at is None
    members: dict[str, str | None] = {
        "app_uid": r.case_uid,
        "del_index": str(r.index),
        "del_last_index": "1" if r.is_last else "0",
        "app_number": str(r.number),
        "app_status": r.status,
        "usr_uid": r.user.uid,
        "previous_usr_uid": r.previous.uid,
        "tas_uid": r.task_uid,
        "pro_uid": r.process_uid,
        "del_delegate_date": local_time(r.delegated_at),
        "del_init_date": local_time(r.init_at),
        "del_finish_date": local_time(r.ended_at),
        "del_task_due_date": local_time(r.due_at),
        "del_risk_date": local_time(r.risk_at),
        "del_thread_status": "OPEN" if is_open else "CLOSED",
        "app_thread_status": "OPEN" if is_open else "CLOSED",
        "app_title": r.title,
        "app_pro_title": r.process_name,
        "app_tas_title": r.task_name,
        "app_current_user": r.user.display_name or "[UNASSIGNED]",
        "app_del_previous_user": r.previous.display_name,
        "del_priority": priority(r.priority),
        "del_duration": days(until - r.init_at) if r.init_at is not None and not is_open else "0",
        "del_queue_duration": days(r.init_at - r.delegated_at) if r.init_at is not None else "0",
        "del_delay_duration": days(late),
        "del_started": "1" if r.init_at is not None else "0",
        "del_finished": "0" if is_open else "1",
        "del_delayed": "1" if late else "0",
        "app_create_date": local_time(r.created_at),
        "app_finish_date": local_time(r.finished_at),
        "app_update_date": local_time(r.updated_at),
        "app_overdue_percentage": days(late * _DAY // max(1, r.due_at - r.delegated_at)),
        **r.user.columns("usr_"),
        "appdelcr_app_tas_title": r.current_task_name,
        "usrcr_usr_uid": r.current.uid,
        **r.current.columns("usrcr_usr_"),
    }
    if r.with_previous:
        members |= r.previous.columns("previous_usr_")
    members["app_status_label"] = LABELS.get(r.status, r.status)
    return members


# lists

FALLBACK = "APPLICATION.APP_NUMBER"
#: no list is longer
MOST = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Listing:
    """What a case list was asked for. `limit` None is all; `sort` is an upper-case column."""

    start: int
    limit: int | None
    sort: str
    descending: bool
    category: str
    process: str
    search: str
    echo: Mapping[str, Any] = field(default_factory=dict)

    def page(self, rows: Any, total: int) -> dict[str, Any]:
        return {"totalCount": total, "data": rows, "total": total, **self.echo}


def read_listing(values: Mapping[str, Any], columns: Mapping[str, str]) -> Listing:
    """Family B (dossier 1.6): negative numbers are ignored, an unknown column is the number, only `DESC` descends."""
    start, limit = integer(values, "start") or 0, integer(values, "limit") or 0
    texts = {name: str(values.get(name) or "") for name in ("sort", "dir", "cat_uid", "pro_uid", "search")}
    start, limit = min(max(start, 0), MOST), min(max(limit, 0), MOST)
    column = texts["sort"] if texts["sort"] in columns else ""
    direction = texts["dir"] or "DESC"
    echo = {
        "start": start + 1,
        "limit": limit,
        "sort": (column or FALLBACK).lower(),
        "dir": direction.lower(),
        **{name: texts[name] for name in ("cat_uid", "pro_uid", "search")},
    }
    return Listing(
        start=start,
        limit=limit or None,
        sort=column,
        descending=direction == "DESC",
        category=texts["cat_uid"],
        process=texts["pro_uid"].lower(),
        search=texts["search"],
        echo=echo,
    )

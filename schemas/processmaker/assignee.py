"""Assignee rows and their filters.

Source: seed page "Ad Hoc Assignee Endpoints"; dossier processmaker.md, section 2.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schemas.processmaker.wire import Like

FILTERS = ("filter", "lfilter", "rfilter")


@dataclass(frozen=True, slots=True)
class Assignee:
    """A user, or a group whose name is in `first_name` and whose members are counted."""

    uid: str
    is_group: bool
    first_name: str
    last_name: str = ""
    username: str = ""
    members: int = 0

    @property
    def counted(self) -> str:
        return f"{self.first_name} ({self.members} {'User' if self.members == 1 else 'Users'})"


def row(assignee: Assignee, prefix: str) -> dict[str, str]:
    """As in lists: a group's name carries the number of its members, twice."""
    name = assignee.counted if assignee.is_group else assignee.first_name
    username = assignee.counted if assignee.is_group else assignee.username
    return _row(prefix, assignee, name, username)


def single_group(assignee: Assignee, prefix: str, *, counted: bool) -> dict[str, str]:
    """As asked for alone: the user name of a group is empty."""
    return _row(prefix, assignee, assignee.counted if counted else assignee.first_name, "")


def _row(prefix: str, assignee: Assignee, name: str, username: str) -> dict[str, str]:
    return {
        f"{prefix}_uid": assignee.uid,
        f"{prefix}_name": name,
        f"{prefix}_lastname": assignee.last_name,
        f"{prefix}_username": username,
        f"{prefix}_type": "group" if assignee.is_group else "user",
    }


@dataclass(frozen=True, slots=True)
class Filter:
    """`name` is the parameter that was used, which a page echoes with its text."""

    name: str
    text: str

    def keeps(self, assignee: Assignee) -> bool:
        if not self.text.strip():
            return True
        pattern = Like(self.text, start=self.name != "lfilter", end=self.name != "rfilter")
        texts: tuple[str, ...] = (assignee.first_name,)
        if not assignee.is_group:
            texts = (assignee.username, assignee.first_name, assignee.last_name)
        return any(map(pattern.matches, texts))


def read_filter(values: Mapping[str, Any]) -> Filter:
    for name in FILTERS:
        if values.get(name) not in (None, ""):
            value = values[name]
            return Filter(name, str(value).lower() if isinstance(value, bool) else str(value))
    return Filter("filter", "")


def page(rows: list[dict[str, str]], total: int, start: int, limit: int, used: Filter) -> dict[str, Any]:
    return {"total": total, "start": start, "limit": limit, used.name: used.text, "data": rows}

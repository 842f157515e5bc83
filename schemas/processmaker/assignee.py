"""Assignee rows.

Source: seed page "Ad Hoc Assignee Endpoints"; dossier processmaker.md, section 2.
"""

from dataclasses import dataclass


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
    def texts(self) -> tuple[str, ...]:
        """What a filter looks at."""
        return (self.first_name,) if self.is_group else (self.username, self.first_name, self.last_name)

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

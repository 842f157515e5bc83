"""Why the engine said no: typed, with facts, never with a vendor's text.

Rejection
  +- Unauthenticated   no or wrong credentials
  |    +- Expired      they were right once
  +- Forbidden         known, but not allowed
  +- NotFound          the thing does not exist, or not for this principal
  +- Invalid           a value cannot be used
  +- Conflict          it clashes with what is there
  |    +- WrongState   the thing is in a state that does not allow this
  +- ExecutionFailed   the process could not go on
  |    +- Uncaught     an error of the process that it does not catch
  +- Unavailable       not now: maintenance, overload, storage
"""

from core.types import Permission, Trouble


class Rejection(Exception):
    """Base of all refusals; a refused command leaves no trace."""


class Unauthenticated(Rejection):
    def __init__(self, reason: str = "missing") -> None:
        super().__init__(reason)
        self.reason = reason


class Expired(Unauthenticated):
    def __init__(self) -> None:
        super().__init__("expired")


class Forbidden(Rejection):
    """`process_id` is that of the process that the thing belongs to, if that was asked."""

    def __init__(self, permission: Permission, *, kind: str = "", id: str = "", process_id: str = "") -> None:
        super().__init__(permission, kind, id, process_id)
        self.permission = permission
        self.kind = kind
        self.id = id
        self.process_id = process_id


class NotFound(Rejection):
    def __init__(self, kind: str, id: object) -> None:
        super().__init__(kind, id)
        self.kind = kind
        self.id = str(id)


class Invalid(Rejection):
    def __init__(self, field: str, reason: str, value: object = None) -> None:
        super().__init__(field, reason, value)
        self.field = field
        self.reason = reason
        self.value = value


class Conflict(Rejection):
    """reason is one of: exists, built-in, called, assigned, claimed, changed, busy, checked-out, started, paused,
    running, threads."""

    def __init__(self, kind: str, id: object, reason: str) -> None:
        super().__init__(kind, id, reason)
        self.kind = kind
        self.id = str(id)
        self.reason = reason


class WrongState(Conflict):
    def __init__(self, kind: str, id: object, state: str) -> None:
        super().__init__(kind, id, "state")
        self.state = state


class ExecutionFailed(Rejection):
    """The flow could not be run: no condition held, a value could not be computed, it never came to rest."""

    def __init__(self, element_id: str, reason: str, trouble: Trouble = Trouble.VALUE) -> None:
        super().__init__(element_id, reason, trouble)
        self.element_id = element_id
        self.reason = reason
        self.trouble = trouble


class Uncaught(ExecutionFailed):
    """An error was thrown that nothing catches: what could be caught there are errors with the codes `caught`."""

    def __init__(self, element_id: str, code: str, message: str = "", caught: tuple[str, ...] = ()) -> None:
        super().__init__(element_id, f"nothing catches the error '{code}'", Trouble.ERROR)
        self.code = code
        self.message = message
        self.caught = caught


class Unavailable(Rejection):
    """reason is one of: maintenance, overload, storage, stopping, identity (who proves them does not answer). `detail`
    is for whoever runs the gateway, not for clients."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail

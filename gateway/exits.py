"""How a command ends: its exit status, and what went wrong in words."""

import re
from enum import IntEnum


class Exit(IntEnum):
    """The operations page has the same table."""

    DONE = 0
    REFUSED = 1
    USAGE = 2
    SETTINGS = 3
    DATABASE = 4
    NETWORK = 5
    FAULT = 70
    INTERRUPTED = 130


class Failed(Exception):
    """It was not done; the text says why."""


class Usage(Exception):
    """The command line, or what came on standard input, cannot be used; the text says what is right."""


class Answered(Exception):
    """A gateway that was asked to do it says how it ended, as it would have said here."""

    def __init__(self, exit: Exit, text: str) -> None:
        super().__init__(text)
        self.exit = exit


class Unreachable(Exception):
    """No gateway answers; the text says where."""


class CannotListen(Exception):
    """The text says where, and why not."""


def told(error: BaseException) -> tuple[Exit, str]:
    """The exit status and the words for what went wrong."""
    from core.rejections import Rejection, Unavailable
    from core.storage.store import StorageError
    from gateway.settings.sources import SettingsError
    from gateway.words import words

    match error:
        case Unavailable(reason="storage"):
            return Exit.DATABASE, error.detail or words(error)
        case Rejection():
            return Exit.REFUSED, words(error)
        case Answered(exit=exit):
            return exit, str(error)
        case Failed():
            return Exit.REFUSED, str(error)
        case Usage():
            return Exit.USAGE, str(error)
        case SettingsError():
            return Exit.SETTINGS, str(error)
        case StorageError():
            return Exit.DATABASE, str(error).partition("\n")[0]
        case CannotListen() | Unreachable():
            return Exit.NETWORK, str(error)
        case KeyboardInterrupt():
            return Exit.INTERRUPTED, "given up"
        case OSError(strerror=str(reason)):
            return Exit.REFUSED, f"{error.filename}: {reason}" if error.filename else reason
    kind = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(error).__name__).lower()
    text = f"this is a fault of Dragoman's own ({kind}: {error}); DRAGOMAN_LOG_LEVEL=debug shows where it is"
    return Exit.FAULT, text.replace("\n", " ")

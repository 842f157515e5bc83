"""What the engine asks of a database."""

from abc import ABC, abstractmethod
from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any

from core.storage.statements import Bulk, Flavour, Statement

Row = tuple[Any, ...]

#: seconds that a statement waits for what another program has locked, where it may wait
PATIENCE = 10.0


class StorageError(Exception):
    """The database did not do it. Nothing of the transaction stays."""


class Duplicate(StorageError):
    """A unique constraint said no."""


class Retry(StorageError):
    """Deadlock, serialization failure or a broken connection: the same transaction may succeed another time."""


class Unsure(Retry):
    """The connection was lost at the commit: whether it was done, only the database can tell."""


class Busy(Retry):
    """Another program held a lock for longer than there was patience."""


class Damaged(StorageError):
    """What is stored cannot be made sense of."""


class BadValue(StorageError):
    """A value that this database cannot hold: NUL in a text of PostgreSQL, a number beyond 64 bits."""


class TooLong(StorageError):
    """A read was cut short because its connection has a budget; ask again on one without."""


class StoreInUse(StorageError):
    """Another process holds this SQLite file."""

    def __init__(self, text: str, file: Path) -> None:
        super().__init__(text)
        self.file = file


class SchemaMismatch(StorageError):
    """The database was written by a newer version of this program, or has not the tables that its version says."""


class OldSchema(StorageError):
    """The database was written by an older version of this program, and whoever only reads leaves it so."""


class NoDatabase(StorageError):
    """There is none, and whoever only reads does not make one. A file would be made in `folder`."""

    def __init__(self, text: str, folder: Path | None = None) -> None:
        super().__init__(text)
        self.folder = folder


class Connection(ABC):
    """One database connection, used by one thread at a time."""

    flavour: Flavour

    #: `version` asks nobody
    version_is_free: bool

    #: the epoch (see `Store`) that what is written belongs to; in another one nothing is committed
    expects: int | None = None

    @property
    def epoch(self) -> int:
        return 0

    @abstractmethod
    def begin(self, *, snapshot: bool = False) -> None:
        """Start a write transaction; `snapshot` asks for one that sees a single moment."""

    @abstractmethod
    def commit(self) -> None:
        """Raises Unsure if nobody knows whether it was done, something else if it was not."""

    @abstractmethod
    def rollback(self) -> None: ...

    def wait_for_locks(self, seconds: float) -> None:  # noqa: B027  a server has settings of its own for this
        """How long statements wait from now on for what another program has locked; 0: not at all."""

    @abstractmethod
    def execute(self, text: str, params: Mapping[str, Any]) -> tuple[list[Row], int]:
        """(rows, number of rows changed)"""

    @abstractmethod
    def bulk(self, statement: Bulk, rows: Sequence[Row]) -> None: ...

    def clashes(self, statement: Bulk, row: Row) -> bool:
        """Is there a row already that keeps this one from being inserted? Nothing is. Waits a moment for transactions
        under way; raises Retry if one that wrote such a row still is."""
        raise NotImplementedError  # where a commit is never unsure nobody asks

    def commits_hang(self) -> bool:
        """Does a commit wait that should have been over long ago? Another one would, too."""
        return False

    def confirm(self) -> None:  # noqa: B027  a connection to one place has nothing to say
        """Whoever has read makes sure that it came from the database of this epoch. Raises Retry if nobody can tell."""

    @abstractmethod
    def version(self) -> Hashable:
        """Something that is the same as long as no transaction has changed the database."""

    @abstractmethod
    def close(self) -> None: ...

    def fetch(self, statement: Statement, params: Mapping[str, Any] | None = None) -> list[Row]:
        bound = statement.bound(self.flavour)
        merged = {**bound, **params} if bound and params else (params or bound)
        return self.execute(statement.text(self.flavour), merged)[0]

    def run(self, statement: Statement, params: Mapping[str, Any] | None = None) -> int:
        bound = statement.bound(self.flavour)
        merged = {**bound, **params} if bound and params else (params or bound)
        return self.execute(statement.text(self.flavour), merged)[1]


class Store(ABC):
    """A database that was opened: makes connections, reserves counters."""

    flavour: Flavour
    url: str

    #: the file, or the server and the name; without what is secret
    place: str

    #: statements may run on the event loop: no network, no locks to wait for, only a commit takes its time
    inline: bool

    @abstractmethod
    def connect(self, *, budget: float = 0, patience: float = PATIENCE) -> Connection:
        """A new connection. With a budget in seconds, a statement that takes longer raises TooLong, where the database
        can be stopped; for `patience` see `Connection.wait_for_locks`."""

    def driver(self) -> Any:
        """A connection of the driver's own, for whoever has a way of their own with it, as migrations do."""
        raise NotImplementedError

    def reason(self, error: BaseException | None) -> str:
        """What a driver says, in one line."""
        return str(error).partition("\n")[0]

    @property
    def epoch(self) -> int:
        """Counts how often the database became another one under the same address, as when a standby took over: what is
        remembered of the one before may never have reached it."""
        return 0

    @property
    def is_in_place(self) -> bool:
        """Is what was opened still what the address leads to?"""
        return True

    def concerns(self) -> list[str]:
        """What whoever runs this should know about the place where everything is kept, each in a line."""
        return []

    @abstractmethod
    def reserve(self, name: str, count: int, first: int) -> int:
        """Take `count` values of a counter; see core.ids.Reserve."""

    @abstractmethod
    def advance(self, name: str, minimum: int) -> None:
        """Let the counter go on from `minimum` at least."""

    @abstractmethod
    def give_back(self, name: str, start: int, end: int) -> None:
        """Return the tail of the block that was reserved last, if nobody reserved after it."""

    @abstractmethod
    def close(self) -> None: ...

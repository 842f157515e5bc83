"""One turn: load, decide, write; see the package's docstring."""

import logging
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.clock import Clock
from core.principal import NOBODY, Principal
from core.rejections import Conflict, Invalid, Rejection, Unavailable
from core.storage.statements import Flavour
from core.storage.store import PATIENCE, BadValue, Busy, Connection, Duplicate, Retry, StorageError, Unsure
from core.tables.event import Event
from core.tables.locks import LOCKED
from core.turn.command import Command
from core.turn.commits import Undecided, commit_once, was_done
from core.turn.context import HANDLERS, Context, Numbers, Plan
from core.turn.effort import Effort
from core.turn.health import Health
from core.turn.known import Definitions
from core.turn.sets import SET_HANDLERS, SetTurn
from core.turn.watch import Watch, enqueue
from core.turn.workingset import Load, WorkingSet

ATTEMPTS = 5
#: seconds until a turn is run again, at most; twice as long each time
PAUSE = 0.02

log = logging.getLogger("dragoman.engine")

Asked = tuple[Command[Any], Principal]


@dataclass(slots=True)
class Result:
    """What came of the commands of a turn: an outcome or an exception for each."""

    outcomes: list[Any]
    touched_users: set[int] = field(default_factory=set)
    dirty: bool = False


class TurnRunner:
    """Runs turns on one connection, which waits for nobody; used by one thread."""

    def __init__(
        self,
        connection: Connection,
        numbers: Numbers,
        clock: Clock,
        health: Health,
        look_again: Callable[[], None] = lambda: None,
    ) -> None:
        self._connection = connection
        self._epoch = connection.epoch
        self._look_again = look_again
        self._undecided: Undecided | None = None
        self._numbers = numbers
        self._clock = clock
        self._health = health
        self._locks = connection.flavour is Flavour.POSTGRESQL
        self.definitions = Definitions(connection)
        self.watches: tuple[Watch, ...] = ()

    def begin(self, batch: Sequence[Asked]) -> Result | None:
        """The first half of a turn, all but the commit: quick where the database is local.

        None says that it did not work out; then `run` has to do all of it again.
        """
        try:
            return self._run_turn(batch, inline=True)
        except Exception:
            self._connection.rollback()
            return None

    def finish(self, batch: Sequence[Asked], begun: Result | None) -> Result:
        """The second half: make it durable."""
        if begun is not None:
            try:
                if begun.dirty:
                    self._connection.commit()
                    self._health.wrote()
                return begun
            except StorageError as error:
                log.debug("commit of %d commands failed: %s", len(batch), error)
                self._connection.rollback()
        return self.run(batch)

    def run(self, batch: Sequence[Asked]) -> Result:
        """Off the event loop: it may wait for what another program has locked. When that took too long once, those who
        come later do not wait until something could be written again.

        Never raises: each command gets an outcome, a Rejection or the exception of a defect.
        """
        self._connection.wait_for_locks(0 if self._health.is_locked_out else PATIENCE)
        try:
            return self._run(batch)
        finally:
            self._connection.wait_for_locks(0)

    @property
    def is_behind(self) -> bool:
        """What is remembered, numbers that were reserved among it, belongs to a database that is gone."""
        return self._connection.epoch != self._epoch

    def _catch_up(self) -> None:
        epoch = self._connection.epoch
        if epoch != self._epoch:
            self.definitions.clear()
            self._numbers.forget()
            self._look_again()
            self._epoch = epoch
        self._connection.expects = epoch

    def _run(self, batch: Sequence[Asked]) -> Result:
        if len(batch) == 1 and type(batch[0][0]) in SET_HANDLERS:
            return self._guarded(batch, self._run_set)
        return self._guarded(batch, self._run_turn)

    def _guarded(self, batch: Sequence[Asked], run: Callable[[Sequence[Asked]], Result]) -> Result:
        until = time.monotonic() + PATIENCE
        attempt = 0
        while True:
            attempt += 1
            try:
                self._settle()
                self._catch_up()
                return run(batch)
            except Undecided as error:  # it may have been done: there is nothing to take back, or to do once more
                self._undecided = error
                return self._unavailable(batch, error)
            except Exception as error:
                self._connection.rollback()
                if not self._goes_again(batch, error, attempt, until):
                    return self._failed(batch, error)

    def _goes_again(self, batch: Sequence[Asked], error: Exception, attempt: int, until: float) -> bool:
        """Whether a turn that failed is worth another attempt; after a pause, if it met another one."""
        match error:
            case Busy():
                self._connection.wait_for_locks(0)
                return False
            case Retry():
                if isinstance(error, Unsure):  # about numbers, which may be lost
                    self._undecided = Undecided(str(error))
                log.warning("turn of %d commands failed, attempt %d: %s", len(batch), attempt, error)
                if attempt == ATTEMPTS or time.monotonic() > until:
                    return False
                time.sleep(random.random() * PAUSE * 2 ** (attempt - 1))  # noqa: S311  or two meet again and again
                return True
            case Duplicate():
                return len(batch) == 1 and attempt == 1
        return False

    def _failed(self, batch: Sequence[Asked], error: Exception) -> Result:
        if isinstance(error, Retry):  # which is nothing that one of the commands did
            return self._unavailable(batch, error)
        if not isinstance(error, StorageError):
            log.error("turn of %d commands broke", len(batch), exc_info=error)
        if len(batch) > 1:
            return self._one_by_one(batch)
        match error:
            case Duplicate():
                return Result([Conflict("row", "", f"exists: {error}")])
            case BadValue():
                return Result([Invalid("text", "unstorable")])
            case StorageError():
                return self._unavailable(batch, error)
        return Result([error])

    def _unavailable(self, batch: Sequence[Asked], error: StorageError) -> Result:
        self._health.could_not_write(error)
        return Result([Unavailable("storage", str(error))] * len(batch))

    def _settle(self) -> None:
        """As long as nobody knows of one commit, the next one would wait for the same."""
        if self._undecided is not None:
            witness = self._undecided.witness
            done = was_done(self._connection, witness, patience=0)
            if witness is not None:
                log.warning("a commit that nobody knew of was %s", "done" if done else "not done")
            self._undecided = None

    def _one_by_one(self, batch: Sequence[Asked]) -> Result:
        """One bad command shall fail alone."""
        whole = Result([])
        for asked in batch:
            single = self._run([asked])
            whole.outcomes += single.outcomes
            whole.touched_users |= single.touched_users
        return whole

    def _run_set(self, batch: Sequence[Asked]) -> Result:
        command, principal = batch[0]
        touched: set[int] = set()
        try:
            handler = SET_HANDLERS[type(command)]
            turn = SetTurn(
                who=principal,
                connection=self._connection,
                now=self._clock(),
                numbers=self._numbers,
                touched=touched,
                watches=self.watches,
            )
            outcome = handler(command, turn)
        except Rejection as rejection:
            self._connection.rollback()
            outcome = rejection
        return Result([outcome], touched)

    def _run_turn(self, batch: Sequence[Asked], *, inline: bool = False) -> Result:
        if log.isEnabledFor(logging.DEBUG):
            log.debug("turn of %s", ", ".join(type(command).__name__ for command, _ in batch))
        if self._locks:
            self._connection.begin()
        ws = WorkingSet(self._connection, LOCKED if self._locks else {})
        self.definitions.of_turn(ws)
        effort = Effort(inline=inline)
        self._load(batch, ws, effort)
        ctx = Context(
            ws=ws,
            now=self._clock(),
            numbers=self._numbers,
            definitions=self.definitions,
            principal=NOBODY,
            effort=effort,
        )
        keys = self._numbers.keys.mark()
        try:
            outcomes = [self._decide(command, principal, ctx) for command, principal in batch]
            ctx.settle()
            effort.rows(ws.to_write)
        except StorageError:
            ctx.undo((0, keys))
            raise
        dirty = ws.dirty
        if self.watches:
            enqueue(ctx, self.watches)
        self.definitions.of_turn(None)
        if dirty:
            if not self._locks:
                self._connection.begin()
            ws.write()
        if not inline and (dirty or self._locks):
            events = ws.added(Event)
            commit_once(self._connection, events[-1] if events else None)
            if dirty:
                self._health.wrote()
        return Result(outcomes, ctx.touched_users, dirty)

    def _load(self, batch: Sequence[Asked], ws: WorkingSet, effort: Effort) -> None:
        plans: list[Plan] = [HANDLERS[type(c)].plan(c, p, ws, self.definitions) for c, p in batch]
        while plans:
            wishes: list[Load] = []
            going: list[Plan] = []
            for plan in plans:
                wish = next(plan, None)
                if wish is not None:
                    wishes += wish
                    going.append(plan)
            if wishes:
                ws.load(wishes)
                effort.rows(ws.loaded)
            plans = going

    @staticmethod
    def _decide(command: Command[Any], principal: Principal, ctx: Context) -> Any:
        ctx.principal = principal
        if not ctx.effort.inline:
            ctx.effort = Effort()
        try:
            return ctx.decide(command)
        except Rejection as rejection:
            return rejection
        except StorageError:
            raise  # it is the turn that did not work, not this command
        except Exception as error:
            log.exception("%s could not be decided", type(command).__name__)
            return error

"""A refused command leaves no trace: of each command there is an example that is accepted, and then taken back."""

import asyncio
import random
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from core.engine import Engine
from core.identity.commands import RemoveExpired
from core.message.commands import RemoveExpiredMessages
from core.principal import Principal, system
from core.registry.commands import UpdateReference
from core.rejections import Conflict, Rejection
from core.storage.statements import table_of
from core.tables.locks import ADDED, GUARDED, LOCKED, UNREAD
from core.tables.schema import MODULES
from core.turn.command import Command, Done, Several
from core.turn.context import HANDLERS, Context, handles
from core.turn.sets import SET_HANDLERS
from tests.support import examples
from tests.support.rounds import rounds
from tests.support.watch import table_of as table_in
from tests.support.watch import watch
from tests.unit.conftest import Living

TABLES = {cls.table: cls for module in MODULES for cls in vars(module).values() if hasattr(cls, "holders")}.values()
KINDS = sorted((kind for kind in HANDLERS), key=lambda kind: kind.__name__)
OF_ALL_TENANTS = {RemoveExpired, RemoveExpiredMessages}
TAKING_AWAY = ("Cancel", "Delete", "Remove", "Revoke")


class Refuse(Command[Done]):
    """Refused at the end of others; notes whether they had changed anything."""

    dirty = False


def refuse(cmd: Refuse, ctx: Context) -> Done:
    cmd.dirty = ctx.ws.dirty
    raise Conflict("test", "", "refused")


@pytest.fixture(scope="module")
def world(living: Living) -> Iterator[examples.Examples]:
    handles(Refuse, lambda cmd, who, ws, known: iter(()))(refuse)
    yield living.run(examples.make(living.engine, living.who))
    del HANDLERS[Refuse]


def everything(living: Living) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables."""
    found = {}
    for cls in TABLES:
        table = table_of(cls)
        order = ", ".join(column.name for column in table.primary_key.columns)
        found[table.name], _ = living.connection.execute(f"SELECT * FROM {table.name} ORDER BY {order}", {})
    return found


def numbers(living: Living) -> dict[str, tuple[int, int]]:
    return {sequence.name: sequence.unused for sequence in living.engine._numbers.all()}


def test_there_is_an_example_of_each_command(world: examples.Examples) -> None:
    assert {*HANDLERS, *SET_HANDLERS} == {*world.commands, Refuse}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_what_is_taken_back_leaves_no_trace(living: Living, world: examples.Examples, kind: Any) -> None:
    """Not in the database, not in the numbers, not in what is remembered of users; and nothing is written."""
    engine, last = living.engine, Refuse()
    ann = Principal(living.who.tenant_key, world.known["ann"], "ann", "test")
    engine._memory.put("basic", "ann", ann)
    before = everything(living), numbers(living)
    with watch(engine) as seen, pytest.raises(Conflict, match="refused"):
        living.run(engine.execute(Several((world.commands[kind], last)), living.who))
    assert last.dirty, "the example does something"
    assert seen.writing == []
    assert seen.counters == []
    assert (everything(living), numbers(living)) == before
    assert engine._memory.get("basic", "ann") is not None


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_what_is_taken_back_is_not_seen_by_others_of_the_turn(
    living: Living, world: examples.Examples, kind: Any
) -> None:
    """Both are decided in one turn; only what the accepted one did is written."""
    engine, key = living.engine, world.known["reference"]
    accepted = UpdateReference(key, name=kind.__name__)

    async def both() -> list[Any]:
        works = (
            engine.execute(command, living.who) for command in (Several((world.commands[kind], Refuse())), accepted)
        )
        return await asyncio.gather(*works, return_exceptions=True)

    before = everything(living)
    with watch(engine) as seen:
        outcomes = living.run(both())
    assert isinstance(outcomes[0], Conflict)
    assert outcomes[1] == Done()
    assert seen.written == {"reference", "event", "delivery"}
    after = everything(living)
    assert {name for name in after if after[name] != before[name]} == seen.written


@pytest.mark.parametrize("kind", [*KINDS, *SET_HANDLERS], ids=lambda kind: kind.__name__)
def test_what_is_refused_at_once_writes_nothing(living: Living, world: examples.Examples, kind: Any) -> None:
    """To somebody who may do nothing, or from a tenant where there is nothing."""
    nobody = Principal(living.who.tenant_key, 0, "", "test")
    stranger = Principal(1, 0, "system", "test", permissions=living.who.permissions)
    for who in (nobody,) if kind in OF_ALL_TENANTS else (nobody, stranger):
        with watch(living.engine) as seen:
            outcome = living.run(_outcome(living, world.commands[kind], who, Refuse()))
        assert isinstance(outcome, Rejection) or outcome == ()
        assert seen.writing == []


async def _outcome(living: Living, command: Command[Any], who: Principal, last: Refuse) -> Any:
    whole = command if type(command) in SET_HANDLERS else Several((command, last))
    try:
        return await living.engine.execute(whole, who)
    except Rejection as rejection:
        return rejection


@pytest.mark.rounds
def test_any_commands_go_together(living: Living, world: examples.Examples) -> None:
    """Whatever the first ones of a turn did, the next one finds what it looks for, or it is refused."""
    pick = random.Random(7)
    before = everything(living)
    for _ in range(rounds(400)):
        kinds = [pick.choice(KINDS) for _ in range(pick.choice((2, 2, 3)))]
        together = (*(world.commands[kind] for kind in kinds), Refuse())
        with pytest.raises(Rejection):
            living.run(living.engine.execute(Several(together), living.who))
    assert everything(living) == before


async def test_whoever_changes_a_row_has_locked_it(engine: Engine) -> None:
    """Each command for real, those that take away last. No table is changed that is not locked, or guarded by one that
    was locked before its rows were read."""
    who = system(engine.default_tenant, dialect="test")
    world = await examples.make(engine, who)
    guards = {table_of(cls).name: {table_of(guard).name for guard in by} for cls, by in GUARDED.items()}
    told_by = {table_of(cls).name: table_of(by).name for cls, by in UNREAD.items()}
    changed: set[str] = set()
    for kind in sorted(KINDS, key=lambda kind: kind.__name__.startswith(TAKING_AWAY)):
        with watch(engine) as seen, suppress(Rejection):  # an earlier one may have taken away what this one is about
            await engine.execute(world.commands[kind], who)
        changing = {table_in(text) for text in seen.writing if text.startswith(("UPDATE", "DELETE"))}
        changed |= changing
        selects = [(table_in(text), text) for text in seen.statements if text.startswith("SELECT")]
        for name in changing & set(guards):
            read = [n for n, (table, _) in enumerate(selects) if table == told_by.get(name, name)]
            held = [n for n, (table, text) in enumerate(selects) if table in guards[name] and _locks(engine, text)]
            assert min(held, default=len(selects)) < min(read), (kind, name)
    assert changed <= {table_of(cls).name for cls in (*LOCKED, *GUARDED)}
    assert not changed & {table_of(cls).name for cls in ADDED}


def _locks(engine: Engine, text: str) -> bool:
    return "FOR UPDATE" in text or engine.store.inline

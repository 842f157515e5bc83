"""For each table it is said how its rows are kept from being overwritten."""

from sqlmodel import SQLModel

from core.storage.statements import table_of
from core.tables.locks import ADDED, GUARDED, LOCKED, STATEMENTS, UNUSED
from core.tables.schema import MODULES

RECORDS = {cls for module in MODULES for cls in vars(module).values() if hasattr(cls, "holders")}


def test_each_table_is_kept_in_one_way() -> None:
    ways = (set(LOCKED), set(GUARDED), set(ADDED))
    assert set.union(*ways) == RECORDS
    assert sum(map(len, ways)) == len(RECORDS)
    kept = {table_of(cls).name for cls in RECORDS}
    assert kept | STATEMENTS | UNUSED == set(SQLModel.metadata.tables)
    assert not kept & (STATEMENTS | UNUSED)


def test_what_guards_is_locked() -> None:
    assert {guard for guards in GUARDED.values() for guard in guards} <= set(LOCKED)

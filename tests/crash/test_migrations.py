"""kill -9 in the middle of a migration: all of it has happened or nothing, and the next start goes on from there.

Row S10 of the fault matrix.
"""

import random
import re
import shutil
import signal
import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.storage import open_store
from core.storage.store import SchemaMismatch
from core.tables.schema import MIGRATIONS, REVISION, upgrade
from tests.support.interrupted import COMMIT, migrate, statements_of
from tests.support.postgresql import fresh_database
from tests.support.rounds import rounds
from tests.unit.storage.test_migrations import copy_rows, old_database

pytestmark = pytest.mark.crash

OLDEST = "0001"


def fill(url: str, template: Path) -> None:
    """The demo world as the first schema would have had it."""
    old_database(sa.create_engine(url, poolclass=sa.NullPool), OLDEST)
    new, old = sa.create_engine(f"sqlite:///{template}"), sa.create_engine(url)
    copy_rows(new, old)
    with old.begin() as db:
        db.execute(sa.text("DELETE FROM counter WHERE name LIKE 'reference.%'"))  # which it did not count
    new.dispose()
    old.dispose()


@pytest.fixture(scope="module")
def old(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("old") / "old.db"
    fill(f"sqlite:///{path}", template)
    return path


def content(path: Path) -> list[str]:
    """Tables, indexes and rows, in words, whenever it was that rows were made."""
    connection = sqlite3.connect(path)
    try:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return [re.sub(r"\b1\d{12}\b", "moment", line) for line in connection.iterdump()]
    finally:
        connection.close()


def places(statements: list[str], chance: random.Random) -> list[int]:
    """The middle of each migration, the end of the last one, before and after it is kept, and some more."""
    ends = [n for n, text in enumerate(statements) if text.startswith("UPDATE alembic_version")]
    assert len(ends) == int(REVISION) - int(OLDEST)
    middles = [(before + after) // 2 for before, after in zip([0, *ends], ends, strict=False)]
    return sorted({*middles, *ends[-1:], statements.index(COMMIT), *chance.sample(range(ends[-1]), rounds(2))})


@pytest.mark.rounds
def test_a_killed_migration_leaves_all_as_it_was(old: Path, tmp_path: Path, seed: int) -> None:
    whole, torn = tmp_path / "whole.db", tmp_path / "torn.db"
    shutil.copy(old, whole)
    statements = statements_of(f"sqlite:///{whole}")
    assert statements.count(COMMIT) == 1, "what is kept is kept at once"
    before, after = content(old), content(whole)
    assert before != after
    for place in places(statements, random.Random(seed)):
        shutil.copy(old, torn)
        assert migrate(f"sqlite:///{torn}", place) == -signal.SIGKILL
        assert content(torn) == before, f"killed before {statements[place]}"
        for beside in tmp_path.glob("torn.db-*"):
            beside.unlink()
    shutil.copy(old, torn)
    assert migrate(f"sqlite:///{torn}", statements.index(COMMIT)) == -signal.SIGKILL
    store = open_store(f"sqlite:///{torn}")
    upgrade(store)
    store.close()
    assert content(torn) == after, "who starts again has what nobody interrupted would have"


@pytest.mark.rounds
def test_a_first_start_that_is_killed_leaves_no_tables(tmp_path: Path, seed: int) -> None:
    statements = statements_of(f"sqlite:///{tmp_path}/whole.db")
    kept = statements.index(COMMIT)
    for place in (kept, *random.Random(seed).sample(range(3, kept), rounds(2))):
        torn = tmp_path / f"torn-{place}.db"
        assert migrate(f"sqlite:///{torn}", place) == -signal.SIGKILL
        assert not [line for line in content(torn) if line.startswith("CREATE")], f"killed before {statements[place]}"
        store = open_store(f"sqlite:///{torn}")
        upgrade(store)
        store.close()
        assert content(torn) == content(tmp_path / "whole.db")


@pytest.mark.rounds
@pytest.mark.postgresql
def test_a_killed_migration_on_postgresql(postgresql: str, template: Path, seed: int) -> None:
    def migrated() -> sa.Engine:
        return sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))

    def schema(engine: sa.Engine) -> tuple[str, dict[str, int]]:
        with engine.connect() as db:
            revision = str(db.execute(sa.text("SELECT version_num FROM alembic_version")).scalar())
            tables = sa.inspect(engine).get_table_names()
            return revision, {name: len(sa.inspect(engine).get_columns(name)) for name in sorted(tables)}

    url = fresh_database(postgresql)
    fill(url.replace("postgresql://", "postgresql+psycopg://", 1), template)
    database = sa.make_url(url).database
    assert database is not None
    statements = statements_of(fresh_database(postgresql, database))
    engine = migrated()
    before = schema(engine)
    assert before[0] == OLDEST
    chance = random.Random(seed)
    for place in (statements.index(COMMIT), *chance.sample(range(3, statements.index(COMMIT)), rounds(2))):
        assert migrate(url, place) == -signal.SIGKILL
        assert schema(engine) == before, f"killed before {statements[place]}"
    store = open_store(url)
    upgrade(store)
    store.close()
    assert schema(engine)[0] == REVISION
    engine.dispose()


@pytest.mark.parametrize("revision", sorted(p.name[:4] for p in (MIGRATIONS / "versions").glob("[0-9]*.py")))
def test_an_older_program_leaves_a_newer_database_alone(
    old: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, revision: str
) -> None:
    """A downgrade: refused in words, whatever the distance, and nothing is written."""
    path = tmp_path / "newer.db"
    shutil.copy(old, path)
    store = open_store(f"sqlite:///{path}")
    upgrade(store)
    before = content(path)
    newer = f"{int(REVISION) + 1:04}"
    if revision == REVISION:
        connection = store.connect()
        connection.execute("UPDATE alembic_version SET version_num = :newer", {"newer": newer})
        connection.close()
        before = content(path)
    else:
        newer = REVISION
        monkeypatch.setattr("core.tables.schema.REVISION", revision)
    with pytest.raises(SchemaMismatch, match=f"has schema {newer}, this program knows {revision}.* newer version"):
        upgrade(store)
    store.close()
    assert content(path) == before

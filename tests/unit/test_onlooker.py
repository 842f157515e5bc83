"""Reading without an engine, and what is said when a database cannot be read or reached."""

import os
import sqlite3
from pathlib import Path

import pytest

from core.engine import Engine
from core.library.commands import CreateLibrary
from core.library.queries import Libraries
from core.onlooker import Onlooker
from core.people.queries import ListUsers
from core.principal import system
from core.storage import open_store
from core.storage.store import NoDatabase, OldSchema, SchemaMismatch, StorageError
from core.tables.schema import REVISION
from tests.conftest import fresh_database


async def test_an_onlooker_sees_what_a_running_engine_wrote(engine: Engine) -> None:
    await engine.execute(CreateLibrary("Papers"), system(engine.default_tenant))
    onlooker = Onlooker(engine.store.url)
    try:
        assert [library.name for library in onlooker.ask(Libraries())] == ["Papers"]
        assert onlooker.ask(ListUsers()) == ()
        with pytest.raises(StorageError, match=r"readonly|read-only"):
            onlooker._connection.execute("DELETE FROM tenant", {})
    finally:
        onlooker.close()


def test_an_onlooker_makes_nothing(tmp_path: Path) -> None:
    with pytest.raises(NoDatabase, match=f"^no database at {tmp_path}/data/x.db$"):
        Onlooker(f"sqlite:///{tmp_path}/data/x.db")
    assert list(tmp_path.iterdir()) == []


async def test_an_onlooker_leaves_no_files_behind(tmp_path: Path) -> None:
    engine = Engine(open_store(f"sqlite:///{tmp_path}/x.db"))
    await engine.start()
    await engine.stop()
    before = os.listdir(tmp_path)
    onlooker = Onlooker(f"sqlite:///{tmp_path}/x.db")
    onlooker.ask(ListUsers())
    onlooker.close()
    assert sorted(os.listdir(tmp_path)) == sorted(before)


def test_a_file_without_our_tables_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "x.db").touch()
    with pytest.raises(NoDatabase, match="there are no tables of Dragoman's"):
        Onlooker(f"sqlite:///{tmp_path}/x.db")


@pytest.mark.parametrize(
    ("revision", "refusal", "said"),
    [
        ("0001", OldSchema, "it is brought up to date when the gateway starts"),
        ("9999", SchemaMismatch, "it was written by a newer version"),
    ],
)
def test_other_schemas_are_left_alone(revision: str, refusal: type[StorageError], said: str, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "x.db") as database:
        database.execute("CREATE TABLE alembic_version (version_num TEXT)")
        database.execute("INSERT INTO alembic_version VALUES (?)", (revision,))
    database.close()
    with pytest.raises(refusal, match=f"has schema {revision}, this program knows {REVISION}: {said}"):
        Onlooker(f"sqlite:///{tmp_path}/x.db")


async def test_a_broken_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_text("this is no database\n" * 100)
    engine = Engine(open_store(f"sqlite:///{tmp_path}/x.db"))
    with pytest.raises(StorageError, match=f"^cannot open {tmp_path}/x.db: file is not a database$"):
        await engine.start()
    await engine.stop()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (
            "postgresql://ann:s3cret@127.0.0.1:1/tasks",
            "cannot reach the database tasks at 127.0.0.1:1: Connection refused",
        ),
        (
            "postgresql://ann:s3cret@nowhere.invalid/tasks",
            "cannot reach the database tasks at nowhere.invalid:5432: ",
        ),
        ("postgresql://ann:s3cret@[::1/tasks", "the address of the database cannot be read: "),
        ("mysql://ann:s3cret@x", "unknown kind of database: mysql; use"),
    ],
)
def test_a_database_out_of_reach_is_told_in_one_line(url: str, said: str) -> None:
    with pytest.raises(StorageError) as failed:
        open_store(url).connect()
    text = str(failed.value)
    assert text.startswith(said)
    assert "s3cret" not in text
    assert "\n" not in text
    assert "[Errno" not in text


@pytest.mark.postgresql
def test_what_postgresql_refuses(postgresql: str) -> None:
    url = fresh_database(postgresql)
    with pytest.raises(NoDatabase, match="there are no tables of Dragoman's"):
        Onlooker(url)
    name = url.partition("?")[0].rpartition("/")[2]
    with pytest.raises(StorageError, match=r'^cannot reach the database nope at .*: database "nope" does not exist$'):
        Onlooker(url.replace(name, "nope"))

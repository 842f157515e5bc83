"""Addresses, servers and commits of PostgreSQL, one at a time; tests/ha lets them fail under load."""

import asyncio
import threading
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from core.engine import Engine
from core.principal import Principal, system
from core.storage import open_store
from core.storage.address import read_address
from core.storage.servers import Lineage, Servers
from core.storage.store import Busy, Retry, StorageError
from core.tables.event import Event
from core.task.commands import CreateTask
from core.task.queries import History, SearchTasks
from core.turn.commits import Undecided, was_done
from tests.support.postgresql import fresh_database
from tests.support.sessions import session_of


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("postgresql://ann@db.example.com/tasks", "tasks at db.example.com:5432"),
        ("postgres://ann@db.example.com:6432/tasks?sslmode=verify-full", "tasks at db.example.com:6432"),
        ("postgresql://ann@a:5432,b:5433/tasks?target_session_attrs=read-write", "tasks at a:5432, b:5433"),
        ("postgresql://a,b/tasks?port=5433", "tasks at a:5433, b:5433"),
        ("postgresql:///tasks?host=/run/postgresql&passfile=/etc/pgpass", "tasks at /run/postgresql:5432"),
        ("postgresql:///?service=tasks", "service tasks"),
        ("host=a,b port=1,2 dbname=tasks user=ann password='s3 cret'", "tasks at a:1, b:2"),
        ("postgresql://ann:p%40ss%2Fw@db/tasks?options=-csearch_path%3Dours", "tasks at db:5432"),
        ("postgresql://[::1]:5433/tasks", "tasks at ::1:5433"),
        ("postgresql://ann@/tasks?hostaddr=10.0.0.1,10.0.0.2", "tasks at 10.0.0.1:5432, 10.0.0.2:5432"),
    ],
)
def test_what_libpq_takes(address: str, place: str) -> None:
    assert read_address(address).place == place


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("postgresql://ann:s3%zzcret@db/tasks", "invalid percent-encoded token"),
        (
            "postgresql://ann:s3@cret/x@db/tasks",
            "an @ is where none can be; in a user's name and password write %40 for",
        ),
        ("postgresql://ann:s3/cret@db/tasks", "an @ is where none can be; "),
        ("postgresql://ann:s3 cret@db/tasks", "unexpected spaces found in"),
        ("postgresql://ann@db/tasks?pasword=s3cret", "invalid URI query parameter"),
        ("host=db password=s3cret pasword=s3cret", "invalid connection option"),
        ("host=db password='s3cret", "unterminated quoted string in connection info string"),
        ("postgresql://a:1,b:2,c:3/tasks?port=4,5", "it has 3 servers, but 2 values of port"),
        ("postgresql://db/tasks?connect_timeout=soon", "connect_timeout has to be a number of seconds"),
    ],
)
def test_what_cannot_be_an_address_is_told_without_what_is_secret(address: str, said: str) -> None:
    with pytest.raises(StorageError) as refused:
        open_store(address)
    assert str(refused.value).startswith(f"the address of the database cannot be read: {said}")
    assert "s3" not in str(refused.value)
    assert "cret" not in str(refused.value)


def test_no_more_than_the_kind_of_an_unknown_address_is_told() -> None:
    with pytest.raises(StorageError, match=r"^unknown kind of database; use sqlite:///FILE or postgresql://\.\.\.$"):
        open_store("s3cret")


@pytest.mark.postgresql
def test_of_several_hosts_the_one_that_is_there_is_taken(postgresql: str, tmp_path: Path) -> None:
    url = fresh_database(postgresql).replace("?host=", f"?target_session_attrs=read-write&host={tmp_path},")
    connection = open_store(url).connect()
    assert connection.execute("SELECT 1", {})[0] == [(1,)]
    connection.close()
    nowhere = f"postgresql://ann:s3cret@/tasks?host={tmp_path},{tmp_path}/x"
    with pytest.raises(Retry) as refused:
        open_store(nowhere).connect()
    assert str(refused.value).startswith(f"cannot reach the database tasks at {tmp_path}:5432, {tmp_path}/x:5432: ")
    assert str(refused.value).count("No such file or directory") == 2


@pytest.mark.postgresql
def test_commits_that_wait_for_no_standby_are_told_where_one_is_to_take_over(postgresql: str, tmp_path: Path) -> None:
    url = fresh_database(postgresql)
    assert open_store(url).concerns() == []
    concerns = open_store(url.replace("?host=", f"?host={tmp_path},")).concerns()
    assert [concern.partition("(")[2].partition(")")[0] for concern in sorted(concerns)] == [
        "synchronous_commit is off",
        "synchronous_standby_names is empty",
    ]
    assert open_store(f"postgresql:///tasks?host={tmp_path},{tmp_path}/x").concerns() == []


def test_a_host_that_cannot_be_one_is_out_of_reach() -> None:
    with pytest.raises(Retry, match="this can be no name of a host"):
        open_store(f"postgresql://{'a' * 70}.example.com/tasks").connect()


def test_a_primary_of_the_past_is_not_believed() -> None:
    servers = Servers(read_address("postgresql://a,b/tasks"), reading=False)
    servers.see(Lineage("1", 3))
    servers.see(Lineage("1", 3))
    assert servers.epoch == 0
    servers.see(Lineage("1", 4))
    assert servers.epoch == 1
    with pytest.raises(Retry, match="it was the primary once and goes on with timeline 3, the primary is on 4"):
        servers.see(Lineage("1", 3))
    servers.see(Lineage("2", 1))
    assert servers.epoch == 2, "another cluster is another database"


@pytest.mark.postgresql
def test_who_only_reads_leaves_nothing_behind_in_the_session(postgresql: str) -> None:
    """A pooler would give it to the next one."""
    connection = open_store(fresh_database(postgresql), reading=True).connect()
    with pytest.raises(StorageError, match="read-only transaction"):
        connection.execute("CREATE TABLE t (n int)", {})
    assert session_of(connection).db.execute("SHOW default_transaction_read_only").fetchall() == [("off",)]
    connection.close()


@pytest.mark.postgresql
def test_somebody_elses_lock_is_not_waited_for_without_end(postgresql: str) -> None:
    url = fresh_database(postgresql)
    connection = open_store(url).connect()
    with psycopg.connect(url, autocommit=True) as other:
        other.execute("CREATE TABLE t (n int)")
        other.execute("BEGIN; LOCK TABLE t")
        connection.wait_for_locks(0)
        connection.begin()
        with pytest.raises(Busy):
            connection.execute("SELECT * FROM t", {})
        connection.rollback()
    connection.close()


@pytest.fixture
async def running(postgresql: str, empty_postgresql: str) -> AsyncIterator[Engine]:
    engine = Engine(open_store(fresh_database(postgresql, empty_postgresql)))
    await engine.start()
    yield engine
    await engine.stop()


def who(engine: Engine) -> Principal:
    return system(engine.default_tenant)


@pytest.mark.postgresql
async def test_prepared_statements_that_vanish_are_made_no_more(running: Engine) -> None:
    """As behind a pooler that does not let itself be recognised."""
    for _ in range(5):
        await running.execute(CreateTask("t"), who(running))
    session = session_of(running._runner._connection)
    session.db.pgconn.exec_(b"DEALLOCATE ALL")  # so that psycopg does not notice
    for _ in range(5):
        await running.execute(CreateTask("t"), who(running))
    assert (await running.ask(SearchTasks(), who(running))).total == 10
    assert session_of(running._runner._connection).db.prepare_threshold is None


@pytest.mark.postgresql
async def test_a_commit_under_way_is_waited_for(running: Engine) -> None:
    """The connection is cut while the server works on it; only what it comes to in the end is told, and done once."""
    session = session_of(running._runner._connection)
    with psycopg.connect(running.store.url, autocommit=True) as other:
        other.execute(
            "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN PERFORM pg_advisory_xact_lock(7); RETURN NULL; END $$"
        )
        other.execute(
            "CREATE CONSTRAINT TRIGGER slowly AFTER INSERT ON event DEFERRABLE INITIALLY DEFERRED "
            "FOR EACH ROW EXECUTE FUNCTION wait()"
        )
        other.execute("SELECT pg_advisory_lock(7)")
        working = asyncio.create_task(running.execute(CreateTask("once"), who(running)))
        waiting = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query = 'COMMIT'"
        while not other.execute(waiting).fetchall():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        session.cut()
        # whoever wants to know now waits for that transaction
        waiting = "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'transactionid'"
        while not other.execute(waiting).fetchall():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        assert not working.done()
        other.execute("SELECT pg_advisory_unlock(7)")
        made = await working
    (view,) = (await running.ask(SearchTasks(), who(running))).items
    assert view.task.key == made.tasks[0].key
    kinds = [event.kind for event in await running.ask(History(view.task.key), who(running))]
    assert kinds == ["instance.started", "task.created"]


@pytest.mark.postgresql
async def test_what_is_not_known_is_not_guessed(running: Engine) -> None:
    event, other = (
        Event(
            key=1,
            at=1,
            tenant_key=1,
            kind="k",
            entity="e",
            entity_key=1,
            instance_key=0,
            actor_key=actor,
            actor="a",
            dialect="d",
        )
        for actor in (1, 2)
    )
    connection = running.store.connect()
    insert = "INSERT INTO event VALUES (1, 1, 1, 'k', 'e', 1, 0, 1, 'a', 'd', '{}', '{}')"
    with psycopg.connect(running.store.url, autocommit=True) as writer:
        assert was_done(connection, event) is False
        writer.execute("BEGIN")
        writer.execute(insert)
        with pytest.raises(Undecided):
            was_done(connection, event, patience=0)
        writer.execute("ROLLBACK")
        assert was_done(connection, event, patience=0) is False
        writer.execute(insert)
        assert was_done(connection, event, patience=0) is True
        assert was_done(connection, other, patience=0) is False, "the key alone says nothing"
    connection.close()


class Overtaken(Servers):
    """Whenever a server says of itself that it is the primary, another thread hears of a later one."""

    def see(self, lineage: Lineage) -> int:
        epoch = super().see(lineage)
        super().see(replace(lineage, timeline=lineage.timeline + 1))
        return epoch


@pytest.mark.postgresql
def test_a_session_belongs_to_the_database_that_it_was_opened_on(postgresql: str) -> None:
    servers = Overtaken(read_address(fresh_database(postgresql)), reading=False)
    session = servers.open()
    assert (session.epoch, servers.epoch) == (0, 1), "so it is left before it is used"
    session.close()


@pytest.mark.postgresql
def test_who_waits_for_the_primary_with_others_hears_the_same(tmp_path: Path) -> None:
    servers = Servers(read_address(f"postgresql:///tasks?host={tmp_path}"), reading=False)
    heard = []

    def ask() -> None:
        with pytest.raises(Retry) as refused:
            servers.open()
        heard.append(str(refused.value))

    threads = [threading.Thread(target=ask) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(heard)) == 1

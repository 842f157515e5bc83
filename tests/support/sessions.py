"""What is behind a connection to PostgreSQL."""

from core.storage.postgresql import PostgresqlConnection
from core.storage.servers import Session
from core.storage.store import Connection


def session_of(connection: Connection) -> Session:
    assert isinstance(connection, PostgresqlConnection)
    return connection._session

"""Mails of the infoRouter dialect: a real gateway, real mail servers, and servers that are not there."""

import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.support.postbox import Postbox, dead_server
from tests.support.postgresql import fresh_database
from tests.support.server import Server, launch, until

PAUSE = {"DRAGOMAN_INFOROUTER_MAIL_PAUSE": "0.05"}


@dataclass
class Client:
    server: Server
    http: httpx2.Client

    def ask(self, method: str, **values: str) -> str:
        answer = self.http.get(f"/srv.asmx/{method}", params=values)
        assert answer.status_code == 200
        return answer.text

    def does(self, method: str, **values: str) -> None:
        text = self.ask(method, **values)
        assert 'success="true"' in text, text

    def ticket(self, name: str) -> dict[str, str]:
        found = re.search(r'ticket="([^"]+)"', self.ask("AuthenticateUser", UID=name, PWD=name))
        assert found is not None
        return {"AuthenticationTicket": found[1]}

    def delivered(self, outcome: str) -> int:
        """How often an attempt came to this."""
        name = re.escape(f'dragoman_deliveries_total{{dialect="inforouter",outcome="{outcome}"}}')
        found = re.search(rf"^{name} (\d+)", self.http.get("/metrics").text, re.MULTILINE)
        return int(found[1]) if found is not None else 0


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database(request: pytest.FixtureRequest, tmp_path: Path, template: Path) -> str:
    """With the demo world."""
    if request.param == "sqlite":
        return f"sqlite:///{shutil.copy(template, tmp_path / 'server.db')}"
    return fresh_database(request.getfixturevalue("postgresql"), request.getfixturevalue("demo_postgresql"))


@contextmanager
def gateway(folder: Path, database: str, mail_server: str, **more: str) -> Iterator[Client]:
    environment = {"DRAGOMAN_INFOROUTER_MAIL_SERVER": mail_server, **PAUSE, **more}
    server = launch(folder, database, "--demo", **environment)
    try:
        with httpx2.Client(base_url=server.url, timeout=None) as http:
            yield Client(server, http)
    finally:
        if server.process.poll() is None:
            server.terminate()


def kept(database: str) -> list[tuple[str, str]]:
    """(state, content) of each mail."""
    query = "SELECT state, content FROM delivery ORDER BY key"
    connection: Any
    if database.startswith("sqlite:"):
        connection = sqlite3.connect(database.removeprefix("sqlite:///"))
    else:
        import psycopg

        connection = psycopg.connect(database)
    try:
        return [(str(state), str(content)) for state, content in connection.execute(query).fetchall()]
    finally:
        connection.close()


def test_a_forgotten_password(database: str, tmp_path: Path) -> None:
    postbox = Postbox()
    settings = {"DRAGOMAN_INFOROUTER_MAIL_FROM": "gateway@example.com"}
    with postbox.up(), gateway(tmp_path, database, postbox.address, **settings) as client:
        client.does("ForgotPasswordByUserName", userName="JDoe")
        client.does("ForgotPassword", emailAddress="JDOE@example.com")
        until(lambda: len(postbox.mails) == 2)
        first, second = postbox.mails
        assert (first["To"], first["From"], first["Subject"]) == (
            *("jdoe@example.com", "gateway@example.com"),
            "Password reset",
        )
        assert re.fullmatch(r"<\d+@example\.com>", first["Message-ID"])
        assert first["Message-ID"] != second["Message-ID"]
        assert first["Date"].datetime.tzinfo is not None
        code = re.findall(r"The code is (\S+)", first.get_content())[0]
        assert f"username=jdoe&secretText={code}" in first.get_content()
        values = {"userName": "jdoe", "secretText": code, "newPassword": "new one"}
        text = client.ask("ChangePasswordUsingSecretText", **{**values, "userName": "jsmith"})
        assert 'error="Invalid or expired reset code"' in text, "it is another user's"
        client.does("ChangePasswordUsingSecretText", **values)
        text = client.ask("ChangePasswordUsingSecretText", **{**values, "newPassword": "another one"})
        assert 'error="Invalid or expired reset code"' in text, "it is good once"
        assert 'success="false"' in client.ask("AuthenticateUser", UID="jdoe", PWD="jdoe")
        client.does("AuthenticateUser", UID="jdoe", PWD="new one")
        until(lambda: client.delivered("delivered") == 2)
        until(lambda: kept(database) == [("DELIVERED", "{}")] * 2)


def test_welcome(database: str, tmp_path: Path) -> None:
    postbox = Postbox()
    with postbox.up(), gateway(tmp_path, database, postbox.address, DRAGOMAN_INFOROUTER_AUTHORITIES="LDAP") as client:
        admin = client.ticket("admin")
        client.does("SendWelcomeEmailForUser", **admin, userName="mary")
        elsewhere = {"NewFirstName": "Robert", "NewLastName": "Williams", "AuthenticateSource": "ldap"}
        client.does("UpdateUserProfile", **admin, UserName="robert", NewUserName="robert", **elsewhere)
        client.does("SendWelcomeEmailForUser", **admin, userName="robert")
        until(lambda: len(postbox.mails) == 2)
        own, kept_elsewhere = postbox.mails
        assert "The code is" in own.get_content()
        assert "the password that LDAP keeps" in kept_elsewhere.get_content()
        assert "code" not in kept_elsewhere.get_content()


def test_a_recipient_that_is_refused_is_given_up_and_one_that_is_put_off_is_tried_again(
    database: str, tmp_path: Path
) -> None:
    postbox = Postbox(answers=["550 nobody here", "451 later", "421 later"])
    with postbox.up(), gateway(tmp_path, database, postbox.address) as client:
        client.does("ForgotPasswordByUserName", userName="mary")
        until(lambda: client.delivered("given up") == 1)
        client.does("ForgotPasswordByUserName", userName="jdoe")
        until(lambda: client.delivered("delivered") == 1)
        assert client.delivered("retried") == 2
        assert postbox.asked == ["mary@example.com", *["jdoe@example.com"] * 3]
        assert [mail["To"] for mail in postbox.mails] == ["jdoe@example.com"]
        until(lambda: kept(database) == [("FAILED", "{}"), ("DELIVERED", "{}")])
    assert "550 nobody here" in (tmp_path / "server.log").read_text()


def test_what_was_accepted_is_sent_although_the_gateway_was_killed(database: str, tmp_path: Path) -> None:
    postbox = Postbox()
    with gateway(tmp_path, database, postbox.address) as client:
        client.does("ForgotPasswordByUserName", userName="jdoe")
        client.server.kill()
    assert [state for state, _ in kept(database)] in (["WAITING"], ["RETRYING"])
    with postbox.up(), gateway(tmp_path, database, postbox.address) as client:
        until(lambda: client.delivered("delivered") == 1)
    assert [mail["To"] for mail in postbox.mails] == ["jdoe@example.com"]
    assert kept(database) == [("DELIVERED", "{}")]


def test_two_gateways_send_each_mail_once(postgresql: str, demo_postgresql: str, tmp_path: Path) -> None:
    postbox = Postbox()
    database = fresh_database(postgresql, demo_postgresql)
    folders = [tmp_path / name for name in ("here", "there")]
    for folder in folders:
        folder.mkdir()
    with (
        postbox.up(),
        gateway(folders[0], database, postbox.address) as here,
        gateway(folders[1], database, postbox.address) as there,
    ):
        names = ("jdoe", "jsmith", "mark", "jrowe", "james", "mary", "robert")
        for name in names * 3:
            here.does("ForgotPasswordByUserName", userName=name)
            there.does("ForgotPasswordByUserName", userName=name)
        until(lambda: all(state == "DELIVERED" for state, _ in kept(database)))
    assert len(postbox.mails) == len({mail["Message-ID"] for mail in postbox.mails}) == len(names) * 6


def test_a_login_is_answered_while_the_mail_server_is_silent(database: str, tmp_path: Path) -> None:
    """What comes first is what counts: the login's answer, or the end of the mails' patience."""
    with dead_server() as dead, gateway(tmp_path, database, dead.address) as client:
        for name in ("jdoe", "mary", "mark"):
            client.does("ForgotPasswordByUserName", userName=name)
        dead.accept()
        client.does("AuthenticateUser", UID="jsmith", PWD="jsmith")
        assert dead.still_asked
        assert client.server.terminate() == 0
        assert "Traceback" not in client.server.log.read_text()

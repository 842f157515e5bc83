"""Mails of the infoRouter dialect, to a mail server that takes them."""

import re
import socketserver
import threading
from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path

import pytest

from tests.support.world import World, open_world


class Postbox(socketserver.StreamRequestHandler):
    """Enough of SMTP to be handed a mail."""

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline():
            word = line.split()[0].upper() if line.split() else b""
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                lines = []
                while (text := self.rfile.readline()) not in (b".\r\n", b""):
                    lines.append(text)
                self.server.mails.append(message_from_bytes(b"".join(lines)))  # type: ignore[attr-defined]
                self.wfile.write(b"250 taken\r\n")
            elif word == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            elif word == b"RCPT" and b"refused@" in line:
                self.wfile.write(b"550 nobody here\r\n")
            else:
                self.wfile.write(b"250 fine\r\n")


@pytest.fixture
def postbox() -> Iterator[socketserver.ThreadingTCPServer]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Postbox) as server:
        server.mails = []  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def settings_for(postbox: socketserver.ThreadingTCPServer) -> dict[str, dict[str, str]]:
    address = f"smtp://127.0.0.1:{postbox.server_address[1]}"
    return {"inforouter": {"mail_server": address, "mail_from": "gateway@example.com", "authorities": "LDAP"}}


async def ask(world: World, method: str, **values: str) -> str:
    from urllib.parse import urlencode

    answer = await world.call("GET", f"/srv.asmx/{method}?{urlencode(values)}")
    assert answer.status == 200
    return answer.text


async def test_a_forgotten_password(postbox: socketserver.ThreadingTCPServer, template: Path, tmp_path: Path) -> None:
    async with open_world(template, tmp_path, dialects=settings_for(postbox)) as world:
        assert 'success="true"' in await ask(world, "ForgotPasswordByUserName", userName="JDoe")
        assert 'success="true"' in await ask(world, "ForgotPassword", emailAddress="JDOE@example.com")
        first, second = postbox.mails  # type: ignore[attr-defined]
        assert (first["To"], first["From"]) == ("jdoe@example.com", "gateway@example.com")
        codes = [re.search(r"The code is (\S+)", mail.get_payload(decode=True).decode()) for mail in (first, second)]
        assert all(codes)
        code = codes[0][1]
        assert f"username=jdoe&secretText={code}" in first.get_payload(decode=True).decode()
        text = await ask(
            world, "ChangePasswordUsingSecretText", userName="jsmith", secretText=code, newPassword="new one"
        )
        assert 'error="Invalid or expired reset code"' in text, "it is another user's"
        values = {"userName": "jdoe", "secretText": code, "newPassword": "new one"}
        assert 'success="true"' in await ask(world, "ChangePasswordUsingSecretText", **values)
        values["newPassword"] = "another one"
        assert 'error="Invalid or expired reset code"' in await ask(world, "ChangePasswordUsingSecretText", **values)
        assert 'success="false"' in await ask(world, "AuthenticateUser", UID="jdoe", PWD="jdoe")
        assert 'success="true"' in await ask(world, "AuthenticateUser", UID="jdoe", PWD="new one")


async def test_welcome(postbox: socketserver.ThreadingTCPServer, template: Path, tmp_path: Path) -> None:
    async with open_world(template, tmp_path, dialects=settings_for(postbox)) as world:
        answer = await ask(world, "AuthenticateUser", UID="admin", PWD="admin")
        ticket = re.search(r'ticket="([^"]+)"', answer)
        assert ticket is not None
        mine = {"AuthenticationTicket": ticket[1]}
        assert 'success="true"' in await ask(world, "SendWelcomeEmailForUser", **mine, userName="mary")
        elsewhere = {"NewFirstName": "Robert", "NewLastName": "Williams", "AuthenticateSource": "ldap"}
        await ask(world, "UpdateUserProfile", **mine, UserName="robert", NewUserName="robert", **elsewhere)
        assert 'success="true"' in await ask(world, "SendWelcomeEmailForUser", **mine, userName="robert")
        own, kept_elsewhere = postbox.mails  # type: ignore[attr-defined]
        assert "The code is" in own.get_payload()
        assert "the password that LDAP keeps" in kept_elsewhere.get_payload()
        await ask(world, "UpdateUserEmail", **mine, UserName="mary", NewEmailAddress="refused@example.com")
        text = await ask(world, "SendWelcomeEmailForUser", **mine, userName="mary")
        assert 'success="false" error="SystemError:' in text
        assert len(postbox.mails) == 2  # type: ignore[attr-defined]


async def test_a_mail_server_that_is_down(template: Path, tmp_path: Path) -> None:
    settings = {"inforouter": {"mail_server": "smtp://127.0.0.1:1"}}
    async with open_world(template, tmp_path, dialects=settings) as world:
        text = await ask(world, "ForgotPasswordByUserName", userName="jdoe")
        assert 'success="false" error="SystemError:' in text

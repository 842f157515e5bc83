"""Sends mails from the outbox through an SMTP server."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from adapters.common.deliverer import Outcome, Send, Sender
from core.outbox.queries import DeliveryView
from core.tables.outbox import Subscription

#: until the server has taken a mail, and to say good-bye
SECONDS = 20
QUIT_SECONDS = 2
TAKEN = 250
_ADDRESS = re.compile(r'[^\s@<>()\[\],;:"\\]{1,256}@[^\s@<>()\[\],;:"\\]{1,256}')


class MailServer(NamedTuple):
    host: str
    port: int | None
    tls: bool
    username: str | None
    password: str | None


def mail_server(address: str) -> MailServer:
    """`smtp://[user:password@]host[:port]`, or `smtps://` for TLS from the start. Raises ValueError."""
    parts = urlsplit(address)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or parts.path not in ("", "/"):
        raise ValueError("has to be smtp://[user:password@]host[:port], or smtps://")
    username = unquote(parts.username) if parts.username else None
    password = unquote(parts.password or "") if username else None
    return MailServer(parts.hostname, parts.port, parts.scheme == "smtps", username, password)


class Mails(Sender):
    """Each goes by itself, whatever came of the others. `server` empty: there is none."""

    seconds = SECONDS + 2 * QUIT_SECONDS
    in_order = False

    def __init__(self, server: str, sender: str) -> None:
        self._server = mail_server(server) if server else None
        self._sender = sender

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Send]:
        yield self._send

    async def _send(self, row: Subscription, views: Sequence[DeliveryView]) -> Outcome:
        # imported with the first mail
        import aiosmtplib

        if self._server is None:
            return Outcome(error="no mail server is configured")
        host, port, tls, username, password = self._server
        client = aiosmtplib.SMTP(
            hostname=host,
            port=port,
            username=username,
            password=password,
            use_tls=tls,
            start_tls=False,
            timeout=SECONDS,
        )
        try:
            async with asyncio.timeout(SECONDS):
                await client.connect()
                await client.send_message(self.message(views[0]))
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            return _failed(error)
        else:
            # it is taken, whatever comes now
            with suppress(aiosmtplib.SMTPException):
                await client.quit(timeout=QUIT_SECONDS)
            return Outcome(TAKEN)
        finally:
            client.close()

    def message(self, view: DeliveryView) -> EmailMessage:
        """The same for each attempt. Raises ValueError for what no mail can hold."""
        content = view.delivery.content
        domain = parseaddr(self._sender)[1].rpartition("@")[2] or "localhost"
        message = EmailMessage()
        message["Subject"] = content["subject"]
        message["From"] = self._sender
        message["To"] = _address(content["recipient"])
        message["Date"] = format_datetime(datetime.fromtimestamp(view.delivery.event_at // 1000, UTC))
        message["Message-ID"] = f"<{view.delivery.key}@{domain}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(content["text"])
        return message


def _address(text: str) -> str:
    """As it is: a header with encoded words in it would have their character sets looked up. Raises ValueError."""
    if not _ADDRESS.fullmatch(text) or "=?" in text:
        raise ValueError("the address is none")
    return text


def _failed(error: Exception) -> Outcome:
    """What is refused for good is what a server says of this mail or its recipient; anything else may pass."""
    import aiosmtplib

    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        if not error.recipients:
            return Outcome(error="the address is none", final=True)
        error = error.recipients[0]
    if isinstance(error, aiosmtplib.SMTPResponseException):
        about_the_mail = isinstance(error, aiosmtplib.SMTPRecipientRefused | aiosmtplib.SMTPDataError)
        return Outcome(error.code, f"{error.code} {error.message}", about_the_mail and error.code >= 500)
    impossible = isinstance(error, ValueError | aiosmtplib.SMTPNotSupported)
    said = f"no answer within {SECONDS} seconds" if isinstance(error, TimeoutError) else str(error)
    return Outcome(error=f"{type(error).__name__}: {said}", final=impossible)

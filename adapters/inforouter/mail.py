"""The few mails that this dialect sends, through the SMTP server of its settings."""

import smtplib
from email.message import EmailMessage
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from adapters.inforouter.auth import Call
from adapters.inforouter.errors import Failure

NOT_CONFIGURED = "SystemError:No mail server is configured"
SECONDS = 20


class Template(NamedTuple):
    subject: str
    text: str


RESET = Template(
    "Password reset",
    "A new password was asked for the account {name}.\n\nUse this link within one hour:\n{link}\n\n"
    "The code is {code}\n",
)
ELSEWHERE = Template(
    "Password reset",
    "A new password was asked for the account {name}.\n\n"
    "Its password is kept by {authority} and has to be changed there.\n",
)
WELCOME = Template(
    "Welcome", "Your account is {name}.\n\nSet its password with this link:\n{link}\n\nThe code is {code}\n"
)
WELCOME_ELSEWHERE = Template("Welcome", "Your account is {name}. Log in with the password that {authority} keeps.\n")


def require(call: Call) -> None:
    """Raises Failure where no mail could be sent."""
    if not call.option("mail_server"):
        raise Failure(NOT_CONFIGURED, 5030)


async def send(call: Call, recipient: str, template: Template, **values: str) -> None:
    """Raises Failure with the server's words if the mail is not taken."""
    require(call)
    base = (call.mount.public_url or "http://localhost").rstrip("/")
    link = f"{base}/resetpassword.aspx?username={quote(values['name'])}&secretText={values.get('code', '')}"
    message = EmailMessage()
    message["Subject"] = template.subject
    message["From"] = call.option("mail_from")
    message["To"] = "".join(c for c in recipient if c.isprintable())
    message.set_content(template.text.format(**values, link=link))
    try:
        await call.mount.engine.in_thread(_deliver, call.option("mail_server"), message)
    except (OSError, smtplib.SMTPException, ValueError) as error:
        raise Failure(f"SystemError:{error}", 5030) from None


def _deliver(server: str, message: EmailMessage) -> None:
    """`smtp://[user:password@]host[:port]`, or `smtps://` for TLS from the start."""
    address = urlsplit(server)
    kind = smtplib.SMTP_SSL if address.scheme == "smtps" else smtplib.SMTP
    with kind(address.hostname or "localhost", address.port or 0, timeout=SECONDS) as connection:
        if address.username:
            connection.login(address.username, address.password or "")
        connection.send_message(message)

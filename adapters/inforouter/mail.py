"""The few mails that this dialect sends, through the SMTP server of its settings.

A mail is accepted together with the code that it tells, in one turn, and sent later: `deliver` does that as long as the
gateway runs.
"""

from typing import NamedTuple
from urllib.parse import quote

from adapters.common.deliverer import Deliverer
from adapters.common.dialect import Mount
from adapters.common.smtp import Mails
from adapters.inforouter.auth import Call
from adapters.inforouter.errors import Failure
from core.identity.commands import IssueCredential
from core.identity.digests import new_text
from core.identity.queries import PrincipalOf
from core.outbox.commands import SendMail
from core.principal import Principal
from core.tables.people import User
from core.turn.command import Several
from core.types import CredentialKind

NOT_CONFIGURED = "SystemError:No mail server is configured"


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


async def deliver(mount: Mount) -> None:
    """Until it is cancelled."""
    mails = Mails(mount.options["mail_server"], mount.options["mail_from"])
    await Deliverer(mount.engine, "inforouter", mails, float(mount.options["mail_pause"])).run()


async def send(call: Call, who: Principal, user: User, own: Template, elsewhere: Template, lifetime: int) -> None:
    """A code that lets a user set a new password within `lifetime`, or who keeps it elsewhere; `who` asks for it.
    Raises Failure where no mail could be sent."""
    if not user.email:
        raise Failure("User has no e-mail address on file")
    if not call.option("mail_server"):
        raise Failure(NOT_CONFIGURED, 5030)
    if user.authority and user.authority.casefold() != "native":
        text = elsewhere.text.format(name=user.username, authority=user.authority)
        await call.execute(_mail(user, elsewhere.subject, text, lifetime), who)
        return
    owner = await call.ask(PrincipalOf(user_key=user.key, via="reset"), who)
    code = new_text(CredentialKind.RESET)
    base = (call.mount.public_url or "http://localhost").rstrip("/")
    link = f"{base}/resetpassword.aspx?username={quote(user.username)}&secretText={code}"
    text = own.text.format(name=user.username, link=link, code=code)
    issued = IssueCredential(CredentialKind.RESET, user.key, lifetime, text=code)
    await call.execute(Several((issued, _mail(user, own.subject, text, lifetime))), owner)


def _mail(user: User, subject: str, text: str, lifetime: int) -> SendMail:
    recipient = "".join(c for c in user.email if c.isprintable())
    return SendMail(user.key, recipient, subject, text, lifetime)

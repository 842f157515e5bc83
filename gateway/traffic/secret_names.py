"""Which names of fields, headers, parameters and cookies are those of secrets."""

import re
from collections.abc import Iterable

PASSWORD = "password"  # noqa: S105  kinds of secrets, and none of them
TOKEN = "token"  # noqa: S105
COOKIE = "cookie"
KEY = "key"

#: how a name ends, in small letters and without what separates words
_ENDS = {
    PASSWORD: ("password", "passwd", "passwort", "kennwort", "passphrase", "passcode", "pwd", "passwordhash"),
    KEY: ("secret", "apikey", "accesskey", "privatekey", "subscriptionkey", "signingkey"),
    TOKEN: ("token", "ticket", "jwt", "sessionid", "sessionkey", "credential", "credentials", "authorization"),
}
_EXACT = {
    "pass": PASSWORD,
    "pin": PASSWORD,
    "otp": PASSWORD,
    "sid": TOKEN,
    "jsessionid": TOKEN,
    "phpsessid": TOKEN,
    "assertion": TOKEN,
    "clientassertion": TOKEN,
    "samlresponse": TOKEN,
    "samlassertion": TOKEN,
    "binarysecuritytoken": TOKEN,
}
#: places in a list, which are called tokens as well
_NONE = ("pagetoken", "nexttoken", "continuationtoken", "synctoken", "tasktoken")

#: what is in a text that has any such name, in small letters and without separators: a quick look before a long one
_HINTS = (
    *("pass", "pwd", "kennwort", "secret", "token", "ticket", "jwt", "sess", "credential", "authori", "assertion"),
    *("saml", "apikey", "accesskey", "privatekey", "subscriptionkey", "signingkey"),
    *(name + end for name in ("pin", "otp", "sid") for end in ('"', "'", "=", ">", " ", "\\", "&")),
)
#: names whose kind is remembered
_REMEMBERED = 5_000
_SEPARATORS = re.compile(r"[^a-z0-9]")


def plain(name: str) -> str:
    return _SEPARATORS.sub("", name.rpartition(":")[2].lower())


class Names:
    """Those that everybody uses, and those that somebody adds."""

    def __init__(self, more: Iterable[str] = ()) -> None:
        self._more = frozenset(plain(name) for name in more)
        self._kinds = dict[str, str]()

    def kind(self, name: str) -> str:
        """What kind of secret has this name; "" for none."""
        kind = self._kinds.get(name)
        if kind is None:
            if len(self._kinds) >= _REMEMBERED:
                self._kinds.clear()
            kind = self._kinds[name] = self._kind(name)
        return kind

    def _kind(self, name: str) -> str:
        text = plain(name)
        if text in self._more:
            return KEY
        if exact := _EXACT.get(text):
            return exact
        text = text.rstrip("0123456789")
        if text.endswith(_NONE):
            return ""
        return next((kind for kind, ends in _ENDS.items() if text.endswith(ends)), "")

    def may_be_in(self, text: str) -> bool:
        if self._more:
            return True
        bare = text.lower().replace("_", "").replace("-", "").replace(".", "")
        return any(hint in bare for hint in _HINTS)

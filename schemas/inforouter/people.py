"""Users, groups and libraries as elements. Source: dossier inforouter.md, sections 1.9, 3.0 and 3.3 to 3.5."""

from dataclasses import dataclass, field

from schemas.inforouter.element import Element

#: attribute of <Preferences> -> value of somebody who never set it
PREFERENCES = {
    "Language": "English",
    "DefaultPortal": "",
    "ShowArchives": "FALSE",
    "ShowHiddens": "FALSE",
    "NotificationType": "INSTANT",
    "NotificationTypeId": "1",
    "EmailType": "HTML",
    "AttachDocumentToEmail": "FALSE",
}
#: what a notification type is as a number
NOTIFICATION_TYPES = {"NONE": "0", "INSTANT": "1", "DAILY REPORT": "2"}


@dataclass(frozen=True, slots=True)
class UserShape:
    """Dates are texts already; `domain` is the name of the library the user was created in."""

    number: int
    username: str
    first_name: str
    last_name: str
    email: str
    enabled: bool
    domain: str
    last_logon: str
    last_password_change: str
    authority: str
    read_only: bool
    preferences: dict[str, str] = field(default_factory=dict)


def upper(flag: bool) -> str:
    return "TRUE" if flag else "FALSE"


def title(flag: bool) -> str:
    return "True" if flag else "False"


def lower(flag: bool) -> str:
    return "true" if flag else "false"


def user(shape: UserShape, *, full: bool = True, more: tuple[Element, ...] = ()) -> Element:
    attributes = [
        ("exists", "true"),
        ("UserID", str(shape.number)),
        ("FirstName", shape.first_name),
        ("LastName", shape.last_name),
        ("Email", shape.email),
        ("Enabled", upper(shape.enabled)),
        ("UserName", shape.username),
    ]
    if not full:
        return Element("User", tuple(attributes))
    attributes += [
        ("Domain", shape.domain),
        ("LastLogonDate", shape.last_logon),
        ("LastPasswordChangeDate", shape.last_password_change),
        ("AuthenticationAuthority", shape.authority),
        ("ReadOnlyUser", upper(shape.read_only)),
    ]
    preferences = {**PREFERENCES, **shape.preferences}
    preferences["NotificationTypeId"] = NOTIFICATION_TYPES.get(preferences["NotificationType"], "1")
    return Element("User", tuple(attributes), (Element("Preferences", tuple(preferences.items())), *more))


def usergroup(number: int, name: str, domain_number: int, domain_name: str, *, public: bool) -> Element:
    """`domain_number` 0 and an empty name for a global group."""
    return Element(
        "usergroup",
        (
            ("GroupID", str(number)),
            ("GroupName", name),
            ("DomainID", str(domain_number)),
            ("DomainName", domain_name),
            ("public", title(public)),
        ),
    )


def domain(number: int, name: str, *, anonymous: bool, archive: bool, hidden: bool, welcome: str) -> Element:
    return Element(
        "domain",
        (
            ("DomainID", str(number)),
            ("DomainName", name),
            ("AnonymousDomain", upper(anonymous)),
            ("IsArchive", upper(archive)),
            ("IsHidden", upper(hidden)),
            ("WelcomeMessage", welcome),
        ),
    )


def redirection(user_id: int, name: str, full_name: str, email: str, start: str, end: str) -> Element:
    return fields(
        "TaskRedirection",
        ("UserId", user_id),
        ("UserName", name),
        ("FullName", full_name),
        ("Email", email),
        ("StartDate", start),
        ("EndDate", end),
    )


def fields(name: str, *values: tuple[str, object]) -> Element:
    """An element with a child for each value."""
    return Element(name, children=tuple(Element(child, text=str(value)) for child, value in values))

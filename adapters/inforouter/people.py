"""Users, groups and libraries as the service shows them, and what its rules allow whom."""

from collections.abc import Iterable, Mapping

from adapters.inforouter.auth import Call
from adapters.inforouter.errors import Denied, Failure
from core.library.queries import Libraries, LibraryByName
from core.people.fields import UserField
from core.people.queries import GroupByName, Groups, UserByName, UsersByNumber
from core.principal import Principal
from core.reach import Place
from core.rejections import NotFound
from core.tables.library import Library
from core.tables.people import Group, User
from core.types import Action, UserStatus
from schemas.common.numbers import whole
from schemas.inforouter import people
from schemas.inforouter.element import Element
from schemas.inforouter.task import format_local

NAMESPACE = "inforouter"
#: how users can be sorted: number -> columns in order
SORTS: dict[int, tuple[UserField, ...]] = {
    0: ("first_name", "last_name"),
    1: ("username_folded",),
    2: ("first_name", "last_name"),
    3: ("last_name", "first_name"),
    4: ("email",),
    5: ("status",),
    6: ("authority",),
    7: ("library_key",),
    8: ("read_only",),
}


def moment(milliseconds: int | None) -> str:
    """`yyyy-MM-dd HH:mm:ss`, the only form that a known client accepts (Q12); empty for never."""
    return "" if milliseconds is None else format_local(milliseconds, "%Y-%m-%d %H:%M:%S")


def full_name(user: User) -> str:
    return f"{user.first_name} {user.last_name}".strip() or user.username


def shape(user: User, libraries: Mapping[int, Library]) -> people.UserShape:
    library = libraries.get(user.library_key)
    ext = user.ext.get(NAMESPACE, {})
    return people.UserShape(
        number=user.number,
        username=user.username,
        first_name=user.first_name,
        last_name=user.last_name,
        email=user.email,
        enabled=user.status == UserStatus.ACTIVE,
        domain=library.name if library is not None else "",
        last_logon=moment(user.logged_in_at),
        last_password_change=moment(user.password_changed_at),
        authority=user.authority or "native",
        read_only=bool(user.read_only),
        preferences=ext.get("preferences", {}),
    )


def in_order(users: Iterable[User], sort: int = 0, *, ascending: bool = True) -> list[User]:
    """Raises Failure for a number that means no order."""
    columns = SORTS.get(sort)
    if columns is None:
        raise Failure("[SortBy] error:Value is not valid.")

    def key(user: User) -> tuple[object, ...]:
        values = (getattr(user, column) for column in columns)
        return (*(v.casefold() if isinstance(v, str) else v for v in values), user.username_folded)

    return sorted(users, key=key, reverse=not ascending)


async def libraries_by_key(call: Call, who: Principal) -> dict[int, Library]:
    return {library.key: library for library in await call.ask(Libraries(), who)}


async def users_element(call: Call, who: Principal, users: Iterable[User], *, full: bool = True) -> Element:
    libraries = await libraries_by_key(call, who) if full else {}
    return Element("users", children=tuple(people.user(shape(user, libraries), full=full) for user in users))


def group_element(group: Group, libraries: Mapping[int, Library]) -> Element:
    library = libraries.get(group.library_key)
    ext = group.ext.get(NAMESPACE, {})
    number, domain = (library.number, library.name) if library is not None else (0, "")
    return people.usergroup(group.number, short_name(group), number, domain, public=bool(ext.get("show_members")))


def short_name(group: Group) -> str:
    """The name within its library."""
    return group.name.partition("/")[2] if group.library_key else group.name


def long_name(library: Library | None, name: str) -> str:
    return f"{library.name}/{name}" if library is not None else name


def library_element(library: Library) -> Element:
    ext = library.ext.get(NAMESPACE, {})
    return people.domain(
        library.number,
        library.name,
        anonymous=bool(ext.get("anonymous")),
        archive=bool(ext.get("archive")),
        hidden=bool(ext.get("hidden")),
        welcome=str(ext.get("welcome", "")),
    )


# Finding


async def find_user(call: Call, who: Principal, name: str) -> User:
    """By login name whatever the case, or by `ID:123`. Raises NotFound."""
    text = name.strip()
    number = whole(text[3:].strip(), 10) if text[:3].upper() == "ID:" else None
    if number is not None:
        users = await call.ask(UsersByNumber((number,)), who)
        if number not in users:
            raise NotFound("user", name)
        return users[number]
    return await call.ask(UserByName(text, exact=False), who)


async def find_library(call: Call, who: Principal, name: str | None) -> Library:
    if not (name or "").strip():
        raise NotFound("library", "")
    return await call.ask(LibraryByName((name or "").strip()), who)


async def find_group(call: Call, who: Principal, domain: str | None, name: str) -> tuple[Group, Library | None]:
    """A group of a library or, without a library, a global one."""
    library = await find_library(call, who, domain) if (domain or "").strip() else None
    group = await call.ask(GroupByName(long_name(library, name.strip())), who)
    if group.library_key != (library.key if library is not None else 0):
        raise NotFound("group", name)
    return group, library


async def groups_of_library(call: Call, who: Principal, library: Library) -> tuple[Group, ...]:
    return await call.ask(Groups(library.key), who)


# Rules


async def manages(call: Call, who: Principal, library: Library | None) -> bool:
    """A library or, without one, what belongs to none."""
    return await call.may(who, Action.MANAGE_LIBRARY, Place(library.key if library is not None else 0))


async def check_manager(call: Call, who: Principal, library: Library | None) -> None:
    """Raises Denied for who is no manager."""
    if not await manages(call, who, library):
        raise Denied


def as_administrator(who: Principal, text: str = "Access denied") -> Principal:
    """Raises Denied for anybody but a system administrator."""
    if not who.is_administrator:
        raise Denied(text)
    return who

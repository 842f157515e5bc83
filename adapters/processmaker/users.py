"""Users. Source: dossier processmaker.md, section 3.8."""

from base64 import b64encode
from typing import Any

from adapters.processmaker.calls import EMPTY, Call, Endpoints
from adapters.processmaker.errors import Business
from adapters.processmaker.rights import PM_FACTORY, PM_USERS, ROLES, Role, role_of
from core.file.commands import SetPicture
from core.file.queries import ContentOf, PictureOf
from core.people.commands import CloseUser, CreateUser, RenameUser, UpdateUser
from core.people.queries import ListUsers, UserByUid
from core.rejections import Conflict, NotFound
from core.tables.people import User
from core.types import Permission, UserStatus
from schemas.processmaker import places
from schemas.processmaker.listing import read_window
from schemas.processmaker.parameters import FILTERED, WHOLE_BODY, by_uid, texts
from schemas.processmaker.user import KEPT, Shown, read, row, upper
from schemas.processmaker.wire import BadRequest, fold, local_time

endpoints = Endpoints()

#: the vendor's guest account, which lists leave out
GUEST = "00000000000000000000000000000002"
_READERS = (PM_USERS, PM_FACTORY)
_USER = by_uid("usr_uid")


def permissions_of(user: User) -> frozenset[Permission]:
    return frozenset(map(Permission, user.permissions.split()))


def shown(user: User) -> Shown:
    kept_fields = user.ext.get("processmaker", {})
    return Shown(
        uid=user.uid,
        username=user.username,
        first_name=user.first_name,
        last_name=user.last_name,
        email=user.email,
        created=local_time(user.created_at),
        updated=local_time(user.changed_at),
        status=user.status,
        role=role_of(permissions_of(user)).code,
        kept=kept_fields,
    )


def names(user: User) -> tuple[str, str, str]:
    """What filters look at: not the e-mail address."""
    return user.username, user.first_name, user.last_name


async def find_user(call: Call, uid: str, name: str = "usr_uid") -> User:
    """Raises Business."""
    try:
        return await call.ask(UserByUid(uid.lower()))
    except NotFound:
        raise Business(f"The User with {name}: {uid} does not exist.") from None


@endpoints(
    "listUsers",
    "GET",
    "/users",
    "/user",
    "/users/paged",
    "/user/paged",
    needs=_READERS,
    takes=[*FILTERED, *texts("status")],
)
async def list_users(call: Call) -> Any:
    window = read_window(call.values, mark="$")
    if window.limit == 0:
        return window.page([], 0) if call.paged else []
    status = str(call.values.get("status") or "").upper()
    users = [u for u in await call.ask(ListUsers()) if u.uid != GUEST and status in ("", u.status)]
    users.sort(key=lambda u: (fold(u.last_name), fold(u.first_name), u.uid))
    in_window, total = window.of(users, names)
    rows = [row(shown(user)) for user in in_window]
    return window.page(rows, total) if call.paged else rows


@endpoints("getUser", "GET", "/user/{usr_uid}", "/users/{usr_uid}", needs=_READERS, takes=[_USER])
async def get_user(call: Call) -> Any:
    return row(shown(await find_user(call, call.path_uid("usr_uid"))))


@endpoints("createUser", "POST", "/user", "/users", needs=[PM_USERS], takes=[WHOLE_BODY], success=201)
async def create_user(call: Call) -> Any:
    values = read(call.values, new=True)
    await _check_replacement(call, values)
    role = _role(values["role"])
    _check_places(call, "")
    hashed = await call.engine.hash_password(_password(call, values["new_pass"]))
    command = CreateUser(
        username=values["username"],
        password_hash=hashed,
        first_name=values["firstname"],
        last_name=values["lastname"],
        email=values["email"],
        permissions=role.permissions,
        status=UserStatus(values["status"]),
        ext={"processmaker": _kept(values)},
    )
    try:
        created = await call.do(command)
    except Conflict:
        raise _taken(call, values["username"]) from None
    return upper(row(shown(await call.ask(UserByUid(created.uid)))))


@endpoints("updateUser", "PUT", "/user/{usr_uid}", "/users/{usr_uid}", needs=[PM_USERS], takes=[_USER, WHOLE_BODY])
async def update_user(call: Call) -> Any:
    user = await find_user(call, call.path_uid("usr_uid"))
    values = read(call.values, new=False)
    await _check_replacement(call, values)
    changes: dict[str, Any] = {}
    for name, field in (("firstname", "first_name"), ("lastname", "last_name"), ("email", "email")):
        if name in values:
            changes[field] = values[name]
    if "status" in values:
        changes["status"] = UserStatus(values["status"])
    kept_fields = _kept(values)
    if "role" in values:
        role = _role(values["role"])
        if role is not role_of(permissions_of(user)):
            changes["permissions"] = role.permissions
    _check_places(call, user.ext.get("processmaker", {}).get("country", ""))
    if "new_pass" in values:
        changes["password_hash"] = await call.engine.hash_password(_password(call, values["new_pass"]))
    if kept_fields:
        changes["ext"] = {"processmaker": kept_fields}
    name = values.get("username", user.username)
    if name != user.username:
        try:
            await call.do(RenameUser(user.username, name))
        except Conflict:
            raise _taken(call, name) from None
    await call.do(UpdateUser(name, **changes))
    return EMPTY


@endpoints("deleteUser", "DELETE", "/user/{usr_uid}", "/users/{usr_uid}", needs=[PM_USERS], takes=[_USER])
async def delete_user(call: Call) -> Any:
    """The row stays, without a name: what the user did stays theirs."""
    user = await find_user(call, call.path_uid("usr_uid"))
    try:
        await call.do(CloseUser(user.username))
    except Conflict:
        uid = call.params["usr_uid"]
        raise Business(f"The user with usr_uid: {uid}, cannot be deleted while it has cases assigned.") from None
    return EMPTY


#: how pictures begin
_PICTURES = (b"GIF87a", b"GIF89a", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")


@endpoints(
    "uploadUserImage",
    "POST",
    "/user/{usr_uid}/image-upload",
    "/users/{usr_uid}/image-upload",
    needs=[PM_USERS],
    takes=[_USER],
)
async def upload_image(call: Call) -> Any:
    """The picture is in the field `USR_PHOTO` of a form."""
    user = await find_user(call, call.path_uid("usr_uid"), "USR_UID")
    if not call.files:
        raise Business("No file was uploaded")
    upload = call.files.get("USR_PHOTO")
    if upload is None:
        raise Business('Undefined value for "USR_PHOTO", it is required.')
    if not upload.content.startswith(_PICTURES):
        raise BadRequest("Invalid value specified for `USR_PHOTO`")
    await call.do(SetPicture(user.username, f"{user.uid}.{_extension(upload.content)}", upload.content))
    return EMPTY


def _extension(content: bytes) -> str:
    return {b"G": "gif", b"\x89": "png"}.get(content[:1], "jpg")


async def photo_of(call: Call, user: User) -> str:
    """In base 64; empty if they have none."""
    try:
        picture = await call.ask(PictureOf(user.key))
        return b64encode(await call.ask(ContentOf(picture.key))).decode("ascii")
    except NotFound:
        return ""


def _role(code: str) -> Role:
    for role in ROLES:
        if role.code == code:
            return role
    raise BadRequest("Invalid value specified for: USR_ROLE")


def _password(call: Call, password: str) -> str:
    minimum = int(call.mount.options["password_min_length"])
    if len(password) < minimum:
        raise BadRequest(
            "USR_NEW_PASS: Your password does not meet the following password policies - "
            f"Minimum length: {minimum}. Please change your password to one that complies with these policies."
        )
    return password


def _taken(call: Call, name: str) -> Business:
    return Business(f'The User Name with USR_USERNAME: "{name}" already exists.')


def _kept(values: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in values.items() if name in KEPT or name == "due_date"}


def _check_places(call: Call, country: str) -> None:
    """Raises BadRequest."""
    places.check({name.lower(): value for name, value in call.values.items()}, country)


async def _check_replacement(call: Call, values: dict[str, str]) -> None:
    if values.get("replaced_by"):
        await find_user(call, values["replaced_by"], "USR_REPLACED_BY")

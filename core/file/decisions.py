"""Putting files to instances and taking them away, and pictures of users."""

from collections.abc import Mapping

from core.file.commands import AddFile, RemoveFile, SetPicture
from core.ids import new_uid
from core.instance.decisions import find_instance, with_instance
from core.people.powers import guard_user, plan_power_of_user
from core.people.users import find_user, fold
from core.principal import Principal
from core.rejections import Invalid, NotFound, WrongState
from core.storage.columns import Ext
from core.storage.jsontext import NOTHING
from core.tables.file import File, FileContent
from core.tables.instance import Instance
from core.tables.people import User
from core.turn.command import Created, Done
from core.turn.context import Context, Plan, handles
from core.turn.files import remove_file, remove_files
from core.turn.known import KnownDefinition
from core.turn.workingset import Load, WorkingSet
from core.types import InstanceState, Permission


def _put(
    ctx: Context,
    name: str,
    content: bytes,
    *,
    instance_key: int = 0,
    user_key: int = 0,
    number: int = 0,
    ext: Ext = NOTHING,
) -> File:
    """Raises Invalid for a file without a name."""
    if not name:
        raise Invalid("name", "empty", name)
    file = File(
        key=ctx.key(),
        uid=new_uid(),
        tenant_key=ctx.principal.tenant_key,
        instance_key=instance_key,
        user_key=user_key,
        number=number,
        name=name,
        size=len(content),
        author_key=ctx.principal.user_key,
        author=ctx.principal.username,
        created_at=ctx.now,
        ext=ext,
    )
    ctx.ws.add(file)
    ctx.ws.add(FileContent(key=file.key, content=content))
    return file


def _plan_added(cmd: AddFile, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    keys = (cmd.instance_key,)
    yield [Load(Instance, "key", keys)]
    yield [Load(File, "instance_key", keys)]


@handles(AddFile, with_instance(_plan_added))
def add_file(cmd: AddFile, ctx: Context) -> Created:
    instance = find_instance(ctx, cmd.instance_key)
    if instance.state != InstanceState.ACTIVE:
        raise WrongState("instance", instance.key, instance.state)
    number = max((f.number for f in ctx.ws.find(File, "instance_key", instance.key)), default=0) + 1
    file = _put(ctx, cmd.name, cmd.content, instance_key=instance.key, number=number, ext=cmd.ext)
    after = {"file": file.name, "number": number, "size": file.size}
    ctx.emit("instance.file-added", "instance", instance.key, instance_key=instance.key, after=after)
    return Created(file.key, file.uid, number)


def _plan_removed(cmd: RemoveFile, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    yield [Load(Instance, "key", (cmd.instance_key,))]
    yield [Load(File, "key", (cmd.file_key,))]


@handles(RemoveFile, with_instance(_plan_removed))
def take_file(cmd: RemoveFile, ctx: Context) -> Done:
    instance = find_instance(ctx, cmd.instance_key)
    file = ctx.ws.get(File, cmd.file_key)
    if file is None or file.instance_key != instance.key:
        raise NotFound("file", cmd.file_key)
    before = {"file": file.name, "number": file.number, "size": file.size}
    ctx.emit("instance.file-removed", "instance", instance.key, instance_key=instance.key, before=before)
    remove_file(ctx, file)
    return Done()


def _plan_picture(cmd: SetPicture, who: Principal, ws: WorkingSet, known: Mapping[int, KnownDefinition]) -> Plan:
    yield [Load(User, "username_folded", (fold(cmd.username),))]
    yield [Load(File, "user_key", tuple(u.key for u in ws.find(User, "username_folded", fold(cmd.username))))]
    yield from plan_power_of_user(cmd.username, who, ws)


@handles(SetPicture, _plan_picture)
def set_picture(cmd: SetPicture, ctx: Context) -> Done:
    ctx.require(Permission.MANAGE_USERS, kind="user", id=cmd.username)
    user = find_user(ctx, cmd.username)
    guard_user(ctx.principal, ctx.ws.find, user)
    remove_files(ctx, ctx.ws.find(File, "user_key", user.key))
    file = _put(ctx, cmd.name, cmd.content, user_key=user.key)
    ctx.emit("user.picture-set", "user", user.key, after={"file": file.name, "size": file.size})
    return Done()

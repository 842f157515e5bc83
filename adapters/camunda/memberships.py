"""Who belongs to groups, roles and tenants. Source: dossier camunda.md, section 3.10; the texts are our choice."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from starlette.responses import Response

from adapters.camunda import errors, groups
from adapters.camunda.access import Need
from adapters.camunda.calls import DELETE, SEARCH_OF, Call, Endpoints
from adapters.camunda.directory import MAPPING_RULE, ROLE, TENANT, Kind
from adapters.camunda.directory import find as find_entry
from adapters.camunda.errors import Intent, Problem
from adapters.camunda.groups import READ_GROUP
from adapters.camunda.searching import Plain, Searchable, found, page_of
from adapters.camunda.users import PRESENT
from adapters.common.http import Raw
from core.directory.commands import AddAssociate, RemoveAssociate
from core.directory.fields import AssociateField, AssociateWhere, EntryWhere
from core.directory.queries import SearchAssociates, SearchEntries
from core.people.fields import UserField, UserWhere
from core.people.queries import SearchUsers
from core.rejections import Conflict, NotFound
from core.search.query import Is, Where
from core.types import ADMINISTRATORS, EntryKind, MemberKind, OwnerKind, Permission

endpoints = Endpoints()

ADDING, REMOVING = "ADD_ENTITY", "REMOVE_ENTITY"
#: what no member is of: whoever asks for the members of nobody is told that there are none
NOBODY = 0


@dataclass(frozen=True, slots=True)
class Member:
    """A kind of member: its part of the path, the name of its id and of its type in texts."""

    kind: MemberKind
    path: str
    id_name: str
    type: str


USER = Member(MemberKind.USER, "users", "username", "USER")
CLIENT = Member(MemberKind.CLIENT, "clients", "clientId", "CLIENT")
RULE = Member(MemberKind.MAPPING_RULE, "mapping-rules", "mappingRuleId", "MAPPING_RULE")
GROUP = Member(MemberKind.GROUP, "groups", "groupId", "GROUP")
OF_ROLE = Member(MemberKind.ROLE, "roles", "roleId", "ROLE")


@dataclass(frozen=True, slots=True)
class Owner:
    kind: OwnerKind
    path: str
    id_name: str
    intent: Intent
    reading: Need
    #: the names of the operations: to assign, to unassign, to search
    members: Mapping[Member, tuple[str, str, str]]

    async def key(self, call: Call, id: str) -> int:
        """Raises NotFound."""
        if self.kind is OwnerKind.GROUP:
            return (await groups.find(call, id)).key
        kind = ROLE if self.kind is OwnerKind.ROLE else TENANT
        return (await find_entry(call, kind, id)).key


OWNERS = (
    Owner(
        kind=OwnerKind.GROUP,
        path="/groups",
        id_name="groupId",
        intent=errors.UPDATE_GROUP,
        reading=READ_GROUP,
        members={
            USER: ("assignUserToGroup", "unassignUserFromGroup", "searchUsersForGroup"),
            CLIENT: ("assignClientToGroup", "unassignClientFromGroup", "searchClientsForGroup"),
            RULE: ("assignMappingRuleToGroup", "unassignMappingRuleFromGroup", "searchMappingRulesForGroup"),
        },
    ),
    Owner(
        kind=OwnerKind.ROLE,
        path="/roles",
        id_name="roleId",
        intent=errors.UPDATE_ROLE,
        reading=ROLE.reading,
        members={
            USER: ("assignRoleToUser", "unassignRoleFromUser", "searchUsersForRole"),
            CLIENT: ("assignRoleToClient", "unassignRoleFromClient", "searchClientsForRole"),
            RULE: ("assignRoleToMappingRule", "unassignRoleFromMappingRule", "searchMappingRulesForRole"),
            GROUP: ("assignRoleToGroup", "unassignRoleFromGroup", "searchGroupsForRole"),
        },
    ),
    Owner(
        kind=OwnerKind.TENANT,
        path="/tenants",
        id_name="tenantId",
        intent=errors.UPDATE_TENANT,
        reading=TENANT.reading,
        members={
            USER: ("assignUserToTenant", "unassignUserFromTenant", "searchUsersForTenant"),
            CLIENT: ("assignClientToTenant", "unassignClientFromTenant", "searchClientsForTenant"),
            RULE: ("assignMappingRuleToTenant", "unassignMappingRuleFromTenant", "searchMappingRulesForTenant"),
            GROUP: ("assignGroupToTenant", "unassignGroupFromTenant", "searchGroupIdsForTenant"),
            OF_ROLE: ("assignRoleToTenant", "unassignRoleFromTenant", "searchRolesForTenant"),
        },
    ),
)
_USERS: Plain[UserField] = Searchable({}, {"username": "username"})
_BY_ID: Mapping[Member, Plain[AssociateField]] = {
    CLIENT: Searchable({}, {"clientId": "member_id"}),
    GROUP: Searchable({}, {"groupId": "member_id"}),
}
_ENTRIES: Mapping[Member, Kind] = {RULE: MAPPING_RULE, OF_ROLE: ROLE}


def _exists(owner: Owner, id: str, member_id: str) -> Problem:
    noun = owner.kind.value
    reason = (
        f"Expected to add entity with ID '{member_id}' to {noun} with ID '{id}', but the entity is already assigned to "
        f"this {noun}."
    )
    return errors.already(ADDING, reason)


def _unknown_owner(intent: str, owner: Owner, id: str) -> Problem:
    noun = owner.kind.value
    if owner.kind is not OwnerKind.TENANT:
        return errors.unknown(
            intent, f"Expected to update {noun} with ID '{id}', but a {noun} with this ID does not exist."
        )
    doing = f"add entity to tenant with ID '{id}'" if intent == ADDING else f"remove entity from tenant '{id}'"
    return errors.unknown(intent, f"Expected to {doing}, but no tenant with this ID exists.")


def _no_entity(owner: Owner, id: str, member: Member, name: str) -> Problem:
    entity = f"an entity with ID '{name}' and type '{member.type}'"
    return errors.unknown(
        ADDING, f"Expected to add {entity} to {owner.kind.value} with ID '{id}', but the entity doesn't exist."
    )


def _no_member(owner: Owner, id: str, name: str) -> Problem:
    noun = owner.kind.value
    reason = (
        f"Expected to remove entity with ID '{name}' from {noun} with ID '{id}', but the entity is not assigned to "
        f"this {noun}."
    )
    return errors.unknown(REMOVING, reason)


def declare(owner: Owner, member: Member, names: tuple[str, str, str]) -> None:
    """To assign, to unassign and to search members of a kind."""
    of_one = f"{owner.path}/{{{owner.id_name}}}/{member.path}/{{{member.id_name}}}"

    def ids(call: Call) -> tuple[str, str]:
        params = call.request.path_params
        return params[owner.id_name], params[member.id_name]

    @endpoints(names[0], "PUT", of_one, (*DELETE, 409))
    async def assign(call: Call) -> Response:
        id, name = ids(call)
        call.means(owner.intent, id)
        try:
            await call.do(AddAssociate(owner.kind, id, member.kind, name))
        except Conflict:
            raise _exists(owner, id, name) from None
        except NotFound as error:
            if error.kind == owner.kind.value and error.id == id:
                raise _unknown_owner(ADDING, owner, id) from None
            raise _no_entity(owner, id, member, name) from None
        return Raw(204)

    @endpoints(names[1], "DELETE", of_one, DELETE)
    async def unassign(call: Call) -> Response:
        id, name = ids(call)
        call.means(owner.intent, id)
        try:
            await call.do(RemoveAssociate(owner.kind, id, member.kind, name))
        except NotFound as error:
            if error.kind == owner.kind.value and error.id == id:
                raise _unknown_owner(REMOVING, owner, id) from None
            raise _no_member(owner, id, name) from None
        return Raw(204)

    declare_search(owner, member, names[2])


def declare_search(owner: Owner, member: Member, name: str) -> None:
    path = f"{owner.path}/{{{owner.id_name}}}/{member.path}/search"

    async def owner_key(call: Call) -> int:
        id = call.request.path_params[owner.id_name]
        call.check_reading(owner.reading, id=id)
        try:
            return await owner.key(call, id)
        except NotFound:
            return NOBODY

    @endpoints(name, "POST", path, SEARCH_OF)
    async def search(call: Call) -> Response:
        if member is USER:
            return await _users(call, owner, owner_key)
        if member in _ENTRIES:
            kind = _ENTRIES[member]
            wanted = await kind.search.read(call)
            entries: tuple[EntryWhere, ...] = (
                Where("kind", "eq", kind.kind.value),
                Is("member_of", await owner_key(call)),
            )
            query = SearchEntries(
                (*entries, *kind.search.where(wanted)), kind.search.order(wanted), page_of(wanted.page)
            )
            return await found(await call.ask(query), kind.record)
        searchable = _BY_ID[member]
        wanted = await searchable.read(call)
        where: tuple[AssociateWhere, ...] = (
            Where("owner_key", "eq", await owner_key(call)),
            Where("kind", "eq", member.kind.value),
        )
        page = await call.ask(SearchAssociates(where, searchable.order(wanted), page_of(wanted.page)))
        return await found(page, lambda row: {member.id_name: row.member_id})


async def _users(call: Call, owner: Owner, owner_key: Callable[[Call], Awaitable[int]]) -> Response:
    """Users are kept with a group; those with the role of administrators are the engine's."""
    wanted = await _USERS.read(call)
    key = await owner_key(call)
    are_members: UserWhere
    if owner.kind is OwnerKind.GROUP:
        are_members = Is("member_of", key)
    elif call.request.path_params[owner.id_name] == ADMINISTRATORS and owner.kind is OwnerKind.ROLE:
        are_members = Where("permissions", "like", f"*{Permission.ADMINISTER.value}*")
    else:
        are_members = Is("associate_of", key)
    page = await call.ask(SearchUsers((PRESENT, are_members), _USERS.order(wanted), page_of(wanted.page)))
    return await found(page, lambda user: {"username": user.username})


@endpoints("searchRolesForGroup", "POST", "/groups/{groupId}/roles/search", SEARCH_OF)
async def roles_of_group(call: Call) -> Response:
    group_id = call.request.path_params["groupId"]
    wanted = await ROLE.search.read(call)
    call.check_reading(READ_GROUP, id=group_id)
    try:
        name = (await groups.find(call, group_id)).name
    except NotFound:
        name = ""
    of_group: tuple[EntryWhere, ...] = (
        Where("kind", "eq", EntryKind.ROLE.value),
        Is("has_member", f"group {name}"),
    )
    query = SearchEntries((*of_group, *ROLE.search.where(wanted)), ROLE.search.order(wanted), page_of(wanted.page))
    return await found(await call.ask(query), ROLE.record)


for _owner in OWNERS:
    for _member, _names in _owner.members.items():
        declare(_owner, _member, _names)

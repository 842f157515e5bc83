"""Which shapes each operation takes and answers, for a description of the API."""

from collections.abc import Mapping

from adapters.processmaker.case_lists import CASE_COLUMNS, TASK_COLUMNS
from adapters.processmaker.imports import GROUP_OPTIONS, OPTIONS
from schemas.common.shapes import Schema, enum
from schemas.processmaker.contract import DAY, ENUMS, ID, INDEX, NUMBER, TEXT
from schemas.processmaker.tokens import SCOPES

#: operation -> the shape of a good answer: `[]` behind a list; `|` between several; none: an empty body
ANSWERS: Mapping[str, str] = {
    "token": "Tokens",
    "tokenUnderApi": "Tokens",
    **dict.fromkeys(("listAssignees", "listAvailableAssignees", "pageAssignees"), "AasAssignee[]"),
    **dict.fromkeys(("pageAvailableAssignees", "listAllAssignees"), "AasAssignee[]"),
    **dict.fromkeys(("listAdhocAssignees", "listAvailableAdhocAssignees", "pageAdhocAssignees"), "AdaAssignee[]"),
    "pageAvailableAdhocAssignees": "AdaAssignee[]",
    "getAssignees": "AasAssignee",
    "listProjects": "Project[]",
    "getProject": "ProjectDocument",
    "listStartingTasks": "StartingTask[]",
    "listStartingTasksOfUser": "StartingTask[]",
    "listProjectUsers": "Person[]",
    "getActivity": "Activity",
    "listSteps": "Step[]",
    "getDynaform": "Dynaform",
    "importProject": "ImportedProject",
    **dict.fromkeys(("listCases", "listDraftCases", "listPausedCases", "listUnassignedCases"), "CaseRow[]"),
    **dict.fromkeys(("listParticipatedCases", "searchCases"), "CaseRow[]"),
    "listStartCases": "StartCase[]|NothingToStart",
    "startCase": "StartedCase",
    "impersonateCase": "StartedCase",
    "getCase": "Case",
    "getCurrentTask": "CurrentTask",
    "listCaseTasks": "CaseTask[]",
    "getVariables": "CaseVariables",
    "listInputDocuments": "CaseDocument[]",
    **dict.fromkeys(("getInputDocument", "addInputDocument"), "CaseDocument"),
    "listNotes": "Note[]",
    "listUsers": "User[]",
    "getUser": "User",
    "createUser": "CreatedUser",
    "listGroups": "Group[]",
    "getGroup": "Group",
    "createGroup": "CreatedGroup",
    **dict.fromkeys(("listGroupUsers", "listGroupAvailableUsers", "listGroupSupervisorUsers"), "GroupMember[]"),
    "addUsersToGroups": "BatchResult[]",
    "listRoles": "Role[]",
    "getRole": "Role",
    "listRoleUsers": "RoleMember[]",
    "listRoleAvailableUsers": "RoleMember[]",
    "listRolePermissions": "Permission[]",
    "lightCounters": "Counters",
    "lightUser": "Myself",
    **dict.fromkeys(("lightTodo", "lightDraft", "lightPaused", "lightParticipated"), "Delegation[]"),
    "lightUnassigned": "FreeDelegation[]",
    "lightStartCases": "LightStart[]",
    "lightStartCase": "LightStarted|LightFailure",
    "lightUsersToReassign": "Reassignable",
    "lightReassign": "LightReassigned",
    "lightClaim": "LightClaimed",
    "lightUnpause": "LightDone",
    "lightCancel": "LightDone",
    "lightPause": "LightPaused",
    "lightRoute": "NextTask[]",
    "lightVariables": "CaseVariables",
    "getVariable": "VariableOrGrid",
    "createVariable": "VariableOrGrid",
    "lightNotes": "LightNote[]",
    "lightAddNote": "LightDone",
    **dict.fromkeys(("lightCheckTodo", "lightCheckDraft", "lightCheckUnassigned"), "GoneCase[]"),
}
#: operation -> the shape of its body: `[]` behind a list, a question mark where it may be left out
BODIES: Mapping[str, str] = {
    "token": "TokenRequest",
    "tokenUnderApi": "TokenRequest",
    "login": "Login",
    "addAdhocAssignees": "NewAdhocAssignee",
    "addAssignees": "NewAssignee",
    "updateActivity": "ChangedActivity",
    "importProject": "ProjectFile",
    "addInputDocument": "NewDocument",
    "uploadUserImage": "NewPicture",
    "startCase": "NewCase",
    "impersonateCase": "Impersonation",
    "routeCase": "Routing?",
    "pauseCase": "Pause?",
    "reassignCase": "Reassignment",
    "reassignCaseByPost": "Reassignment",
    "reassignCases": "Reassignments",
    "setVariables": "Variables",
    "addNote": "NewNote",
    "createUser": "NewUser",
    "updateUser": "ChangedUser",
    "createGroup": "NewGroup",
    "updateGroup": "ChangedGroup",
    "addGroupUser": "Membership",
    "addUsersToGroups": "GroupMembers[]",
    "addRoleUser": "Membership",
    "lightClaim": "Routing?",
    "lightPause": "LightPause?",
    "lightRoute": "LightRouting?",
    "lightSetVariables": "Variables",
    "createVariable": "OneVariable",
    "updateVariable": "OneVariable",
    "lightAddNote": "NewLightNote",
    **dict.fromkeys(("lightCheckTodo", "lightCheckDraft", "lightCheckUnassigned"), "NamedCase[]"),
}
#: shapes with files in them
WITH_FILES = ("ProjectFile", "NewDocument", "NewPicture")
#: shapes with objects or lists in them, which no form holds
DEEP = (
    "ChangedActivity",
    "NewCase",
    "Impersonation",
    "Reassignments",
    "GroupMembers",
    "Variables",
    "OneVariable",
    "NamedCase",
)

_COUNT: Schema = {"type": "integer", "minimum": 0, "maximum": 2**31 - 1}
_WINDOW: Mapping[str, Schema] = {"start": _COUNT, "limit": _COUNT}
_FILTERS: Mapping[str, Schema] = {**_WINDOW, "filter": TEXT, "lfilter": TEXT, "rfilter": TEXT}
_ASSIGNEES: Mapping[str, Schema] = {**_FILTERS, "type": enum(ENUMS["AssigneeType"])}
_ALL: Mapping[str, Schema] = {**_WINDOW, "filter": TEXT, "type": enum(ENUMS["AssigneeType"])}


def _cases(columns: Mapping[str, str], **more: Schema) -> Mapping[str, Schema]:
    order = {"sort": enum(columns), "dir": enum(("ASC", "DESC"))}
    return {**_WINDOW, **order, "cat_uid": TEXT, "pro_uid": TEXT, "search": TEXT, **more}


DAYS: Mapping[str, Schema] = {"usr_uid": TEXT, "date_from": DAY, "date_to": DAY}
_DELEGATIONS, _BY_CASE = _cases(TASK_COLUMNS), _cases(CASE_COLUMNS)
_STATUS: Schema = enum(("TO_DO", "DRAFT", "PAUSED", "CANCELLED", "COMPLETED"))
_VARIABLES: Mapping[str, Schema] = {"pro_uid": ID, "act_uid": ID, "app_index": NUMBER}
_AUTHORIZE: Mapping[str, Schema] = {
    "response_type": enum(("code", "token")),
    **dict.fromkeys(("client_id", "redirect_uri", "scope", "state", "code_challenge"), TEXT),
    "code_challenge_method": enum(ENUMS["ChallengeMethod"]),
}
#: operation -> what its query may hold
QUERIES: Mapping[str, Mapping[str, Schema]] = {
    "authorize": _AUTHORIZE,
    **{key: {"scope": enum(SCOPES)} for key in ("token", "tokenUnderApi")},
    **dict.fromkeys(("listAssignees", "pageAssignees", "listAvailableAssignees"), _ASSIGNEES),
    **dict.fromkeys(("pageAvailableAssignees", "listAdhocAssignees", "pageAdhocAssignees"), _ASSIGNEES),
    **dict.fromkeys(("listAvailableAdhocAssignees", "pageAvailableAdhocAssignees"), _ASSIGNEES),
    **dict.fromkeys(("listAllAssignees", "listAllAdhocAssignees"), _ALL),
    "getActivity": {"filter": enum(("definition", "properties"))},
    "importProject": {"option": enum(OPTIONS), "option_group": enum(GROUP_OPTIONS)},
    **dict.fromkeys(("listCases", "listDraftCases", "listPausedCases", "listUnassignedCases"), _DELEGATIONS),
    **dict.fromkeys(("lightTodo", "lightDraft", "lightPaused", "lightUnassigned"), _DELEGATIONS),
    **dict.fromkeys(("listParticipatedCases", "lightParticipated"), _BY_CASE),
    "searchCases": _cases(CASE_COLUMNS, app_status=_STATUS, **DAYS),
    "listStartCases": {"type_view": enum(("category",))},
    "getVariables": _VARIABLES,
    "lightVariables": _VARIABLES,
    "setVariables": {"del_index": NUMBER},
    "lightSetVariables": {"del_index": NUMBER},
    "lightClaim": {"del_index": INDEX},
    "deleteVariable": {"keys": TEXT},
    "downloadInputDocument": {"v": _COUNT},
    "getVariable": _FILTERS,
    "lightNotes": {**_WINDOW, "sort": TEXT, "dir": TEXT, **DAYS, "search": TEXT},
    "listNotes": {**_WINDOW, "dir": enum(("ASC", "DESC")), **DAYS, "search": TEXT},
    "listUsers": {**_FILTERS, "status": enum((*ENUMS["UserStatus"], "CLOSED"))},
    **dict.fromkeys(("listGroups", "listGroupUsers", "listGroupAvailableUsers", "listGroupSupervisorUsers"), _FILTERS),
    **dict.fromkeys(("listRoles", "listRoleUsers", "listRoleAvailableUsers", "listRolePermissions"), _FILTERS),
}

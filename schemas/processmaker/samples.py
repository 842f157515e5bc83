"""What rows, members and shapes look like, for examples: the demo world, and what the vendor's pages show."""

from collections.abc import Mapping
from typing import Any

from schemas.common.samples import ABSENT
from schemas.processmaker import assignee, case, light, project, user
from schemas.processmaker.assignee import Assignee
from schemas.processmaker.case import Person, Row
from schemas.processmaker.user import Shown

PROJECT, ACTIVITY = "276544696573f9457cd0983094962709", "679814870573f92e6509f59003354333"
MARK, MARY = "4e2745a3fdbd977d1339862ae390ad13", "184131195492c7a04cba5f9056989964"
JAMES, MANAGERS = "8f30daa78a440ab308727ca33381a545", "157493645523b4c00067b67020029802"
CASE = "220090038533b0c40688174019225585"
_CLIENT, _SECRET = "10000000000000000000000000000001", "20000000000000000000000000000002"
_TOKEN, _REFRESH = "d1e9d5bd1db1f2c2a0d87a4d8c1bf0fa1b4de4a3", "b0a4f5c6d7e8091a2b3c4d5e6f708192a3b4c5d6"
_CREATED, _DUE = "2026-01-15 09:30:00", "2026-01-16 09:30:00"
_MOMENT, _DAY = 1_768_469_400_000, 86_400_000

ASSIGNEE = Assignee(MARK, False, "Mark", "Smith", "mark")
USER = Shown(
    MARY, "mary", "Mary", "Rose", "mary@example.com", _CREATED, _CREATED, "ACTIVE", "PROCESSMAKER_OPERATOR", {}
)
_MARY = Person(MARY, "mary", "Mary", "Rose", "Rose Mary")


def _row(**changed: Any) -> Row:
    facts: dict[str, Any] = {
        "case_uid": CASE,
        "number": 137,
        "title": "#137",
        "status": "TO_DO",
        "process_uid": PROJECT,
        "process_name": "PAB HR-Recruiting Vorauswahl",
        "index": 2,
        "is_last": True,
        "task_uid": ACTIVITY,
        "task_name": "Review request",
        "user": Person(MARK, "mark", "Mark", "Smith", "Smith Mark"),
        "previous": _MARY,
        "current_task_name": "Review request",
        "current": Person(MARK, "mark", "Mark", "Smith", "Smith Mark"),
        "created_at": _MOMENT,
        "updated_at": _MOMENT,
        "finished_at": None,
        "delegated_at": _MOMENT,
        "init_at": _MOMENT,
        "ended_at": None,
        "due_at": _MOMENT + _DAY,
        "risk_at": _MOMENT + _DAY * 4 // 5,
        "priority": 50,
        "now": _MOMENT,
    }
    return Row(**{**facts, **changed})


#: a delegation in a list; and one that nobody has opened, in a list that does not name who had the case before
DELEGATION = _row()
FRESH = _row(init_at=None, with_previous=False)

VALUES: Mapping[str, Any] = {
    # rows
    "AdaAssignee": assignee.row(ASSIGNEE, "ada"),
    "AasAssignee": assignee.row(ASSIGNEE, "aas"),
    "Properties": project.properties("Review request", "ADHOC", {}),
    "ActivityRow": project.activity_row(ACTIVITY, "Review request", is_sub_process=False, diagram=PROJECT, place=0),
    "CaseRow": case.row(DELEGATION),
    "Delegation": light.row(DELEGATION),
    "FreeDelegation": light.row(DELEGATION, unassigned=True),
    "LightStart": light.start(PROJECT, "PAB HR-Recruiting Vorauswahl", ACTIVITY, "Review request"),
    "User": user.row(USER),
    "CreatedUser": user.upper(user.row(USER)),
    "GroupMember": user.brief(USER, email=True),
    "RoleMember": user.brief(USER),
    # parts of paths
    "workspace": "workflow",
    "prj_uid": PROJECT,
    "act_uid": ACTIVITY,
    "pro_uid": PROJECT,
    "tas_uid": ACTIVITY,
    "app_uid": CASE,
    "usr_uid": MARY,
    "grp_uid": MANAGERS,
    "rol_uid": "00000000000000000000000000000003",
    "assignee": MARK,
    "token": _TOKEN,
    # members
    "prj_name": "PAB HR-Recruiting Vorauswahl",
    "prj_description": "",
    "prj_category": "",
    "prj_type": "bpmn",
    "prj_create_date": _CREATED,
    "prj_update_date": _CREATED,
    "prj_target_namespace": "request",
    **dict.fromkeys(
        (
            *("prj_expresion_language", "prj_type_language", "prj_exporter", "prj_exporter_version", "prj_author"),
            *("prj_author_version", "prj_original_source", "rou_condition"),
            *("rol_create_date", "rol_update_date", "userPhone", "userPhoto", "tas_description"),
        ),
        "",
    ),
    "dia_uid": PROJECT,
    "dia_name": "PAB HR-Recruiting Vorauswahl",
    "dia_is_closable": "0",
    "usr_setting_designer": None,
    "act_name": "Review request",
    "usr_username": "mary",
    "usr_firstname": "Mary",
    "usr_lastname": "Rose",
    "usr_name": "Mary Rose",
    "usr_email": "mary@example.com",
    "app_number": 137,
    "app_name": "#137",
    "app_status": "TO_DO",
    "app_init_usr_uid": MARY,
    "app_init_usr_username": "Mary Rose",
    "pro_name": "PAB HR-Recruiting Vorauswahl",
    "pro_title": "PAB HR-Recruiting Vorauswahl (Review request)",
    "app_create_date": _CREATED,
    "app_update_date": _CREATED,
    "tas_title": "Review request",
    "tas_start": 1,
    "tas_type": "NORMAL",
    "tas_derivation": "NORMAL",
    "tas_assign_type": "SELF_SERVICE",
    "del_index": "1",
    "CaseDelegation.del_index": 1,
    "del_thread": "1",
    "del_thread_status": "OPEN",
    "del_init_date": _CREATED,
    "del_task_due_date": _DUE,
    "delInitDate": _CREATED,
    "delTaskDueDate": _DUE,
    "del_finish_date": "Not finished",
    "del_duration": "Not finished",
    "rou_number": "1",
    "note_date": _CREATED,
    "note_content": "Please have a look.",
    "NothingToStart": {"success": "failure", "message": "You don't have processes to start..."},
    "grp_title": "Managers",
    "grp_users": "3",
    "grp_tasks": "0",
    "rol_code": "PROCESSMAKER_OPERATOR",
    "rol_name": "Operator",
    "rol_system": "PROCESSMAKER",
    "rol_total_users": 10,
    "per_uid": "c9768e54bfed2e9641ae7900ce034ee5",
    "per_code": "PM_CASES",
    "per_name": "PM_CASES",
    "users": {MARK: "USER_SUCCESSFULLY_ASSIGNED"},
    "groupUid": {MANAGERS: "GROUP_EXISTS"},
    "access_token": _TOKEN,
    "expires_in": 86400,
    "token_type": "bearer",
    "scope": "*",
    "refresh_token": _REFRESH,
    "Reassigned": f'{{"cases":[{{"APP_UID":"{CASE}","DEL_INDEX":1,"RESULT":1,"STATUS":"SUCCESS"}}]}}',
    "OAuthError": {"error": "invalid_client", "error_description": "The client credentials are invalid"},
    # pages
    "totalCount": 1,
    "total": 1,
    "start": 0,
    "limit": 0,
    "filter": "",
    "lfilter": ABSENT,
    "rfilter": ABSENT,
    "pro_category": ABSENT,
    "category_name": ABSENT,
    "sort": "app_number",
    "dir": "desc",
    "cat_uid": "",
    "search": "",
    "date_from": "",
    "date_to": "",
    # variables
    "SYS_LANG": "en",
    "SYS_SKIN": "neoclassic",
    "SYS_SYS": "workflow",
    "APPLICATION": CASE,
    "PROCESS": PROJECT,
    "TASK": ACTIVITY,
    "INDEX": "1",
    "USER_LOGGED": MARY,
    "USR_USERNAME": "mary",
    "PIN": "A1B2",
    "SYS_VAR_UPDATE_DATE": _CREATED,
    # the mobile API
    "caseId": CASE,
    "caseIndex": 1,
    "caseNumber": 137,
    "userId": MARY,
    "userName": "mary",
    "firstName": "Mary",
    "lastName": "Rose",
    "fullName": "Mary Rose",
    "email": "mary@example.com",
    "userRole": "PROCESSMAKER_OPERATOR",
    "updateDate": _CREATED,
    "taskId": ACTIVITY,
    "taskName": "Review request",
    "NextTask.userName": "Mary Rose",
    "USR_UID": MARK,
    "USR_FIRSTNAME": "Mark",
    "USR_LASTNAME": "Smith",
    "ReassignableUser.USR_USERNAME": "mark",
    "LightReassigned": {"status": 0, "msg": "Case #137 was reassigned to user Smith Mark."},
    "LightPaused": {
        "success": True,
        "msg": "The Case 137 was paused successfully and it will be unpaused on date 2026-12-12",
    },
    # requests
    "TokenRequest": {
        "grant_type": "password",
        "scope": "*",
        "client_id": _CLIENT,
        "client_secret": _SECRET,
        "username": "admin",
        "password": "admin",
    },
    "Login": {
        "response_type": "code",
        "client_id": _CLIENT,
        "state": "17",
        "username": "mary",
        "password": "mary",
        "allow": "1",
    },
    "NewAdhocAssignee": {"ada_uid": MARK, "ada_type": "user"},
    "NewAssignee": {"aas_uid": MARK, "aas_type": "user"},
    "ChangedActivity": {
        "definition": {},
        "properties": {"tas_description": "Look at it", "tas_assign_type": "BALANCED"},
    },
    "NewCase": {"pro_uid": PROJECT, "tas_uid": ACTIVITY, "variables": [{"amount": "1030"}]},
    "Impersonation": {"pro_uid": PROJECT, "usr_uid": MARY, "tas_uid": ACTIVITY, "variables": [{"amount": "1030"}]},
    "Routing": {"del_index": 1, "executeTriggersBeforeAssignment": False},
    "Pause": {"unpaused_date": "2026-12-12"},
    "Reassignment": {"usr_uid_source": MARY, "usr_uid_target": MARK, "del_index": 1},
    "Reassignments": {"cases": [{"APP_UID": CASE, "DEL_INDEX": 1}], "usr_uid_target": JAMES},
    "Variables": {"amount": "1030"},
    "NewNote": {"note_content": "Please have a look.", "send_mail": 0},
    "NewUser": {
        "usr_username": "nina",
        "usr_firstname": "Nina",
        "usr_lastname": "New",
        "usr_email": "nina@example.com",
        "usr_due_date": "2030-01-01",
        "usr_status": "ACTIVE",
        "usr_role": "PROCESSMAKER_OPERATOR",
        "usr_new_pass": "secret",
        "usr_phone": "123/45",
    },
    "ChangedUser": {"usr_due_date": "2099-12-31"},
    "NewGroup": {"grp_title": "Clerks", "grp_status": "ACTIVE"},
    "ChangedGroup": {"grp_title": "The clerks"},
    "Membership": {"usr_uid": MARY},
    "GroupMembers": {"groupUid": MANAGERS, "users": [MARK, MARY]},
    "LightPause": {"noteContent": "Later.", "unpauseDate": "2026-12-12"},
}

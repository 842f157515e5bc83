"""What goes over the wire, member by member, for a description of the API. Source: dossier processmaker.md.

The notation is that of `schemas.common.shapes`. Where a module beside this one writes a row, the row itself is the
source of its shape: see `rendered`. All members of an answer are always there, but those with a `-`. A type is one of
those in _TYPES or another shape.
"""

from collections.abc import Mapping

from schemas.common.shapes import Schema, always, array, enum, members, record, ref, shape_schema, wanted
from schemas.processmaker import assignee, case, light, project, user
from schemas.processmaker.case import SYSTEM_VARIABLES
from schemas.processmaker.places import COUNTRIES
from schemas.processmaker.samples import ASSIGNEE, DELEGATION, FRESH, USER
from schemas.processmaker.tokens import CHALLENGE_METHODS, GRANTS

ENUMS: Mapping[str, tuple[str, ...]] = {
    "AssigneeType": ("user", "group"),
    "AssignType": project.ASSIGN_TYPES,
    "CaseStatus": tuple(case.LABELS),
    "DelegationStatus": ("OPEN", "PAUSED"),
    "TimeUnit": ("DAYS", "HOURS", "MINUTES"),
    "TaskType": ("NORMAL", "ADHOC", "SUBPROCESS"),
    "YesOrNo": ("TRUE", "FALSE"),
    "Execution": ("EVERY_TIME", "ONCE"),
    "TypeOfDay": ("1", "2"),
    "MessageType": ("text", "template"),
    "Country": tuple(sorted(COUNTRIES)),
    "UserInterface": user.UX,
    "ChallengeMethod": CHALLENGE_METHODS,
    "GrantType": GRANTS,
    "Status": ("ACTIVE", "INACTIVE"),
    "UserStatus": user.STATUSES,
    "RouteType": ("SEQUENTIAL", "EVALUATE", "PARALLEL"),
    "TaskStatus": ("TASK_IN_PROGRESS", "TASK_COMPLETED", "TASK_PENDING_NOT_EXECUTED"),
    "GroupResult": ("GROUP_EXISTS", "GROUP_NOT_EXISTS"),
    "MemberResult": ("USER_SUCCESSFULLY_ASSIGNED", "USER_NOT_EXISTS", "USER_INACTIVE", "USER_ALREADY_ASSIGNED"),
    "Claimed": ("ok", "fail"),
    "Okay": ("ok",),
    "Failure": ("failure",),
}

_USER = "usr_uid:text usr_username:text usr_firstname:text usr_lastname:text"
ANSWERS: Mapping[str, str] = {
    "Tokens": "access_token:text expires_in:int token_type:text scope:text? refresh_token:text-",
    "OAuthError": "error:text error_description:text",
    "Error": "error:ErrorFacts",
    "ErrorFacts": "code:int message:text",
    # projects
    "Project": """prj_uid:uid prj_name:text prj_description:text prj_category:text prj_type:text prj_create_date:time
        prj_update_date:time prj_status:Status""",
    "ProjectDocument": """prj_uid:uid prj_name:text prj_description:text prj_target_namespace:text
        prj_expresion_language:text prj_type_language:text prj_exporter:text prj_exporter_version:text
        prj_create_date:time prj_update_date:time prj_author:text prj_author_version:text prj_original_source:text
        diagrams:Diagram[] usr_setting_designer:any""",
    "Diagram": """dia_uid:uid prj_uid:uid dia_name:text dia_is_closable:text pro_uid:uid activities:ActivityRow[]
        events:list gateways:list flows:list artifacts:list laneset:list lanes:list data:list participants:list""",
    "StartingTask": "act_name:text act_uid:uid",
    "Person": _USER,
    "Activity": "definition:list- properties:Properties-",
    "Step": """step_uid:text step_type_obj:text step_uid_obj:text step_condition:text step_position:int step_mode:text
        obj_title:text obj_description:text triggers:list""",
    "Dynaform": """dyn_uid:uid dyn_title:text dyn_description:text dyn_type:text dyn_content:text dyn_version:int
        dyn_update_date:time""",
    "ImportedProject": "prj_uid:uid project_file:text",
    # cases
    "StartCase": "tas_uid:uid pro_title:text pro_uid:uid pro_category:text- category_name:text-",
    "NothingToStart": "success:Failure message:text",
    "StartedCase": "app_uid:uid app_number:int",
    "Case": """app_uid:uid app_number:int app_name:text app_status:CaseStatus app_init_usr_uid:text
        app_init_usr_username:text pro_uid:uid pro_name:text app_create_date:time app_update_date:time
        current_task:OpenDelegation[]""",
    "OpenDelegation": """usr_uid:text usr_name:text tas_uid:text tas_title:text del_index:digits del_thread:digits
        del_thread_status:text del_init_date:time? del_task_due_date:time delStatus:DelegationStatus
        delInitDate:time? delTaskDueDate:time""",
    "CurrentTask": "tas_uid:text tas_title:text del_index:digits del_init_date:time? del_task_due_date:time",
    "CaseTask": f"""tas_uid:uid tas_title:text tas_description:any tas_start:int tas_type:text tas_derivation:text
        tas_assign_type:AssignType {_USER} route:route delegations:CaseDelegation[] status:TaskStatus""",
    "Route": "type:RouteType to:RouteTarget[]",
    "RouteTarget": "rou_number:digits rou_condition:text tas_uid:text",
    "CaseDelegation": f"""del_index:int del_init_date:text del_task_due_date:time del_finish_date:text
        del_duration:text {_USER}""",
    "Note": "app_uid:uid usr_uid:text note_date:time note_content:text",
    "CaseDocument": """app_doc_uid:uid app_doc_filename:text doc_uid:text app_doc_version:digits
        app_doc_create_date:time app_doc_create_user:text app_doc_type:text app_doc_index:digits app_doc_link:text""",
    # users, groups, roles
    "Group": "grp_uid:uid grp_title:text grp_status:Status grp_users:digits grp_tasks:digits",
    "CreatedGroup": "grp_uid:uid grp_title:text grp_status:Status",
    "Role": """rol_uid:uid rol_code:text rol_name:text rol_status:Status rol_system:text rol_create_date:text
        rol_update_date:text rol_total_users:int""",
    "Permission": "per_uid:uid per_code:text per_name:text",
    # the mobile API
    "Counters": "toDo:int draft:int cancelled:int participated:int paused:int completed:int unassigned:int",
    "Myself": """userId:uid userName:text firstName:text lastName:text fullName:text email:text userRole:text
        userPhone:text updateDate:time userPhoto:text""",
    "LightStarted": "caseId:uid caseIndex:int caseNumber:int",
    "LightFailure": "status:Failure message:text",
    "Reassignable": "data:ReassignableUser[]",
    "ReassignableUser": "USR_UID:uid USR_USERNAME:text USR_FIRSTNAME:text USR_LASTNAME:text",
    "LightReassigned": "status:int msg:text",
    "LightClaimed": "status:Claimed",
    "LightDone": "status:Okay",
    "LightPaused": "success:bool msg:text",
    "LightNote": "caseId:uid notes:LightNoteText user:LightNoteUser",
    "LightNoteText": "date:time content:text",
    "LightNoteUser": "userId:text name:text firstName:text lastName:text email:text",
    "GoneCase": "caseId:any delIndex:any",
    "NextTask": "taskId:text taskName:text userId:text userName:text",
}

_PERSONAL = """usr_country:Country usr_city:code usr_location:code usr_address:name usr_phone:name usr_fax:name
    usr_cellular:name usr_zip_code:name usr_position:name usr_resume:name usr_birthday:name usr_replaced_by:name
    usr_reports_to:name usr_ux:UserInterface"""
_PROPERTY_TYPES = {
    "tas_assign_type": "AssignType",
    "tas_duration": "number",
    "tas_selfservice_time": "number",
    "tas_selfservice_timeout": "flag",
    "tas_selfservice_time_unit": "TimeUnit",
    "tas_selfservice_trigger_uid": "id",
    "tas_selfservice_execution": "Execution",
    "tas_not_email_from_format": "number",
    "tas_timeunit": "TimeUnit",
    "tas_type_day": "TypeOfDay",
    "tas_transfer_fly": "YesOrNo",
    "tas_send_last_email": "YesOrNo",
    "tas_def_message_type": "MessageType",
}
REQUESTS: Mapping[str, str] = {
    "TokenRequest": """grant_type:GrantType! client_id:name client_secret:name username:name password:name
        refresh_token:name code:name code_verifier:name redirect_uri:name scope:name""",
    "Login": """response_type:name! client_id:name! redirect_uri:name scope:name state:name username:name
        password:name allow:name deny:name code_challenge:name code_challenge_method:ChallengeMethod""",
    "NewAdhocAssignee": "ada_uid:id! ada_type:AssigneeType!",
    "NewAssignee": "aas_uid:id! aas_type:AssigneeType!",
    "ChangedActivity": "definition:any properties:ChangedProperties!",
    "ChangedProperties": "tas_title:name tas_type:TaskType tas_start:YesOrNo "
    + " ".join(f"{name}:{_PROPERTY_TYPES.get(name, 'text')}" for name in project.PROPERTIES),
    "NewCase": "pro_uid:id! tas_uid:id! variables:several?",
    "Impersonation": "pro_uid:id! usr_uid:id! tas_uid:id! variables:several?",
    "Routing": "del_index:index executeTriggersBeforeAssignment:bool",
    "LightRouting": "del_index:number",
    "Pause": "unpaused_date:day?",
    "Reassignment": "usr_uid_source:id! usr_uid_target:id! del_index:index",
    "Reassignments": "cases:ReassignedCase[]! usr_uid_target:id!",
    "ReassignedCase": "APP_UID:name! DEL_INDEX:index USR_UID:name",
    "Variables": "",
    "NewLightNote": "noteContent:note! sendMail:flag",
    "NamedCase": "caseId:name! delIndex:index!",
    "NewNote": "note_content:note! send_mail:flag",
    "NewUser": f"""usr_username:name! usr_firstname:name! usr_lastname:name! usr_email:email! usr_due_date:day!
        usr_status:UserStatus! usr_role:name! usr_new_pass:name! {_PERSONAL}""",
    "ChangedUser": f"""usr_username:name usr_firstname:name usr_lastname:name usr_email:email usr_due_date:day
        usr_status:UserStatus usr_role:name usr_new_pass:name {_PERSONAL}""",
    "NewGroup": "grp_title:name! grp_status:Status!",
    "ChangedGroup": "grp_title:name grp_status:Status",
    "Membership": "usr_uid:id!",
    "ProjectFile": "project_file:file!",
    "NewDocument": "tas_uid:id! app_doc_comment:name! inp_doc_uid:id! form:file!",
    "NewPicture": "USR_PHOTO:file!",
    "GroupMembers": "groupUid:name! users:name[]!",
    "LightPause": "noteContent:name notifyUser:flag unpauseDate:day?",
}

UID: Schema = {"type": "string", "pattern": "^[0-9a-f]{32}$"}
#: only the length of an id that is sent counts
ID: Schema = {"type": "string", "minLength": 32, "maxLength": 32}
DAY: Schema = {"type": "string", "format": "date"}
TEXT: Schema = {"type": "string"}
INT: Schema = {"type": "integer"}
TIME: Schema = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}$"}
_DIGITS: Schema = {"type": "string", "pattern": "^[0-9]+$"}
#: an empty keyed array of PHP, and all that the engine has none of
EMPTY: Schema = {"type": "array", "maxItems": 0}
#: a number, in a text as well; an empty text is as good as none
INDEX: Schema = {
    "anyOf": [{"type": "integer", "minimum": 0, "maximum": 2**31 - 1}, {"type": "string", "pattern": "^[0-9]{0,9}$"}]
}
#: the same, but not an empty text
NUMBER: Schema = {
    "anyOf": [{"type": "integer", "minimum": 0, "maximum": 2**31 - 1}, {"type": "string", "pattern": "^[0-9]{1,9}$"}]
}
_TYPES: Mapping[str, Schema] = {
    "uid": UID,
    "id": ID,
    "text": TEXT,
    "name": {"type": "string", "minLength": 1},
    "code": {"type": "string", "pattern": "^[A-Z0-9]{1,3}$"},
    "email": {"type": "string", "pattern": "^[A-Za-z0-9._-]+@[a-z0-9-]+\\.[a-z]+$"},
    "note": {"type": "string", "minLength": 1, "maxLength": 500},
    "int": INT,
    "bool": {"type": "boolean"},
    "digits": _DIGITS,
    "time": TIME,
    "day": DAY,
    "index": INDEX,
    "number": NUMBER,
    "several": {"type": ["array", "object"]},
    "flag": {"type": "integer", "enum": [0, 1]},
    "object": {"type": "object"},
    "file": {"type": "string", "contentMediaType": "application/octet-stream"},
    "list": EMPTY,
    "any": {},
    "route": {"anyOf": [ref("Route"), EMPTY]},
    **{name: enum(values) for name, values in ENUMS.items()},
}


def rendered(*rows: Mapping[str, object], **types: Schema) -> Schema:
    """The shape of rows of one kind: a member that some lack is optional, one that is null in some may be. What is no
    object is a text unless `types` says otherwise."""
    properties: dict[str, Schema] = {}
    for name in dict.fromkeys(name for row in rows for name in row):
        values = [row[name] for row in rows if name in row]
        inner = [value for value in values if isinstance(value, Mapping)]
        if name in types:
            properties[name] = types[name]
        elif inner:
            properties[name] = rendered(*inner)
        elif isinstance(values[0], list):
            properties[name] = EMPTY
        else:
            properties[name] = {"type": ["string", "null"]} if None in values else TEXT
    lacking = [name for name in properties if not all(name in row for row in rows)]
    return record(properties, optional=lacking)


def components() -> dict[str, Schema]:
    """All shapes. Answers are closed, requests are not: what is not known there is ignored."""
    shape_schemas = {name: shape_schema(members(shape), _TYPES, always) for name, shape in ANSWERS.items()}
    shape_schemas |= {
        name: shape_schema(members(shape), _TYPES, wanted, closed=False) for name, shape in REQUESTS.items()
    }
    scalar: Schema = {"type": ["string", "number", "boolean", "null"]}
    properties = project.properties("", "", {})
    system = dict.fromkeys(SYSTEM_VARIABLES, TEXT)
    record_of_user = user.row(USER)
    return {
        **shape_schemas,
        **{f"{prefix.capitalize()}Assignee": rendered(assignee.row(ASSIGNEE, prefix)) for prefix in ("ada", "aas")},
        "Properties": record({name: TEXT if name in ("tas_title", "tas_type") else scalar for name in properties}),
        "ActivityRow": rendered(project.activity_row("", "", is_sub_process=False, diagram="", place=0)),
        "CaseRow": rendered(*(case.row(delegation) for delegation in (DELEGATION, FRESH))),
        "Delegation": rendered(light.row(DELEGATION)),
        "FreeDelegation": rendered(light.row(DELEGATION, unassigned=True)),
        "LightStart": rendered(light.start("", "", "", "")),
        "User": rendered(record_of_user),
        "CreatedUser": rendered(user.upper(record_of_user)),
        "GroupMember": rendered(user.brief(USER, email=True)),
        "RoleMember": rendered(user.brief(USER)),
        "CaseVariables": record(
            {**system, "SYS_VAR_UPDATE_DATE": TIME}, optional=["SYS_VAR_UPDATE_DATE"], closed=False
        ),
        **{key: {"type": ["object", "array"]} for key in ("OneVariable", "VariableOrGrid")},
        "BatchResult": record(
            {"groupUid": _results("GroupResult"), "users": {"anyOf": [_results("MemberResult"), EMPTY]}}
        ),
    }


def _results(kind: str) -> Schema:
    return {"type": "object", "additionalProperties": enum(ENUMS[kind])}


# lists

_COUNTS: Mapping[str, Schema] = {"total": INT, "start": INT, "limit": INT}


def page(item: Schema) -> Schema:
    """Of an administration list: of the three filters the one that was used is told."""
    filters = dict.fromkeys(("filter", "lfilter", "rfilter"), TEXT)
    return {
        **record({**_COUNTS, **filters, "data": array(item)}, optional=filters),
        "minProperties": 5,
        "maxProperties": 5,
    }


def grid_page() -> Schema:
    """Of the rows of a grid, by their numbers."""
    whole = page(TEXT)
    return {**whole, "properties": {**whole["properties"], "data": {"type": ["object", "array"]}}}


def case_page(item: Schema, *more: str) -> Schema:
    """Of a list of cases."""
    echoed = dict.fromkeys(("sort", "dir", "cat_uid", "pro_uid", "search", *more), TEXT)
    return record({"totalCount": INT, "data": array(item), **_COUNTS, **echoed})


def note_page(item: Schema) -> Schema:
    echoed = dict.fromkeys(("sort", "dir", "usr_uid", "date_to", "date_from", "search"), TEXT)
    return record({**_COUNTS, **echoed, "data": array(item)})

"""Which shapes each operation takes and answers, for a description of the API."""

from collections.abc import Mapping

from adapters.camunda import (
    audit_logs,
    authorizations,
    decision_definitions,
    decision_instances,
    decision_requirements,
    directory,
    element_instances,
    groups,
    incident_statistics,
    incidents,
    job_searches,
    memberships,
    messages,
    process_definitions,
    process_instances,
    user_tasks,
    users,
    variables,
)
from adapters.camunda.profile import Profile
from adapters.camunda.searching import AnySearchable, Searchable
from schemas.camunda.contract import KEY
from schemas.common.shapes import Schema

_TEXT: Schema = {"type": "string"}
_NO_MEMBERS: AnySearchable = Searchable({}, {"username": None})


def searches(profile: Profile) -> Mapping[str, tuple[AnySearchable, str]]:
    """Operation -> (what its filter and sort may name, the shape of an item)."""
    of_members: dict[memberships.Member, tuple[AnySearchable, str]] = {
        memberships.USER: (_NO_MEMBERS, "Username"),
        memberships.CLIENT: (Searchable({}, {"clientId": None}), "ClientId"),
        memberships.GROUP: (Searchable({}, {"groupId": None}), "GroupId"),
        memberships.RULE: (directory.MAPPING_RULE.search, "MappingRule"),
        memberships.OF_ROLE: (directory.ROLE.search, "Role"),
    }
    grants = (authorizations.searchable(profile), "Authorization")
    return {
        "searchUserTasks": (user_tasks.searchable(profile), "UserTask"),
        "searchUserTaskAuditLogs": (audit_logs.OF_TASK, "AuditLog"),
        "searchAuditLogs": (audit_logs.LOGS, "AuditLog"),
        "searchVariables": (variables.VARIABLES, "Variable"),
        "searchUserTaskVariables": (variables.OF_TASK, "Variable"),
        "searchUserTaskEffectiveVariables": (variables.OF_TASK, "Variable"),
        "searchProcessInstances": (process_instances.searchable(profile), "ProcessInstance"),
        "searchElementInstances": (element_instances.ELEMENTS, "ElementInstance"),
        "searchMessageSubscriptions": (messages.searchable(profile), "MessageSubscription"),
        "searchCorrelatedMessageSubscriptions": (messages.CORRELATIONS, "CorrelatedMessageSubscription"),
        "searchProcessDefinitions": (process_definitions.DEFINITIONS, "ProcessDefinition"),
        "searchDecisionDefinitions": (decision_definitions.searchable(profile), "Decision"),
        "searchDecisionRequirements": (decision_requirements.REQUIREMENTS, "Requirements"),
        "searchDecisionInstances": (decision_instances.searchable(profile), "DecisionInstance"),
        **dict.fromkeys(
            ("searchIncidents", "searchProcessInstanceIncidents", "searchElementInstanceIncidents"),
            (incidents.INCIDENTS, "Incident"),
        ),
        "getProcessInstanceStatisticsByError": (incident_statistics.BY_ERROR, "IncidentsByError"),
        "getProcessInstanceStatisticsByDefinition": (incident_statistics.BY_DEFINITION, "IncidentsByDefinition"),
        "searchJobs": (job_searches.searchable(profile), "JobFound"),
        "searchUsers": (users.USERS, "User"),
        "searchGroups": (groups.GROUPS, "Group"),
        "searchRoles": (directory.ROLE.search, "Role"),
        "searchTenants": (directory.TENANT.search, "Tenant"),
        "searchMappingRules": (directory.MAPPING_RULE.search, "MappingRule"),
        "searchAuthorizations": grants,
        "searchOwnAuthorizations": grants,
        "searchRolesForGroup": (directory.ROLE.search, "Role"),
        **{names[2]: of_members[member] for owner in memberships.OWNERS for member, names in owner.members.items()},
    }


#: operation -> the shape of its body; a question mark: it may be left out
BODIES: Mapping[str, str] = {
    "completeUserTask": "Completion?",
    "assignUserTask": "Assignment",
    "updateUserTask": "Update?",
    "createProcessInstance": "Creation",
    "cancelProcessInstance": "Reference?",
    "modifyProcessInstance": "Modification",
    "resolveIncident": "Reference?",
    "deleteResource": "Deletion?",
    "evaluateDecision": "Evaluation",
    "createElementInstanceVariables": "SetVariables",
    "activateAdHocSubProcessActivities": "AdHocActivation",
    "createUser": "NewUser",
    "createAdminUser": "NewUser",
    "updateUser": "ChangedUser",
    "createGroup": "NewGroup",
    "updateGroup": "Named",
    "createRole": "NewRole",
    "updateRole": "Named",
    "createTenant": "NewTenant",
    "updateTenant": "Named",
    "createMappingRule": "NewMappingRule",
    "updateMappingRule": "ChangedMappingRule",
    "createAuthorization": "Grant",
    "updateAuthorization": "Grant",
    "activateJobs": "Activation",
    "completeJob": "JobCompletion?",
    "failJob": "JobFailure?",
    "throwJobError": "JobError",
    "updateJob": "JobUpdate",
    "publishMessage": "Publication",
    "correlateMessage": "Correlation",
    "broadcastSignal": "Broadcast",
    "searchTasklistTasks": "TasklistSearch?",
    "assignTasklistTask": "TasklistAssignment?",
    "completeTasklistTask": "TasklistValues?",
    "saveTasklistDrafts": "TasklistValues?",
    "searchTasklistVariables": "TasklistVariables?",
}

#: operation -> the shape of a good answer; `[]` behind a list of them
ANSWERS: Mapping[str, str] = {
    "getUserTask": "UserTask",
    "getUserTaskForm": "Form",
    "getStartProcessForm": "Form",
    "getForm": "Form",
    "getVariable": "VariableValue",
    "getAuditLog": "AuditLog",
    "createProcessInstance": "Created",
    "getProcessInstance": "ProcessInstance",
    "getElementInstance": "ElementInstance",
    "getIncident": "Incident",
    "resolveProcessInstanceIncidents": "BatchOperation",
    "getProcessDefinition": "ProcessDefinition",
    "createDeployment": "Deployment",
    "getDecisionDefinition": "Decision",
    "getDecisionRequirements": "Requirements",
    "getDecisionInstance": "DecisionInstanceDetails",
    "evaluateDecision": "Evaluated",
    "deleteResource": "DeletedResource",
    "getTopology": "Topology",
    "getLicense": "License",
    "getAuthentication": "Me",
    **dict.fromkeys(("createUser", "getUser", "updateUser", "createAdminUser"), "User"),
    **{
        f"{verb}{name}": name
        for name in ("Group", "Role", "Tenant", "MappingRule")
        for verb in ("create", "get", "update")
    },
    "createAuthorization": "AuthorizationCreated",
    "getAuthorization": "Authorization",
    "activateJobs": "Jobs",
    "publishMessage": "Published",
    "correlateMessage": "Correlated",
    "broadcastSignal": "Signalled",
    **{f"{verb}TasklistTask": "TasklistTask" for verb in ("get", "assign", "unassign", "complete")},
    "searchTasklistTasks": "TasklistItem[]",
    "searchTasklistVariables": "IncludedVariable[]",
    "getTasklistVariable": "TasklistVariable",
    "getTasklistForm": "TasklistForm",
}
#: operation -> (name, is it required, schema) of what its query may hold
QUERIES: Mapping[str, tuple[tuple[str, bool, Schema], ...]] = {
    **dict.fromkeys(
        ("searchVariables", "searchUserTaskVariables", "searchUserTaskEffectiveVariables"),
        (("truncateValues", False, {"type": "boolean"}),),
    ),
    "getTasklistForm": (("processDefinitionKey", True, KEY), ("version", False, {"type": "integer", "minimum": 0})),
    "login": (("username", False, _TEXT), ("password", False, _TEXT)),
}

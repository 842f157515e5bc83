"""What goes over the wire, member by member, for a description of the API. Source: dossier camunda.md.

The notation is that of `schemas.common.shapes`; the mark `@8.9` says that there is no such member before that version.
All members of an answer are always there. A type is one of key, text, int, bool, date, object (anything in it), map (of
texts), any, a name in ENUMS or another shape.
"""

from collections.abc import Mapping

from schemas.camunda.identity import OWNER_TYPES, PERMISSION_TYPES, RESOURCE_TYPES
from schemas.common.shapes import Schema, always, enum, members, shape_schema, wanted

VERSIONS = ("8.8", "8.9", "8.10")

ENUMS: Mapping[str, tuple[str, ...]] = {
    "TaskState": (
        *("CREATING", "CREATED", "ASSIGNING", "UPDATING", "COMPLETING", "COMPLETED", "CANCELING", "CANCELED", "FAILED"),
    ),
    "State": ("ACTIVE", "COMPLETED", "TERMINATED"),
    "DefinitionState": ("ACTIVE", "DELETED"),
    "DecisionKind": ("DECISION_TABLE", "LITERAL_EXPRESSION", "UNSPECIFIED", "UNKNOWN"),
    "DecisionState": ("EVALUATED", "FAILED", "UNSPECIFIED", "UNKNOWN"),
    "OwnerType": OWNER_TYPES,
    "ResourceType": RESOURCE_TYPES,
    "PermissionType": PERMISSION_TYPES,
    "JobKind": ("BPMN_ELEMENT", "TASK_LISTENER", "EXECUTION_LISTENER"),
    "JobState": (
        *("CREATED", "COMPLETED", "FAILED", "RETRIES_UPDATED", "TIMED_OUT", "CANCELED", "ERROR_THROWN", "MIGRATED"),
    ),
    "IncidentState": ("ACTIVE", "MIGRATED", "RESOLVED", "PENDING", "UNKNOWN"),
    "ErrorType": (
        *("EXTRACT_VALUE_ERROR", "CONDITION_ERROR", "IO_MAPPING_ERROR", "CALLED_ELEMENT_ERROR", "JOB_NO_RETRIES"),
        *("EXECUTION_LISTENER_NO_RETRIES", "TASK_LISTENER_NO_RETRIES", "UNHANDLED_ERROR_EVENT"),
        *("DECISION_EVALUATION_ERROR", "UNKNOWN", "UNSPECIFIED", "CALLED_DECISION_ERROR", "MESSAGE_SIZE_EXCEEDED"),
        *("AD_HOC_SUB_PROCESS_NO_RETRIES", "FORM_NOT_FOUND", "RESOURCE_NOT_FOUND"),
    ),
    "ListenerEvent": ("ASSIGNING", "CANCELING", "COMPLETING", "CREATING", "END", "START", "UNSPECIFIED", "UPDATING"),
    "SubscriptionState": ("CORRELATED", "CREATED", "DELETED", "MIGRATED"),
    "SubscriptionType": ("START_EVENT", "PROCESS_EVENT"),
    "TasklistState": ("CREATED", "COMPLETED", "CANCELED", "FAILED"),
    "Instruction": ("TERMINATE_PROCESS_INSTANCE",),
    "ResultType": ("userTask", "adHocSubProcess"),
    "SourceType": ("byId", "byKey"),
    "ScopeType": ("direct", "inferred", "sourceParent"),
    "Order": ("ASC", "DESC"),
    "TasklistSort": ("completionTime", "creationTime", "followUpDate", "dueDate", "name", "priority"),
    "Equality": ("eq",),
}

ANSWERS: Mapping[str, str] = {
    "UserTask": """userTaskKey:key name:text? state:TaskState assignee:text? elementId:text elementInstanceKey:key
        candidateGroups:text[] candidateUsers:text[] processDefinitionId:text processDefinitionKey:key
        processDefinitionVersion:int processName:text? processInstanceKey:key creationDate:date completionDate:date?
        followUpDate:date? dueDate:date? tenantId:text externalFormReference:text? formKey:key? customHeaders:map
        priority:int rootProcessInstanceKey:key?@8.9 tags:text[]@8.9 businessId:text?@8.10""",
    "Form": "tenantId:text formId:text schema:text version:int formKey:key",
    "VariableValue": """name:text value:text tenantId:text variableKey:key scopeKey:key processInstanceKey:key
        rootProcessInstanceKey:key?@8.9""",
    "Variable": """name:text value:text isTruncated:bool tenantId:text variableKey:key scopeKey:key
        processInstanceKey:key rootProcessInstanceKey:key?@8.9""",
    "AuditLog": """auditLogKey:key entityKey:key entityType:text operationType:text batchOperationKey:key?
        batchOperationType:text? timestamp:date actorId:text? actorType:text? agentElementId:text? tenantId:text?
        result:text category:text processDefinitionId:text? processDefinitionKey:key? processInstanceKey:key?
        rootProcessInstanceKey:key? elementInstanceKey:key? jobKey:key? userTaskKey:key? decisionRequirementsId:text?
        decisionRequirementsKey:key? decisionDefinitionId:text? decisionDefinitionKey:key? decisionEvaluationKey:key?
        deploymentKey:key? formKey:key? resourceKey:key? relatedEntityKey:key? relatedEntityType:text?
        entityDescription:text? inboundChannelType:text?@8.10 inboundChannelToolName:text?@8.10""",
    "Created": """processDefinitionId:text processDefinitionVersion:int tenantId:text variables:object
        processDefinitionKey:key processInstanceKey:key tags:text[] businessId:text?@8.9""",
    "ProcessInstance": """processDefinitionId:text processDefinitionName:text? processDefinitionVersion:int
        processDefinitionVersionTag:text? startDate:date endDate:date? state:State hasIncident:bool tenantId:text
        processInstanceKey:key processDefinitionKey:key parentProcessInstanceKey:key? parentElementInstanceKey:key?
        tags:text[] rootProcessInstanceKey:key?@8.9 businessId:text?@8.9 suspendedDate:date?@8.10""",
    "ElementInstance": """processDefinitionId:text startDate:date endDate:date? elementId:text elementName:text
        type:text state:State hasIncident:bool tenantId:text elementInstanceKey:key processInstanceKey:key
        processDefinitionKey:key incidentKey:key? rootProcessInstanceKey:key?@8.9""",
    "ProcessDefinition": """name:text? resourceName:text version:int versionTag:text? processDefinitionId:text
        tenantId:text processDefinitionKey:key hasStartForm:bool state:DefinitionState@8.9""",
    "Decision": """decisionDefinitionId:text name:text version:int decisionRequirementsId:text tenantId:text
        decisionDefinitionKey:key decisionRequirementsKey:key decisionRequirementsName:text@8.9
        decisionRequirementsVersion:int@8.9""",
    "Requirements": """decisionRequirementsId:text decisionRequirementsKey:key decisionRequirementsName:text
        resourceName:text tenantId:text version:int""",
    "DecisionInstance": """decisionEvaluationInstanceKey:text state:DecisionState evaluationDate:date
        evaluationFailure:text? decisionDefinitionId:text decisionDefinitionName:text decisionDefinitionVersion:int
        decisionDefinitionType:DecisionKind result:text tenantId:text decisionEvaluationKey:key
        processDefinitionKey:key processInstanceKey:key decisionDefinitionKey:key elementInstanceKey:key
        rootDecisionDefinitionKey:key@8.9 rootProcessInstanceKey:key?@8.9""",
    "DecisionInstanceDetails": """decisionEvaluationInstanceKey:text state:DecisionState evaluationDate:date
        evaluationFailure:text? decisionDefinitionId:text decisionDefinitionName:text decisionDefinitionVersion:int
        decisionDefinitionType:DecisionKind result:text tenantId:text decisionEvaluationKey:key
        processDefinitionKey:key processInstanceKey:key decisionDefinitionKey:key elementInstanceKey:key
        rootDecisionDefinitionKey:key@8.9 rootProcessInstanceKey:key?@8.9 evaluatedInputs:EvaluatedInput[]
        matchedRules:MatchedRule[]""",
    "EvaluatedInput": "inputId:text inputName:text inputValue:text",
    "EvaluatedOutput": "outputId:text outputName:text outputValue:text ruleId:text@8.9 ruleIndex:int@8.9",
    "MatchedRule": "ruleId:text ruleIndex:int evaluatedOutputs:EvaluatedOutput[]",
    "EvaluatedDecision": """decisionDefinitionId:text decisionDefinitionName:text decisionDefinitionVersion:int
        decisionDefinitionType:text output:text tenantId:text matchedRules:MatchedRule[]
        evaluatedInputs:EvaluatedInput[] decisionDefinitionKey:key decisionEvaluationInstanceKey:text""",
    "Evaluated": """decisionDefinitionId:text decisionDefinitionKey:key decisionDefinitionName:text
        decisionDefinitionVersion:int decisionEvaluationKey:key decisionInstanceKey:key decisionRequirementsId:text
        decisionRequirementsKey:key evaluatedDecisions:EvaluatedDecision[] failedDecisionDefinitionId:text?
        failureMessage:text? output:text tenantId:text""",
    "DeployedProcess": """processDefinitionId:text processDefinitionVersion:int resourceName:text tenantId:text
        processDefinitionKey:key""",
    "DeployedForm": "formId:text version:int resourceName:text tenantId:text formKey:key",
    "DeployedResource": "resourceId:text version:int resourceName:text tenantId:text resourceKey:key",
    "DeployedDecision": """decisionDefinitionId:text version:int name:text tenantId:text decisionRequirementsId:text
        decisionDefinitionKey:key decisionRequirementsKey:key""",
    "DeployedRequirements": """decisionRequirementsId:text decisionRequirementsName:text version:int resourceName:text
        tenantId:text decisionRequirementsKey:key""",
    "Deployed": """processDefinition:DeployedProcess? decisionDefinition:DeployedDecision?
        decisionRequirements:DeployedRequirements? form:DeployedForm? resource:DeployedResource?""",
    "Deployment": "deploymentKey:key tenantId:text deployments:Deployed[]",
    "DeletedResource": "resourceKey:key batchOperation:object?",
    "Partition": "partitionId:int role:text health:text state:text@8.10",
    "Broker": "nodeId:int host:text port:int version:text partitions:Partition[] brokerId:text@8.10",
    "Topology": """brokers:Broker[] clusterSize:int partitionsCount:int replicationFactor:int gatewayVersion:text
        lastCompletedChangeId:text clusterId:text?@8.9""",
    "License": "validLicense:bool licenseType:text isCommercial:bool expiresAt:date?",
    "Me": """username:text? displayName:text? email:text? authorizedComponents:text[] tenants:Tenant[] groups:text[]
        roles:text[] salesPlanType:text? c8Links:map canLogout:bool""",
    "User": "username:text name:text? email:text?",
    "Group": "groupId:text name:text description:text?",
    "Role": "roleId:text name:text description:text?",
    "Tenant": "tenantId:text name:text description:text?",
    "MappingRule": "mappingRuleId:text claimName:text claimValue:text name:text",
    "Username": "username:text",
    "ClientId": "clientId:text",
    "GroupId": "groupId:text",
    "Authorization": """ownerId:text ownerType:OwnerType resourceType:ResourceType resourceId:text?
        permissionTypes:PermissionType[] authorizationKey:key resourcePropertyName:text?@8.9""",
    "AuthorizationCreated": "authorizationKey:key",
    "JobTask": """action:text assignee:text? candidateGroups:text[] candidateUsers:text[] changedAttributes:text[]
        dueDate:date? followUpDate:date? formKey:key? priority:int? userTaskKey:key?""",
    "Job": """jobKey:key type:text kind:JobKind listenerEventType:ListenerEvent worker:text retries:int deadline:int
        customHeaders:map variables:object tenantId:text elementId:text elementInstanceKey:key processInstanceKey:key
        processDefinitionId:text processDefinitionVersion:int processDefinitionKey:key userTask:JobTask? tags:text[]
        rootProcessInstanceKey:key?@8.9 businessId:text?@8.10 physicalTenantId:text@8.10 priority:int@8.10
        jobLeaseToken:text?@8.10""",
    "Jobs": "jobs:Job[]",
    "Published": "messageKey:key tenantId:text",
    "Correlated": "messageKey:key processInstanceKey:key tenantId:text",
    "Signalled": "signalKey:key tenantId:text",
    "MessageSubscription": """messageSubscriptionKey:key processDefinitionId:text processDefinitionKey:key?
        processInstanceKey:key? elementId:text elementInstanceKey:key? messageSubscriptionState:SubscriptionState
        lastUpdatedDate:date messageName:text correlationKey:text? tenantId:text rootProcessInstanceKey:key?@8.9
        messageSubscriptionType:SubscriptionType@8.10 processDefinitionName:text?@8.10
        processDefinitionVersion:int?@8.10 toolName:text?@8.10 toolProperties:map@8.10
        inboundConnectorType:text?@8.10""",
    "CorrelatedMessageSubscription": """correlationKey:text? correlationTime:date elementId:text elementInstanceKey:key?
        messageKey:key messageName:text partitionId:int processDefinitionId:text processDefinitionKey:key
        processInstanceKey:key subscriptionKey:key tenantId:text rootProcessInstanceKey:key?@8.9""",
    "JobFound": """customHeaders:map deadline:date? deniedReason:text? elementId:text? elementInstanceKey:key
        endTime:date? errorCode:text? errorMessage:text? hasFailedWithRetriesLeft:bool isDenied:bool? jobKey:key
        kind:JobKind listenerEventType:ListenerEvent processDefinitionId:text processDefinitionKey:key
        processInstanceKey:key retries:int state:JobState tenantId:text type:text worker:text
        rootProcessInstanceKey:key?@8.9 creationTime:date?@8.9 lastUpdateTime:date?@8.9""",
    "Incident": """processDefinitionId:text errorType:ErrorType errorMessage:text elementId:text creationTime:date
        state:IncidentState tenantId:text incidentKey:key processDefinitionKey:key processInstanceKey:key
        elementInstanceKey:key jobKey:key? rootProcessInstanceKey:key?@8.9""",
    "IncidentsByError": "errorHashCode:int errorMessage:text activeInstancesWithErrorCount:int",
    "IncidentsByDefinition": """processDefinitionId:text processDefinitionKey:key processDefinitionName:text
        processDefinitionVersion:int tenantId:text activeInstancesWithErrorCount:int""",
    "BatchOperation": "batchOperationKey:key batchOperationType:text",
    "Page": "totalItems:int hasMoreTotalItems:bool startCursor:text? endCursor:text?",
    "Problem": "type:text title:text status:int detail:text instance:text",
    "TasklistProblem": "status:int message:text instance:text",
    "TasklistTask": """id:key name:text taskDefinitionId:text processName:text creationDate:text completionDate:text?
        assignee:text? taskState:TasklistState formKey:text? formId:text? formVersion:int? isFormEmbedded:bool?
        processDefinitionKey:key processInstanceKey:key tenantId:text dueDate:text? followUpDate:text?
        candidateGroups:text[] candidateUsers:text[] implementation:text priority:int""",
    "TasklistItem": """id:key name:text taskDefinitionId:text processName:text creationDate:text completionDate:text?
        assignee:text? taskState:TasklistState formKey:text? formId:text? formVersion:int? isFormEmbedded:bool?
        processDefinitionKey:key processInstanceKey:key tenantId:text dueDate:text? followUpDate:text?
        candidateGroups:text[] candidateUsers:text[] implementation:text priority:int sortValues:text[] isFirst:bool
        variables:IncludedVariable[]? context:text?""",
    "IncludedVariable": "id:text name:text value:text? isValueTruncated:bool previewValue:text? draft:DraftValue-",
    "DraftValue": "value:text? isValueTruncated:bool previewValue:text?",
    "TasklistVariable": "id:text name:text value:text? draft:object? tenantId:text",
    "TasklistForm": """id:text processDefinitionKey:text title:text? schema:text version:int? tenantId:text
        isDeleted:bool""",
}

REQUESTS: Mapping[str, str] = {
    "Completion": "variables:object? action:text?",
    "Assignment": "assignee:text! allowOverride:bool? action:text?",
    "Update": "changeset:object? action:text?",
    "Creation": """processDefinitionId:text? processDefinitionKey:key? processDefinitionVersion:int? variables:object?
        tenantId:text? tags:text[]? businessId:text? awaitCompletion:bool? fetchVariables:text[]? requestTimeout:int?
        startInstructions:Start[]? runtimeInstructions:Runtime[]? operationReference:int?""",
    "Evaluation": "decisionDefinitionId:text? decisionDefinitionKey:key? variables:object? tenantId:text?",
    "Start": "elementId:text!",
    "Runtime": "type:Instruction? afterElementId:text!",
    "Reference": "operationReference:int?",
    "Modification": """activateInstructions:Activate[]? moveInstructions:Move[]?@8.9 terminateInstructions:Terminate[]?
        operationReference:int?""",
    "Activate": "elementId:text! variableInstructions:LocalVariables[]? ancestorElementInstanceKey:key?",
    "LocalVariables": "variables:object! scopeId:text?",
    "Move": """sourceElementInstruction:MoveSource! targetElementId:text! ancestorScopeInstruction:MoveScope?
        variableInstructions:LocalVariables[]?""",
    "MoveSource": "sourceType:SourceType! sourceElementId:text? sourceElementInstanceKey:key?",
    "MoveScope": "ancestorScopeType:ScopeType! ancestorElementInstanceKey:key?",
    "Terminate": "elementInstanceKey:key? elementId:text?@8.9",
    "Deletion": "operationReference:int? deleteHistory:bool?",
    "AdHocActivation": "elements:AdHocElement[]! cancelRemainingInstances:bool?",
    "AdHocElement": "elementId:text! variables:object?",
    "SetVariables": "variables:object! local:bool? operationReference:int?",
    "NewUser": "username:text! password:text! name:text? email:text?",
    "ChangedUser": "password:text? name:text? email:text?",
    "NewGroup": "groupId:text! name:text! description:text?",
    "NewRole": "roleId:text! name:text! description:text?",
    "NewTenant": "tenantId:text! name:text! description:text?",
    "Named": "name:text! description:text?",
    "NewMappingRule": "mappingRuleId:text! claimName:text! claimValue:text! name:text!",
    "ChangedMappingRule": "claimName:text! claimValue:text! name:text!",
    "Grant": """ownerId:text! ownerType:OwnerType! resourceId:text? resourcePropertyName:text?
        resourceType:ResourceType! permissionTypes:PermissionType[]!""",
    "Activation": """type:text! worker:text? timeout:int! maxJobsToActivate:int! fetchVariable:text[]?
        requestTimeout:int? tenantIds:text[]? tenantFilter:text?""",
    "JobCompletion": "variables:object? result:JobResult?",
    "JobResult": """type:ResultType? denied:bool? deniedReason:text? corrections:Corrections?
        activateElements:AdHocElement[]? isCompletionConditionFulfilled:bool? isCancelRemainingInstances:bool?""",
    "Corrections": """assignee:text? dueDate:text? followUpDate:text? candidateUsers:text[]? candidateGroups:text[]?
        priority:int?""",
    "JobFailure": "retries:int? errorMessage:text? retryBackOff:int? variables:object?",
    "JobError": "errorCode:text! errorMessage:text? variables:object?",
    "JobUpdate": "changeset:JobChange! operationReference:int?",
    "JobChange": "retries:int? timeout:int?",
    "Publication": """name:text! correlationKey:text? timeToLive:int? messageId:text? variables:object? tenantId:text?
        businessId:text?@8.10""",
    "Correlation": "name:text! correlationKey:text? variables:object? tenantId:text? businessId:text?@8.10",
    "Broadcast": "signalName:text! variables:object? tenantId:text?",
    "TasklistSearch": """state:text? assigned:bool? assignee:text? assignees:text[]? taskDefinitionId:text?
        candidateGroup:text? candidateGroups:text[]? candidateUser:text? candidateUsers:text[]?
        processDefinitionKey:text? processInstanceKey:text? pageSize:int? followUpDate:Period? dueDate:Period?
        taskVariables:TasklistValue[]? tenantIds:text[]? sort:TasklistOrder[]? searchAfter:text[]?
        searchAfterOrEqual:text[]? searchBefore:text[]? searchBeforeOrEqual:text[]? includeVariables:Include[]?
        implementation:text? priority:Priorities?""",
    "Period": "from:text? to:text?",
    "Priorities": "eq:int? gt:int? gte:int? lt:int? lte:int?",
    "TasklistValue": "name:text! value:text! operator:Equality?",
    "TasklistOrder": "field:TasklistSort! order:Order?",
    "Include": "name:text? alwaysReturnFullValue:bool?",
    "TasklistAssignment": "assignee:text? allowOverrideAssignment:bool?",
    "TasklistValues": "variables:NamedValue[]?",
    "NamedValue": "name:text! value:text!",
    "TasklistVariables": "variableNames:text[]? includeVariables:Include[]?",
}

KEY: Schema = {"type": "string", "pattern": "^[+-]?[0-9]{1,18}$"}
_TEXT: Schema = {"type": "string"}
_TYPES: Mapping[str, Schema] = {
    "key": KEY,
    "text": _TEXT,
    "int": {"type": "integer"},
    "bool": {"type": "boolean"},
    "date": {"type": "string", "format": "date-time"},
    "object": {"type": "object"},
    "map": {"type": "object", "additionalProperties": _TEXT},
    "any": {},
    **{name: enum(values) for name, values in ENUMS.items()},
}


def components(version: str) -> dict[str, Schema]:
    """All shapes of a version, closed."""
    known = VERSIONS[: VERSIONS.index(version) + 1]

    def schema(shape: str, *, request: bool) -> Schema:
        there = (member for member in members(shape) if member.mark in ("", *known))
        return shape_schema(there, _TYPES, wanted if request else always)

    answers = {name: schema(shape, request=False) for name, shape in ANSWERS.items()}
    requests = {name: schema(shape, request=True) for name, shape in REQUESTS.items()}
    return {**answers, **requests}

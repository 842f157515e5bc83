"""The Python client for Camunda 8.10, as it is installed; it refuses answers in which a member is missing."""

import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from camunda_orchestration_sdk import CamundaClient, errors
from camunda_orchestration_sdk import models as m

HERE = Path(__file__).parent
url = sys.argv[1]


def connect() -> CamundaClient:
    return CamundaClient(
        configuration={
            "CAMUNDA_REST_ADDRESS": url,
            "CAMUNDA_AUTH_STRATEGY": "BASIC",
            "CAMUNDA_BASIC_AUTH_USERNAME": "demo",
            "CAMUNDA_BASIC_AUTH_PASSWORD": "demo",
        }
    )


camunda = connect()


def refused(error: type[Exception], call: Callable[[], object]) -> None:
    try:
        call()
    except error:
        return
    raise AssertionError(f"expected {error.__name__}")


assert camunda.get_topology().brokers[0].broker_id == "0"
deployed = camunda.deploy_resources_from_files([HERE / "leave.bpmn", HERE / "leave.form"])
key = deployed.processes[0].process_definition_key
wanted = {"processDefinitionId": "sdk-leave", "variables": {"days": 3}}
started = camunda.create_process_instance(data=m.ProcessCreationById.from_dict(wanted))
instance_key = started.process_instance_key
search = m.UserTaskSearchQuery.from_dict({"filter": {"processInstanceKey": instance_key, "state": "CREATED"}})
(task,) = camunda.search_user_tasks(data=search).items
assert (task.priority, task.business_id, task.form_key is not None) == (70, None, True)
assert camunda.get_user_task_form(task.user_task_key).form_id == "sdk-leave-form"
(days,) = camunda.search_user_task_variables(task.user_task_key).items
assert days.value == "3"
assert camunda.search_user_task_effective_variables(task.user_task_key).items[0].name == "days"
assign = m.UserTaskAssignmentRequest.from_dict({"assignee": "demo", "allowOverride": False})
camunda.assign_user_task(task.user_task_key, data=assign)
other = m.UserTaskAssignmentRequest.from_dict({"assignee": "lisa", "allowOverride": False})
refused(errors.ConflictError, lambda: camunda.assign_user_task(task.user_task_key, data=other))
change = m.UserTaskUpdateRequest.from_dict({"changeset": {"priority": 10}})
camunda.update_user_task(task.user_task_key, data=change)
assert camunda.get_user_task(task.user_task_key).priority == 10
camunda.complete_user_task(task.user_task_key)
refused(errors.NotFoundError, lambda: camunda.complete_user_task(task.user_task_key))
assert camunda.get_process_instance(instance_key).state == "COMPLETED"
assert len(camunda.search_process_instances().items) >= 1
assert camunda.search_process_definitions().items
assert camunda.get_process_definition(key).version == 1
assert camunda.search_element_instances().items
assert camunda.search_variables().items

released: list[Any] = []
waiting = {"processDefinitionKey": key, "awaitCompletion": True, "requestTimeout": 20000}


def wait() -> None:
    released.append(camunda_2.create_process_instance(data=m.ProcessCreationByKey.from_dict(waiting)))


camunda_2 = connect()
thread = threading.Thread(target=wait)
thread.start()
is_open = m.UserTaskSearchQuery.from_dict({"filter": {"processDefinitionId": "sdk-leave", "state": "CREATED"}})
while not (found := camunda.search_user_tasks(data=is_open).items):
    pass
done = m.UserTaskCompletionRequest.from_dict({"variables": {"approved": True}})
camunda.complete_user_task(found[0].user_task_key, data=done)
thread.join()
assert released[0].variables.additional_properties == {"approved": True}
again = camunda.create_process_instance(data=m.ProcessCreationById.from_dict(wanted))
nothing = m.CancelProcessInstanceRequest.from_dict({})
camunda.cancel_process_instance(again.process_instance_key, data=nothing)
gone = again.process_instance_key
refused(errors.NotFoundError, lambda: camunda.cancel_process_instance(gone, data=nothing))

# a listener's job, what was done, and who may do what
guarded = camunda.deploy_resources_from_files([HERE / "guarded.bpmn"])
by_key = {"processDefinitionKey": guarded.processes[0].process_definition_key, "variables": {"price": 5}}
outer = camunda.create_process_instance(data=m.ProcessCreationByKey.from_dict(by_key))
(held,) = camunda.search_user_tasks(
    data=m.UserTaskSearchQuery.from_dict({"filter": {"elementId": "check", "state": "CREATED"}})
).items
thread = threading.Thread(target=lambda: camunda_2.complete_user_task(held.user_task_key))
thread.start()
activation = {"type": "sdk-check", "worker": "me", "timeout": 60000, "maxJobsToActivate": 1, "requestTimeout": 20000}
(job,) = camunda.activate_jobs(data=m.JobActivationRequest.from_dict(activation)).jobs
assert (job.kind, job.listener_event_type, job.user_task.user_task_key) == (
    "TASK_LISTENER",
    "COMPLETING",
    held.user_task_key,
)
camunda.complete_job(job.job_key, data=m.JobCompletionRequest.from_dict({}))
thread.join()
assert camunda.get_process_instance(outer.process_instance_key).state == "COMPLETED"
assert camunda.search_audit_logs().items
assert camunda.get_form_by_key(task.form_key).form_id == "sdk-leave-form"
role = m.RoleCreateRequest.from_dict({"roleId": "sdk-role", "name": "Role"})
assert camunda.create_role(data=role).role_id == "sdk-role"
refused(errors.ConflictError, lambda: camunda.create_role(data=role))
wanted = {"ownerId": "sdk-role", "ownerType": "ROLE", "resourceId": "*", "resourceType": "USER"}
granted = m.AuthorizationIdBasedRequest.from_dict({**wanted, "permissionTypes": ["READ"]})
camunda.create_authorization(data=granted)
assert [a.owner_id for a in camunda.search_authorizations().items if a.owner_id == "sdk-role"] == ["sdk-role"]
assert camunda.search_own_authorizations().items == []
camunda.delete_role("sdk-role")
print("done")

"""The Python client for Camunda 8.10, as it is installed; it refuses answers in which a member is missing."""

import sys
import threading
from pathlib import Path

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


def refused(error: type[Exception], call):
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

released = []
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
print("done")

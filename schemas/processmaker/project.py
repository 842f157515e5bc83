"""Projects and activities as objects. Source: dossier processmaker.md, section 3.1."""

from collections.abc import Mapping
from typing import Any

from schemas.processmaker.parameters import Parameter, check, integers, texts
from schemas.processmaker.wire import BadRequest

ASSIGN_TYPES = (
    "BALANCED", "MANUAL", "EVALUATE", "REPORT_TO", "SELF_SERVICE", "SELF_SERVICE_EVALUATE", "MULTIPLE_INSTANCE",
    "MULTIPLE_INSTANCE_VALUE_BASED",
)  # fmt: skip
_YES_OR_NO = ("TRUE", "FALSE")
#: what is checked of a change, in the vendor's order
_CHECKED = (
    Parameter("tas_title", required=True, shortest=1, longest=200),
    *texts("tas_description tas_priority_variable tas_derivation_screen_tpl"),
    Parameter("tas_start", choice=_YES_OR_NO),
    Parameter("tas_assign_type", choice=ASSIGN_TYPES),
    *texts("tas_assign_variable tas_group_variable"),
    *integers("tas_selfservice_time"),
    Parameter("tas_selfservice_timeout", "int", choice=("1", "0")),
    Parameter("tas_selfservice_time_unit", choice=("DAYS", "", "HOURS", "MINUTES")),
    Parameter("tas_selfservice_trigger_uid", longest=32),
    Parameter("tas_selfservice_execution", choice=("EVERY_TIME", "ONCE")),
    Parameter("tas_transfer_fly", choice=_YES_OR_NO),
    *integers("tas_duration"),
    Parameter("tas_timeunit", choice=("DAYS", "HOURS", "MINUTES")),
    Parameter("tas_type_day", choice=("", "1", "2")),
    *texts("tas_calendar"),
    Parameter("tas_type", choice=("NORMAL", "ADHOC", "SUBPROCESS")),
    *texts("tas_def_title tas_def_description"),
    Parameter("tas_send_last_email", choice=_YES_OR_NO),
    *texts("tas_def_subject_message"),
    Parameter("tas_def_message_type", choice=("text", "template")),
    *texts("tas_def_message tas_def_message_template"),
    *integers("tas_not_email_from_format"),
)

#: the properties of a task that are kept as they were sent, with what they are until then; others are not shown
PROPERTIES: Mapping[str, Any] = {
    "tas_description": "", "tas_def_title": "", "tas_def_subject_message": "", "tas_def_proc_code": "",
    "tas_def_message": "", "tas_def_description": "", "tas_duration": "1", "tas_temporizer": "0",
    "tas_type_day": "", "tas_timeunit": "DAYS", "tas_priority_variable": "", "tas_assign_type": "SELF_SERVICE",
    "tas_assign_variable": "@@SYS_NEXT_USER_TO_BE_ASSIGNED", "tas_group_variable": "", "tas_transfer_fly": "FALSE",
    "tas_owner_app": "FALSE", "tas_send_last_email": "FALSE", "tas_derivation_screen_tpl": "",
    "tas_selfservice_timeout": 0, "tas_selfservice_time": "0", "tas_selfservice_time_unit": "",
    "tas_selfservice_trigger_uid": "", "tas_selfservice_execution": "EVERY_TIME", "tas_not_email_from_format": 0,
    "tas_offline": "FALSE", "tas_email_server_uid": "", "tas_auto_root": "FALSE", "tas_receive_server_uid": "",
    "tas_receive_last_email": "FALSE", "tas_receive_email_from_format": 0, "tas_receive_message_type": "text",
    "tas_receive_message_template": "alert_message.html", "tas_receive_subject_message": "",
    "tas_receive_message": "", "tas_average": None, "tas_sdv": None, "tas_calendar": "",
    "tas_def_message_type": "text", "tas_def_message_template": "alert_message.html",
}  # fmt: skip


def properties(title: str, kind: str, kept: Mapping[str, Any]) -> dict[str, Any]:
    """The task row as `properties` of an activity; `kind` is NORMAL, ADHOC or SUBPROCESS."""
    members = {**PROPERTIES, **kept}
    description = members.pop("tas_description")
    return {"tas_title": title, "tas_description": description, "tas_type": kind, **members}


def read_properties(sent: Any) -> dict[str, Any]:
    """What a change of the properties keeps; names may have any case. Raises BadRequest."""
    if not isinstance(sent, dict) or not sent:
        kind = "ProcessMaker\\Services\\Api\\Project\\ActivityPropertiesStructure"
        raise BadRequest(f"Invalid value specified for `properties`. Expecting an item of type `{kind}`")
    values = {name.lower(): value for name, value in sent.items()}
    check((parameter for parameter in _CHECKED if parameter.name in values), values)
    kept_properties = {name: value for name, value in values.items() if name in PROPERTIES and value is not None}
    for name, value in kept_properties.items():
        if isinstance(value, dict | list):
            raise BadRequest(f"Invalid value specified for `{name}`. Expecting alpha numeric value")
    return kept_properties


def activity_row(uid: str, name: str, *, is_sub_process: bool, diagram: str, place: int) -> dict[str, Any]:
    """An activity of a diagram, put in a row: clients look at the id and the name."""
    return {
        "act_uid": uid,
        "act_name": name,
        "act_type": "SUB_PROCESS" if is_sub_process else "TASK",
        "act_is_for_compensation": "0",
        "act_start_quantity": "1",
        "act_completion_quantity": "1",
        "act_task_type": "COLLAPSED" if is_sub_process else "EMPTY",
        "act_implementation": "",
        "act_instantiate": "0",
        "act_script_type": "",
        "act_script": "",
        "act_loop_type": "EMPTY" if is_sub_process else "NONE",
        "act_test_before": "0",
        "act_loop_maximum": "0",
        "act_loop_condition": "0",
        "act_loop_cardinality": "0",
        "act_loop_behavior": "0",
        "act_is_adhoc": "0",
        "act_is_collapsed": "0",
        "act_completion_condition": "0",
        "act_ordering": "0",
        "act_cancel_remaining_instances": "1",
        "act_protocol": "0",
        "act_method": "0",
        "act_is_global": "0",
        "act_referer": "",
        "act_default_flow": "0",
        "act_master_diagram": "",
        "bou_x": str(100 + 200 * place),
        "bou_y": "100",
        "bou_width": "150",
        "bou_height": "75",
        "bou_container": "bpmnDiagram",
        "bou_element": diagram,
    }

"""Documents and values for examples: the demo world, and what the vendor's pages show."""

from collections.abc import Mapping
from typing import Any

from schemas.inubit.documents import Field, Module, Task, Unit, render_modules, render_task, tasklist
from schemas.inubit.forms import Value, render_form
from schemas.inubit.people import PERSON, ROLE, Count, Entity, Person, render_entities, render_units, render_users

TASK_ID, STARTER = "10f66801-77e7-4dfa-8f40-0f5039d4552a", "74933f6c-72c6-44c5-9e90-91070f98c7dd"
TIMESTAMP = "2025-06-07T14:21:11.781"
_ORGANIGRAM = "Dragoman"
_TASK = Task(
    id=TASK_ID,
    process=32361,
    creation=1261055573295,
    expiration=1261059173295,
    name="Review request",
    description="",
    lang="de",
    popup=True,
    user="testuser",
    rule_set="7efed0e6-7f00-0101-218f-31c46b1f3241",
    units=(Unit("HR_Sachbearbeiter", "Role"), Unit("testuser", "User")),
    fields=(Field("Ort", 1, "Berlin"),),
)
_STARTER = "PAB HR-Recruiting Vorauswahl@@@HR_Sachbearbeiter@@@PAB HR-Recruiting Vorauswahl WF Starter@@@140"
_MODULE = Module(_STARTER, "PAB HR-Recruiting Vorauswahl starten", "HR_Sachbearbeiter", "de")
_VALUES = (Value(308086401, "comment", "Test"), Value(308086402, "urgent", True))
_OFFERED = (Entity(ROLE, "Managers"), Entity(PERSON, "jrowe"))
PATH = _OFFERED[0].path(_ORGANIGRAM)

#: shape -> a document as it goes over the wire
DOCUMENTS: Mapping[str, str] = {
    "Task": render_task(_TASK),
    "Tasklist": render_task(_TASK).join(tasklist("testuser", 1, empty=False, portlet=True)),
    "Modules": render_modules((_MODULE,)),
    "Form": render_form(_VALUES),
    "Entities": render_entities(_ORGANIGRAM, _TASK.rule_set, _OFFERED),
    "Units": render_units("testuser", (Count(1), Count(1, "Role", "HR_Sachbearbeiter"), Count(0, "User", "testuser"))),
    "UserList": render_users((Person("miller", "miller@example.com", "Max", "Miller"),)),
    "Result": "<result/>",
    "Submission": '<Form><Response submitter="value"><Panel><TextField_308086401>Test</TextField_308086401></Panel>'
    "</Response></Form>",
    "TaskListRequest": "<TaskListRequest><Sorting><SortField><Field>NAME</Field><Order>DESCENDING</Order></SortField>"
    "</Sorting></TaskListRequest>",
}
VALUES: Mapping[str, Any] = {
    "user": "testuser",
    "userName": "testuser",
    "id": STARTER,
    "taskId": TASK_ID,
    "state": "on",
    "Roles": {"roles": ["HR_Sachbearbeiter", "Managers"]},
    "UnitFilter": {"Unit/@name": {"Role": ["HR_Sachbearbeiter"]}, "Unit/@type": "Role"},
    "Healthcheck": {"status": "OK", "maintenancemode": 0, "timestamp": "Thu Jul 29 11:32:03 UTC 2021"},
}

"""Rows of the mobile API. Source: dossier processmaker.md, section 3.11."""

from typing import Any

from schemas.processmaker.case import Person, Row
from schemas.processmaker.wire import local_time


def row(r: Row, *, unassigned: bool = False) -> dict[str, Any]:
    """What is null elsewhere is an empty text here."""
    members: dict[str, Any] = {
        "caseId": r.case_uid,
        "caseTitle": r.title,
        "caseNumber": str(r.number),
        "date": local_time(r.updated_at),
        "dueDate": local_time(r.due_at),
        "delIndex": str(r.index),
        "delegateDate": local_time(r.delegated_at),
    }
    if unassigned:
        members["currentUser"] = _person(r.user)
    else:
        members["delRiskDate"] = local_time(r.risk_at)
        members["user"] = {"userId": r.user.uid}
    members["prevUser"] = _person(r.previous)
    members["process"] = {"processId": r.process_uid, "name": r.process_name}
    members["task"] = {"taskId": r.task_uid, "name": r.task_name, "offlineEnabled": "0", "autoRoot": "0"}
    return members


def _person(person: Person) -> dict[str, str]:
    return {
        "userId": person.uid,
        "firstName": person.first_name,
        "lastName": person.last_name,
        "userName": person.username,
    }


def start(process_uid: str, process_name: str, task_uid: str, task_name: str) -> dict[str, Any]:
    return {
        "text": f"{process_name} ({task_name})",
        "processId": process_uid,
        "taskId": task_uid,
        "offlineEnabled": "0",
        "autoRoot": "0",
        "categoryName": "",
        "categoryId": "_OTHER_",
        "forms": [],
    }

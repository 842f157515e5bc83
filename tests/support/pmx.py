"""Project files of ProcessMaker 3, written for tests."""

from collections.abc import Iterable, Mapping
from xml.sax.saxutils import escape

PROJECT = "100000000000000000000000000000a1"
ASK, DECIDE, TELL = (f"200000000000000000000000000000{n}" for n in ("a1", "a2", "a3"))
START, END, GATEWAY = (f"300000000000000000000000000000{n}" for n in ("a1", "a2", "a3"))
CLERKS, FORM = "400000000000000000000000000000a1", "500000000000000000000000000000a1"

Row = Mapping[str, str]
Tables = dict[str, list[Row]]


def activity(uid: str, name: str, **members: str) -> Row:
    return {"act_uid": uid, "act_name": name, "act_type": "TASK", "act_task_type": "EMPTY"} | members


def event(uid: str, kind: str, marker: str = "EMPTY", behavior: str = "") -> Row:
    return {"evn_uid": uid, "evn_name": "", "evn_type": kind, "evn_marker": marker, "evn_behavior": behavior}


def gateway(uid: str, kind: str = "EXCLUSIVE", name: str = "") -> Row:
    return {"gat_uid": uid, "gat_name": name, "gat_type": kind, "gat_default_flow": "0"}


def flow(uid: str, origin: str, target: str, condition: str = "", position: int = 1, kind: str = "SEQUENCE") -> Row:
    return {
        "flo_uid": uid,
        "flo_type": kind,
        "flo_element_origin": origin,
        "flo_element_dest": target,
        "flo_condition": condition,
        "flo_position": str(position),
    }


def task(uid: str, way: str = "BALANCED", **members: str) -> Row:
    return {"tas_uid": uid, "tas_assign_type": way, "tas_start": "FALSE"} | members


def requests() -> tuple[Tables, Tables]:
    """Somebody asks, clerks decide, and whoever asked is told, or the case ends at once."""
    drawing: Tables = {
        "PROJECT": [{"prj_uid": PROJECT, "prj_name": "Requests & more"}],
        "ACTIVITY": [activity(ASK, "Ask"), activity(DECIDE, "Decide"), activity(TELL, "Tell")],
        "EVENT": [event(START, "START"), event(END, "END")],
        "GATEWAY": [gateway(GATEWAY, name="Granted?")],
        "FLOW": [
            flow("f1", START, ASK),
            flow("f2", ASK, DECIDE),
            flow("f3", DECIDE, GATEWAY),
            flow("f5", GATEWAY, END, "@@granted == 'no'", 2),
            flow("f4", GATEWAY, TELL, "@@granted == 'yes' && @%days < 5", 1),
            flow("f6", TELL, END),
        ],
    }
    running: Tables = {
        "tasks": [task(ASK, "SELF_SERVICE", tas_start="TRUE"), task(DECIDE, tas_description="Yes or no"), task(TELL)],
        "taskusers": [
            {"TAS_UID": DECIDE, "USR_UID": CLERKS, "TU_TYPE": "1", "TU_RELATION": "2"},
            {"TAS_UID": TELL, "USR_UID": "00000000000000000000000000000001", "TU_TYPE": "2", "TU_RELATION": "1"},
            {"TAS_UID": TELL, "USR_UID": "0000000000000000000000000000dead", "TU_TYPE": "1", "TU_RELATION": "1"},
        ],
        "groupwfs": [{"GRP_UID": CLERKS, "GRP_TITLE": "Clerks"}],
        "dynaforms": [{"DYN_UID": FORM, "DYN_TITLE": "Request", "DYN_CONTENT": '{"items":[]}'}],
        "steps": [
            {
                "STEP_UID": "600000000000000000000000000000a1",
                "TAS_UID": ASK,
                "STEP_TYPE_OBJ": "DYNAFORM",
                "STEP_UID_OBJ": FORM,
                "STEP_POSITION": "1",
                "STEP_MODE": "EDIT",
            }
        ],
        "triggers": [{"TRI_UID": "t1", "TRI_WEBBOT": "@@x = 1;"}, {"TRI_UID": "t2", "TRI_WEBBOT": "@@x = 2;"}],
    }
    return drawing, running


def written(drawing: Tables, running: Tables) -> bytes:
    """As a server exports it."""
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<ProcessMaker-Project version="3.0">\n'
        f"{_definition('BPMN', drawing)}{_definition('workflow', running)}</ProcessMaker-Project>\n"
    ).encode()


def _definition(kind: str, tables: Tables) -> str:
    return f'<definition class="{kind}">{"".join(_table(name, rows) for name, rows in tables.items())}</definition>\n'


def _table(name: str, rows: Iterable[Row]) -> str:
    records = "".join(
        f"<record>{''.join(f'<{member}>{escape(text)}</{member}>' for member, text in row.items())}</record>"
        for row in rows
    )
    return f'<table name="{name}">{records}</table>\n'

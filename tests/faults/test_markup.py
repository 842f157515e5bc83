"""Text that would like to be markup, and paths that would like to be more: rows X8, X13, X14 and X15 of the matrix."""

import ast
from collections.abc import Iterator
from html import escape
from pathlib import Path
from urllib.parse import quote

import orjson
import pytest
from lxml import etree

from gateway import demo
from schemas.common.xml import clean
from tests.faults.test_bad_input import fair
from tests.support.world import World

ROOT = Path(__file__).parents[2]
STARTER = "/ibis/rest/task/adhoc/testuser/74933f6c-72c6-44c5-9e90-91070f98c7dd"
JSON = {"content-type": "application/json"}
SOAP = '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>%s</s:Body></s:Envelope>'
HOSTILE = (
    *("<b>&amp;</b>", '"/><Task x="', "]]>", "<!--", "<![CDATA[x]]>", "&#0;&lt;", "'\"\n\t|", "a\x01b\x0b\ufffe"),
    *("1 name:with space", "xml", "\U0001f600é", "<?xml version='1.0'?>", "{http://x}y", "$x", "#text", "@name"),
)


def said(document: bytes) -> set[str]:
    """All texts and values of attributes."""
    root = etree.fromstring(document)
    values = (str(value) for element in root.iter("*") for value in element.attrib.values())
    return {*values, *(element.text or "" for element in root.iter("*"))}


async def started(world: World) -> tuple[str, str]:
    """A task of testuser and its instance."""
    task = (await world.call("POST", STARTER, user="testuser")).text
    mine = orjson.dumps({"filter": {"processDefinitionId": "request", "assignee": "testuser"}})
    found = await world.call("POST", "/v2/user-tasks/search", JSON, body=mine, user="demo")
    (item,) = found.json()["items"]
    return task, item["processInstanceKey"]


async def test_what_others_call_something_is_text_in_inubits_documents(world: World) -> None:
    """Names of variables and tasks and what they hold: each document is well-formed and says what XML can."""
    task, instance = await started(world)
    for text in HOSTILE:
        await _call_it(world, task, instance, text)


async def _call_it(world: World, task: str, instance: str, text: str) -> None:
    body = orjson.dumps({"variables": {text: f"value {text}"}})
    answer = await world.call("PUT", f"/v2/element-instances/{instance}/variables", JSON, body=body, user="demo")
    assert answer.status == 204, answer.text
    name = quote(text.encode(), safe="")
    answer = await world.call("PUT", f"/ibis/rest/task/tasks/{task}?path=Name&value={name}", user="testuser")
    assert answer.status == 200, answer.text
    for target in ("tasks", f"tasks/{task}", "taskfilter"):
        answer = await world.call("GET", f"/ibis/rest/task/{target}", user="testuser")
        assert clean(text) in said(answer.body), answer.text
    form = await world.call("GET", f"/ibis/rest/task/data/{task}", user="testuser")
    assert {clean(text), clean(f"value {text}")} <= said(form.body), form.text


async def test_what_others_say_is_text_in_inforouters_documents(world: World) -> None:
    for text in HOSTILE:
        await _say_it(world, text)


async def _say_it(world: World, text: str) -> None:
    instructions = f"<Instructions>{escape(clean(text))}</Instructions>"
    asked = f"<x><RequestedAssigneeName>jsmith</RequestedAssigneeName>{instructions}</x>"
    query = f"authenticationTicket={demo.TICKET}&documentPath=/Corporate/Contracts/Agreement.docx"
    made = await world.call("GET", f"/srv.asmx/CreateTask?{query}&xmlParameters={quote(asked)}")
    assert 'success="true"' in made.text, made.text
    mine = "<c><param NAME='DOCUMENTID' VALUE='1'/></c>"
    query = f"authenticationTicket={demo.TICKET}&xmlcriteria={quote(mine)}&SortBy=&AscendingOrder=true"
    by_get = await world.call("GET", f"/srv.asmx/getTasks?{query}")
    call = (
        f'<getTasks xmlns="http://tempuri.org/"><AuthenticationTicket>{demo.TICKET}</AuthenticationTicket>'
        f"<xmlcriteria>{mine}</xmlcriteria></getTasks>"
    )
    by_soap = await world.call("POST", "/srv.asmx", {"content-type": "text/xml"}, body=SOAP % call)
    for answer in (by_get, by_soap):
        assert clean(text).strip() in {value.strip() for value in said(answer.body)}, answer.text


PATHS = (
    *("Field[@name='x' or '1'='1']", "Field[@name='x']|//Unit", "//Field", "../Task/Name", "Field[@name='x']/../Name"),
    *("Name | Description", "Name[1]", "*", "@*", "@id", "@process", "document('file:///etc/passwd')", "Unit/@name"),
    *('Field[@name="x\' or "1"="1"]', "Name[string-length()>0]", "id('x')", "{x}Name", "x:Name", "", "/", "."),
)


async def test_a_path_of_inubit_is_one_of_a_few_words(world: World) -> None:
    """It looks like XPath and is none: what is not one of its words changes nothing."""
    task, _ = await started(world)
    before = (await world.call("GET", f"/ibis/rest/task/tasks/{task}", user="testuser")).text
    for path in PATHS:
        target = f"/ibis/rest/task/tasks/{task}?path={quote(path, safe='')}&value=changed"
        answer = await world.call("PUT", target, user="testuser")
        assert fair(answer, "inubit"), path
        assert answer.status == 400, path
        target = f"/ibis/rest/task/delegation/{task}?user=testuser&path={quote(path, safe='')}"
        assert 400 <= (await world.call("POST", target, user="testuser")).status < 500, path
    assert (await world.call("GET", f"/ibis/rest/task/tasks/{task}", user="testuser")).text == before


CRITERIA = ("' or '1'='1", "'] | //*[@x='", '" or ""="', "1 or 1=1", "') --", "*", "%", "//user", "$x", "{x}", "]]>")


async def test_criteria_are_compared_and_not_evaluated(world: World) -> None:
    everything = await search(world, "")
    assert "<Task" in everything
    for value in CRITERIA:
        for name in ("ASSIGNEEID", "DOCUMENTID", "INSTRUCTIONS", "TASKNAME", value):
            found = await search(world, f'<c><param NAME="{escape(name)}" VALUE="{escape(value)}"/></c>')
            assert 'success="' in found, found
            assert found != everything or name not in ("ASSIGNEEID", "DOCUMENTID"), (name, value)
    assert await search(world, "") == everything


async def search(world: World, criteria: str) -> str:
    query = f"authenticationTicket={demo.TICKET}&xmlcriteria={quote(criteria)}&SortBy=&AscendingOrder=true"
    return (await world.call("GET", f"/srv.asmx/getTasks?{query}")).text


def calls(folder: str) -> Iterator[tuple[str, ast.Call, str]]:
    """Each call of a method in the source, with its name."""
    for file in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                yield f"{file.relative_to(ROOT)}:{node.lineno}", node, node.func.attr


@pytest.mark.parametrize("folder", ["schemas", "adapters", "gateway"])
def test_no_parameter_gets_into_a_path(folder: str) -> None:
    """There is no XPath and no XSLT in the house, and what elements are looked for is written in the source."""
    for place, node, name in calls(folder):
        assert name not in ("xpath", "XPath", "XSLT", "XMLSchema", "xinclude", "XInclude"), place
        if folder == "schemas" and name in ("find", "findall", "findtext", "iterfind") and node.args:
            names = {part.id for part in ast.walk(node.args[0]) if isinstance(part, ast.Name)}
            written = isinstance(node.args[0], ast.Constant | ast.Name)
            assert written or names <= {"BPMN", "ZEEBE", "name"}, place


SOAP_ENC = 'xmlns:e="http://schemas.xmlsoap.org/soap/encoding/" xmlns:d="http://www.w3.org/2001/XMLSchema"'
#: X8: what would have a decoder reserve room, or follow references without an end
ENCODED = {
    "an array of 2^31": f'<UID {SOAP_ENC} e:arrayType="d:string[2147483648]"/>',
    "an array of arrays": f'<UID {SOAP_ENC} e:arrayType="d:string[9999,9999,9999][]"/>',
    "an offset": f'<UID {SOAP_ENC} e:offset="[2147483647]" e:position="[4294967295]"/>',
    "a SOAP 1.2 array": '<UID xmlns:e="http://www.w3.org/2003/05/soap-encoding" e:arraySize="2147483648"/>',
    "itself": '<UID href="#a" id="a"/>',
    "a circle": '<UID href="#a"/><x id="a" href="#b"/><y id="b" href="#a"/>',
    "a long way": '<UID href="#n0"/>' + "".join(f'<x id="n{n}" href="#n{n + 1}"/>' for n in range(400)),
    "elsewhere": '<UID href="file:///etc/passwd"/>',
}


async def test_encodings_of_soap_are_not_decoded(world: World) -> None:
    """Neither arrays nor references: the element is empty, and so is the user's name."""

    async def login(inside: str) -> bytes:
        call = f'<AuthenticateUser xmlns="http://tempuri.org/">{inside}<PWD>jdoe</PWD></AuthenticateUser>'
        answer = await world.call("POST", "/srv.asmx", {"content-type": "text/xml"}, body=SOAP % call)
        assert answer.status == 200, answer.text
        return answer.body

    nobody = await login("<UID/>")
    for what, inside in ENCODED.items():
        assert await login(inside) == nobody, what

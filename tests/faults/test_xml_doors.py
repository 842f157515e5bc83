"""Every way for a document into the gateway, with every document that means harm: rows X1 to X6 of the fault matrix.

Each door is first tried with the document that it expects: what is refused behind that is so for the harm it means.
"""

import logging
import re
import socket
from collections.abc import Awaitable, Callable, Iterator, Mapping
from functools import partial
from html import escape
from pathlib import Path
from urllib.parse import quote

import pytest

from gateway import demo
from tests.faults.test_bad_input import fair
from tests.support import pmx
from tests.support.asgi import Answer, basic
from tests.support.world import World

Send = Callable[[bytes], Awaitable[Answer]]

SOAP = {
    "http://schemas.xmlsoap.org/soap/envelope/": "text/xml; charset=utf-8",
    "http://www.w3.org/2003/05/soap-envelope": "application/soap+xml; charset=utf-8",
}
S11, S12 = SOAP
FORM = {"content-type": "application/x-www-form-urlencoded"}
TASK_DEF = b'<t TaskName="Read" DeadLine="8"><instruction>Read it</instruction></t>'
NEW_TASK = b"<x><RequestedAssigneeName>jsmith</RequestedAssigneeName><Instructions>Read</Instructions></x>"
FLOW = {"DomainName": "Corporate", "FlowName": "ContractApproval"}
#: a method of infoRouter -> (the parameter that holds a document, a good one, the others)
PARAMETERS: dict[str, tuple[str, bytes, dict[str, object]]] = {
    "getTasks": (
        "xmlcriteria",
        b"<c><param NAME='ASSIGNEEID' VALUE='5'/></c>",
        {"SortBy": "", "AscendingOrder": "true"},
    ),
    "GetTasks1": (
        "xmlcriteria",
        b"<c><param NAME='ASSIGNEEID' VALUE='5'/></c>",
        {"startingRow": 0, "rowCount": 5, "SortBy": "", "AscendingOrder": "true"},
    ),
    "CreateTask": ("xmlParameters", NEW_TASK, {"documentPath": "/Corporate/Contracts/Agreement.docx"}),
    "CreateRelatedTask": ("xmlParameters", NEW_TASK, {"taskId": 2}),
    "UpdateUserPreferences": ("xmlPreferences", b'<p EmailType="text"></p>', {"UserName": "jdoe"}),
    "AddFlowTaskDef": ("TaskDefXML", TASK_DEF, {**FLOW, "StepNumber": 1}),
    "UpdateWorkflowTaskDef": ("taskDefXML", TASK_DEF, {**FLOW, "stepNumber": 1, "taskDefId": 10001}),
    "UpdateWorkflowDefinition": (
        "xmlParameters",
        b"<x><Active>false</Active></x>",
        {"domainName": "Corporate", "workflowName": "ContractApproval"},
    ),
    "UpdateRunningWorkflowTaskDef": (
        "taskDefXML",
        TASK_DEF,
        {"documentPath": "/Corporate/Contracts/Agreement.docx", "workflowId": 5, "stepNumber": 1, "taskDefId": 10001},
    ),
}
LOGIN = b'<AuthenticateUser xmlns="http://tempuri.org/"><UID>jdoe</UID><PWD>jdoe</PWD></AuthenticateUser>'
BPMN = (
    b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"><process id="p" isExecutable="true">'
    b'<documentation>x</documentation><startEvent id="s"/><sequenceFlow id="f" sourceRef="s" targetRef="e"/>'
    b'<endEvent id="e"/></process></definitions>'
)
DMN = (
    b'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="D" namespace="d">'
    b'<decision id="one" name="One"><literalExpression><text>1</text></literalExpression></decision></definitions>'
)
FILTER = (
    b"<TaskListRequest><Sorting><SortField><Field>NAME</Field><Order>ASCENDING</Order></SortField></Sorting>"
    b"</TaskListRequest>"
)
SUBMITTED = b"<Form><Response><Panel><TextField_1>x</TextField_1></Panel></Response></Form>"
STARTER = "/ibis/rest/task/adhoc/testuser/74933f6c-72c6-44c5-9e90-91070f98c7dd"


async def soap(world: World, namespace: str) -> tuple[bytes, Send]:
    async def send(document: bytes) -> Answer:
        return await world.call("POST", "/srv.asmx", {"content-type": SOAP[namespace]}, body=document)

    return b'<e:Envelope xmlns:e="%b"><e:Body>%b</e:Body></e:Envelope>' % (namespace.encode(), LOGIN), send


async def parameter(world: World, method: str, transport: str) -> tuple[bytes, Send]:
    name, good, others = PARAMETERS[method]

    async def post(values: Mapping[str, object], method: str = method) -> Answer:
        values = {"authenticationTicket": demo.TICKET, **values}
        form = "&".join(f"{key}={quote(str(value), safe='')}" for key, value in values.items())
        return await world.call("POST", f"/srv.asmx/{method}", FORM, body=form)

    async def send(document: bytes) -> Answer:
        if transport == "form":
            return await post({**others, name: document.decode("latin-1")})
        values = {"AuthenticationTicket": demo.TICKET, **others}
        inner = "".join(f"<{key}>{escape(str(value))}</{key}>" for key, value in values.items())
        text = f"<{name}>{escape(document.decode('latin-1'))}</{name}>"
        call = f'<{method} xmlns="http://tempuri.org/">{inner}{text}</{method}>'
        body = f'<e:Envelope xmlns:e="{S11}"><e:Body>{call}</e:Body></e:Envelope>'
        return await world.call("POST", "/srv.asmx", {"content-type": SOAP[S11]}, body=body)

    if method == "UpdateRunningWorkflowTaskDef":
        submitted = {"Path": "/Corporate/Contracts/Agreement.docx", "FlowDefID": 9}
        assert 'success="true"' in (await post(submitted, "SubmitDocumentToFlow")).text
    else:
        named = {"domainName": "Corporate", "flowName": "ContractApproval"}
        assert 'success="true"' in (await post(named, "DeactivateFlowDef")).text
    return good, send


async def inubit(world: World, method: str) -> tuple[bytes, Send]:
    headers = {"authorization": basic("testuser")}

    async def send(document: bytes) -> Answer:
        if method == "SUBMIT":
            started = await world.call("POST", STARTER, headers)
            return await world.call("POST", f"/ibis/rest/task/submit/{started.text}", headers, body=document)
        return await world.call(method, "/ibis/rest/task/taskfilter", headers, body=document)

    return SUBMITTED if method == "SUBMIT" else FILTER, send


async def deployment(world: World, kind: str) -> tuple[bytes, Send]:
    async def send(document: bytes) -> Answer:
        part = b'--b\r\nContent-Disposition: form-data; name="resources"; filename="a.%b"\r\n\r\n' % kind.encode()
        headers = {"content-type": "multipart/form-data; boundary=b"}
        body = part + document + b"\r\n--b--\r\n"
        return await world.call("POST", "/v2/deployments", headers, body=body, user="demo")

    return BPMN if kind == "bpmn" else DMN, send


Open = Callable[[World], Awaitable[tuple[bytes, Send]]]


async def project(world: World) -> tuple[bytes, Send]:
    headers = {**await world.token(), "content-type": "multipart/form-data; boundary=b"}

    async def send(document: bytes) -> Answer:
        head = b'--b\r\nContent-Disposition: form-data; name="project_file"; filename="x.pmx"\r\n\r\n'
        path = "/api/1.0/workflow/project/import?option=overwrite"
        return await world.call("POST", path, headers, body=head + document + b"\r\n--b--\r\n")

    return pmx.written(*pmx.requests()).partition(b"\n")[2].strip(), send


DOORS: dict[str, tuple[str, Open]] = {
    "project": ("processmaker", project),
    "SOAP 1.1": ("inforouter", lambda world: soap(world, S11)),
    "SOAP 1.2": ("inforouter", lambda world: soap(world, S12)),
    **{
        f"{method} in a form": ("inforouter", partial(parameter, method=method, transport="form"))
        for method in PARAMETERS
    },
    "getTasks in SOAP": ("inforouter", lambda world: parameter(world, "getTasks", "soap")),
    "task filter, GET": ("inubit", lambda world: inubit(world, "GET")),
    "task filter, POST": ("inubit", lambda world: inubit(world, "POST")),
    "submission": ("inubit", lambda world: inubit(world, "SUBMIT")),
    "BPMN": ("camunda", lambda world: deployment(world, "bpmn")),
    "DMN": ("camunda", lambda world: deployment(world, "dmn")),
}


def with_root(document: bytes, attributes: bytes = b"", inside: bytes = b"") -> bytes:
    """Something more in the root element."""
    opened = re.match(rb"<[^>]*", document)
    assert opened is not None
    at = opened.end()
    return document[:at] + attributes + b">" + inside + document[at + 1 :]


def doctypes(good: bytes, url: bytes, file: bytes) -> Iterator[bytes]:
    """X1 to X3."""
    entity = with_root(good, inside=b"&e;")
    yield b"<!DOCTYPE x>" + good
    yield b'<!DOCTYPE x SYSTEM "%b/x.dtd">' % url + good
    yield b'<!DOCTYPE x PUBLIC "-//W3C//DTD XHTML 1.0//EN" "%b/x.dtd">' % url + good
    yield b'<!DOCTYPE x [<!ENTITY e SYSTEM "%b">]>' % url + entity
    yield b'<!DOCTYPE x [<!ENTITY e SYSTEM "file://%b">]>' % file + entity
    yield b'<!DOCTYPE x [<!ENTITY e SYSTEM "%b">]>' % file + entity
    yield b'<!DOCTYPE x [<!ENTITY %% p SYSTEM "%b"> %%p;]>' % url + good
    yield b'<!DOCTYPE x [<!ENTITY %% p SYSTEM "file://%b"> %%p; ]>' % file + good
    yield b'<!DOCTYPE x [<!ENTITY e "%b">]>' % (b"a" * 100_000) + with_root(good, inside=b"&e;" * 10)
    yield b'<!DOCTYPE x [<!ENTITY e "&f;"><!ENTITY f "&e;">]>' + entity
    laughs = b"".join(b'<!ENTITY l%d "%b">' % (n + 1, b"&l%d;" % n * 10) for n in range(9))
    yield b'<!DOCTYPE x [<!ENTITY l0 "ha">%b]>' % laughs + with_root(good, inside=b"&l9;")
    yield b'<!DOCTYPE x [<!ATTLIST x y CDATA "%b">]>' % (b"d" * 10_000) + good


def oversized(good: bytes) -> Iterator[bytes]:
    """X5, X6."""
    for depth in (65, 10_000):
        yield with_root(good, inside=b"<a>" * depth + b"</a>" * depth)
    attributes = b"".join(b' a%d="1"' % n for n in range(257))
    yield with_root(good, attributes)
    yield with_root(good, inside=b"<a%b/>" % attributes)
    yield with_root(good, inside=b"<a/>" * 50_001)
    yield with_root(good, inside=b"<%b/>" % (b"n" * 65_536))
    yield with_root(good, b' %b="1"' % (b"n" * 65_536))


def with_addresses(good: bytes, url: bytes) -> Iterator[bytes]:
    """X4: what names an address without a document type."""
    yield b'<?xml-stylesheet type="text/xsl" href="%b"?>' % url + good
    yield b'<?php system("id")?>' + good + b'<?x href="%b"?>' % url
    for parse in (b"xml", b"text"):
        include = b'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" parse="%b" href="%b"/>' % (parse, url)
        yield with_root(good, inside=include)
    schema = b' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    yield with_root(good, schema + b' xsi:schemaLocation="urn:x %b"' % url)
    yield with_root(good, schema + b' xsi:noNamespaceSchemaLocation="%b"' % url)
    yield with_root(good, b' xml:base="%b"' % url)


def is_refused(answer: Answer, dialect: str) -> bool:
    """For being no document that the gateway reads, in the words of the dialect."""
    if not fair(answer, dialect):
        return False
    if dialect != "inforouter":
        return answer.status == 400
    return answer.status == 400 or "parsing error:" in answer.text or "Invalid XML:" in answer.text


@pytest.mark.parametrize("door", DOORS)
async def test_no_document_that_means_harm_gets_in(
    world: World, door: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    dialect, opened = DOORS[door]
    good, send = await opened(world)
    secret = tmp_path / "secret"
    secret.write_text("what-stands-in-the-file")
    with socket.create_server(("127.0.0.1", 0)) as listener, caplog.at_level(logging.DEBUG):
        listener.setblocking(False)
        url = b"http://127.0.0.1:%d/x" % listener.getsockname()[1]
        answer = await send(good)
        assert fair(answer, dialect)
        assert not is_refused(answer, dialect), answer.text
        for document in (*doctypes(good, url, str(secret).encode()), *oversized(good)):
            answer = await send(document)
            assert is_refused(answer, dialect), f"{document[:200]!r}: {answer.status} {answer.text[:300]}"
            assert "what-stands-in-the-file" not in answer.text
        for document in with_addresses(good, url):
            answer = await send(document)
            assert fair(answer, dialect), f"{document[:200]!r}: {answer.status} {answer.text[:300]}"
        with pytest.raises(BlockingIOError):  # whoever had come by now would be let in
            listener.accept()
    assert "what-stands-in-the-file" not in caplog.text


@pytest.mark.parametrize("door", DOORS)
async def test_documents_at_the_limits_get_in(world: World, door: str) -> None:
    dialect, opened = DOORS[door]
    good, send = await opened(world)
    attributes = b"".join(b' a%d="1"' % n for n in range(250))
    for inside in (b"<a>" * 60 + b"</a>" * 60, b"<a%b/>" % attributes, b"<a/>" * 9_000, b"<%b/>" % (b"n" * 900)):
        if door in ("BPMN", "DMN"):  # which say what they don't know
            inside = b"<extensionElements>" + inside + b"</extensionElements>"
        answer = await send(with_root(good, inside=inside))
        assert not is_refused(answer, dialect), f"{inside[:100]!r}: {answer.status} {answer.text[:300]}"

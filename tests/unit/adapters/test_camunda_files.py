"""Files as they are deployed: in whatever encoding they declare, and without document types."""

from pathlib import Path

import pytest

from schemas.common.xml import BadXml, parse
from tests.support.asgi import basic
from tests.support.world import World, open_world

PROCESS = (
    '<?xml version="1.0" encoding="{0}"?><definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL">'
    '<process id="grün" name="Prüfung" isExecutable="true"><startEvent id="s"/></process></definitions>'
)


async def _deploy(world: World, content: bytes) -> str:
    head = b'--B\r\nContent-Disposition: form-data; name="resources"; filename="a.bpmn"\r\n\r\n'
    headers = {"authorization": basic("demo"), "content-type": "multipart/form-data; boundary=B"}
    answer = await world.call("POST", "/v2/deployments", headers, body=head + content + b"\r\n--B--\r\n")
    assert answer.status == 200, answer.text
    key: str = answer.json()["deployments"][0]["processDefinition"]["processDefinitionKey"]
    return key


@pytest.mark.parametrize("encoding", ["ISO-8859-1", "UTF-16", "windows-1252", "UTF-8"])
async def test_a_file_is_read_and_given_back_in_its_own_encoding(encoding: str, template: Path, tmp_path: Path) -> None:
    content = PROCESS.format(encoding).encode(encoding)
    async with open_world(template, tmp_path) as world:
        key = await _deploy(world, content)
        headers = {"authorization": basic("demo")}
        answer = await world.call("GET", f"/v2/process-definitions/{key}", headers)
        assert answer.json()["name"] == "Prüfung"
        answer = await world.call("GET", f"/v2/process-definitions/{key}/xml", {**headers, "accept": "text/xml"})
        assert answer.body == content


@pytest.mark.parametrize(
    "document",
    [
        "<!DOCTYPE x><x/>",
        '<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>',
        '<!DOCTYPE x PUBLIC "-//W3C//DTD XHTML 1.0//EN" "http://example.org/x.dtd"><x/>',
        '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>',
        '<!-- --><!DOCTYPE x [<!ENTITY % p SYSTEM "http://example.org/x.dtd"> %p;]><x/>',
    ],
)
def test_document_types_are_refused(document: str) -> None:
    with pytest.raises(BadXml):
        parse(document.encode())


def test_what_only_looks_like_a_document_type_is_read() -> None:
    assert parse(b"<x><![CDATA[<!DOCTYPE html>]]><!-- <!DOCTYPE x> --></x>").text == "<!DOCTYPE html>"


@pytest.mark.parametrize(("size", "status"), [(3, 200), (11, 413)])
async def test_a_deployment_may_be_longer_than_other_bodies(
    size: int, status: int, template: Path, tmp_path: Path
) -> None:
    content = PROCESS.format("UTF-8").replace('name="Prüfung"', f'name="{"x" * size * 1024 * 1024}"').encode()
    head = b'--B\r\nContent-Disposition: form-data; name="resources"; filename="a.txt"\r\n\r\n'
    headers = {"authorization": basic("demo"), "content-type": "multipart/form-data; boundary=B"}
    async with open_world(template, tmp_path) as world:
        answer = await world.call("POST", "/v2/deployments", headers, body=head + content + b"\r\n--B--\r\n")
        assert answer.status == status

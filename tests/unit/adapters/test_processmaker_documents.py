"""Documents of a case: what may be how long, and what a name may do."""

import json
from pathlib import Path

import pytest

from adapters.common.downloads import attachment, media_type_of
from adapters.processmaker.documents import BESIDES, _file_name
from gateway import demo
from tests.support.asgi import Answer
from tests.support.world import World, open_world

API = "/api/1.0/workflow"
LONGEST = 3_000_000


async def post(world: World, path: str, headers: dict[str, str], value: object) -> Answer:
    return await world.call(
        "POST", f"{API}{path}", {**headers, "content-type": "application/json"}, body=json.dumps(value)
    )


async def upload(world: World, case: str, headers: dict[str, str], content: bytes, name: str = "a.bin") -> Answer:
    fields = {"tas_uid": demo.ACTIVITY, "app_doc_comment": "c", "inp_doc_uid": "1" * 32}
    head = "".join(f'--b\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in fields.items())
    head += f'--b\r\nContent-Disposition: form-data; name="form"; filename="{name}"\r\n\r\n'
    body = head.encode() + content + b"\r\n--b--\r\n"
    multipart = {**headers, "content-type": "multipart/form-data; boundary=b"}
    return await world.call("POST", f"{API}/cases/{case}/input-document", multipart, body=body)


async def test_a_file_may_be_longer_than_other_bodies_if_one_knows_whose_it_is(template: Path, tmp_path: Path) -> None:
    """2 MiB are what `max_body` is here."""
    async with open_world(template, tmp_path, dialects={"processmaker": {"max_file": str(LONGEST)}}) as world:
        admin = await world.token()
        mary = await world.token("mary")
        assignee = {"aas_uid": "184131195492c7a04cba5f9056989964", "aas_type": "user"}
        await post(world, f"/project/{demo.PROJECT}/activity/{demo.ACTIVITY}/assignee", admin, assignee)
        started = await post(world, "/cases", mary, {"pro_uid": demo.PROJECT, "tas_uid": demo.ACTIVITY})
        case = started.json()["app_uid"]
        content = bytes(range(250)) * (LONGEST // 250)
        added = await upload(world, case, mary, content)
        assert added.status == 200, added.text
        uid = added.json()["app_doc_uid"]
        read = await world.call("GET", f"{API}/cases/{case}/input-document/{uid}/file", mary)
        assert (read.status, read.body == content) == (206, True)
        for headers, longer in ((mary, content + b"x"), (mary, content + b"x" * BESIDES), ({}, content)):
            refused = await upload(world, case, headers, longer)
            assert (refused.status, refused.json()["error"]["code"]) == (413, 413)
        listed = await world.call("GET", f"{API}/cases/{case}/input-documents", mary)
        assert len(listed.json()) == 1


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("a.txt", "a.txt"),
        ("/etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("a\r\nX-Evil: 1.txt", "aX-Evil: 1.txt"),
        ("\x00", ""),
        ("..", ".."),
        ("a\u202etxt.exe", "atxt.exe"),
        ("Grüße.pdf", "Grüße.pdf"),
    ],
)
def test_a_name_keeps_no_folders_and_nothing_that_cannot_be_seen(sent: str, kept: str) -> None:
    assert _file_name(sent) == kept


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("a.txt", 'attachment; filename="a.txt"'),
        ('a"; x="b', "attachment; filename=\"a_; x=_b\"; filename*=UTF-8''a%22%3B%20x%3D%22b"),
        ("a\r\nb", "attachment; filename=\"a__b\"; filename*=UTF-8''a%0D%0Ab"),
        ("€", "attachment; filename=\"_\"; filename*=UTF-8''%E2%82%AC"),
    ],
)
def test_a_header_holds_any_name(name: str, value: str) -> None:
    assert attachment(name) == {"content-disposition": value}


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("a.txt", "text/plain"),
        ("A.PDF", "application/pdf"),
        ("a.tar.gz", "application/octet-stream"),
        ("a", "application/octet-stream"),
        ("", "application/octet-stream"),
        ("http://example.org/a.nothing", "application/octet-stream"),
    ],
)
def test_a_type_is_told_by_the_end_of_a_name(name: str, media_type: str) -> None:
    assert media_type_of(name) == media_type

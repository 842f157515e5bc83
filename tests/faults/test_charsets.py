"""Character sets that clients name, and forms: in every dialect, wherever they can stand."""

import codecs
from collections.abc import Iterator

import pytest

from schemas.common import charsets
from schemas.common.xml import BadXml, parse
from tests.support.asgi import Answer
from tests.support.world import World

#: in Python's table, and in no list of a dialect
EVIL = [
    "punycode",
    "idna",
    "undefined",
    "unicode_escape",
    "raw-unicode-escape",
    "rot13",
    "base64",
    "zlib",
    "mbcs",
    "utf-7",
]
FORM = "application/x-www-form-urlencoded"
ENVELOPE = (
    '<?xml version="1.0"{}?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>'
    '<AuthenticateUser xmlns="http://tempuri.org/"><UID>j\xfcrgen</UID><PWD>x</PWD></AuthenticateUser>'
    "</soap:Body></soap:Envelope>"
)
SOAP_12 = (b"http://schemas.xmlsoap.org/soap/envelope/", b"http://www.w3.org/2003/05/soap-envelope")
PARTS = (
    '--b\r\nContent-Disposition: form-data; name="grant_type"\r\nContent-Type: text/plain; charset={0}\r\n\r\nx\r\n'
    '--b\r\nContent-Disposition: form-data; name="resources"; filename*={0}\'\'a.bpmn; filename="a.bpmn"\r\n\r\n'
    '<?xml version="1.0" encoding="{0}"?><a/>\r\n--b--\r\n'
)
LONG = b"\xfc-\x80a" * 100_000


@pytest.fixture(scope="module")
def looked_up() -> Iterator[list[str]]:
    """Names that were looked for in Python's table and are not there."""
    names: list[str] = []

    def look(name: str) -> None:
        names.append(name)

    codecs.register(look)
    yield names
    codecs.unregister(look)


async def everywhere(world: World, name: str) -> dict[str, Answer]:
    """The answers to requests that name a character set, by where they name it."""
    token, jwt = await world.token(), await world.jwt()
    quoted = f'; charset="{name}"'
    plain = f"; charset={name}"
    declared = ENVELOPE.format(f' encoding="{name}"').encode("latin-1")
    soap = {"soapaction": '"http://tempuri.org/AuthenticateUser"'}
    multipart = {"content-type": f"multipart/form-data; boundary=b{plain}"}
    task = "/v2/user-tasks/search"

    async def post(target: str, content_type: str, body: bytes, user: str = "", **headers: str) -> Answer:
        return await world.call("POST", target, {"content-type": content_type, **headers}, body=body, user=user)

    return {
        "SOAP 1.1, header": await post("/srv.asmx", f"text/xml{plain}", LONG, **soap),
        "SOAP 1.1, quoted": await post("/srv.asmx", f"text/xml{quoted}", ENVELOPE.format("").encode(), **soap),
        "SOAP 1.1, declaration": await post("/srv.asmx", "text/xml", declared, **soap),
        "SOAP 1.2, header": await post("/srv.asmx", f"application/soap+xml{plain}", LONG),
        "SOAP 1.2, declaration": await post("/srv.asmx", "application/soap+xml", declared.replace(*SOAP_12)),
        "infoRouter, form": await post("/srv.asmx/AuthenticateUser", FORM + plain, b"UID=%FC&PWD=" + LONG),
        "INUBIT, header": await post("/ibis/rest/task/tasks", f"application/xml{plain}", b"<a/>", user="admin"),
        "INUBIT, declaration": await post("/ibis/rest/task/tasks", "application/xml", declared, user="admin"),
        "ProcessMaker, form": await post("/workflow/oauth2/token", FORM + plain, b"grant_type=" + LONG),
        "ProcessMaker, JSON": await post("/workflow/oauth2/token", f"application/json{plain}", b"{}"),
        "ProcessMaker, multipart": await post("/workflow/oauth2/token", "", PARTS.format(name).encode(), **multipart),
        "ProcessMaker, API": await post("/api/1.0/workflow/cases", f"application/json{plain}", b"{}", **token),
        "Camunda, JSON": await post(task, f"application/json{plain}", b"{}", user="demo"),
        "Camunda, form": await post("/login", FORM + plain, b"username=" + LONG),
        "Camunda, multipart": await post("/v2/deployments", "", PARTS.format(name).encode(), "demo", **multipart),
        "Camunda, part": await post(
            "/v2/deployments",
            "",
            PARTS.format(name).encode(),
            "demo",
            **{"content-type": "multipart/form-data; boundary=b"},
        ),
        "facilioo, JSON": await post("/api/processes", f"application/json{plain}", b"{}", **jwt),
    }


async def test_no_name_reaches_the_table_of_the_language(world: World, looked_up: list[str]) -> None:
    await everywhere(world, "dragoman-unheard-of")
    assert [name for name in looked_up if "unheard" in name] == []


@pytest.mark.parametrize("name", [*EVIL, "klingon", "utf-8 x", "\xfc"])
async def test_unknown_ones_are_answered_as_the_vendor_would(world: World, name: str) -> None:
    answers = await everywhere(world, name)
    statuses = {where: answer.status for where, answer in answers.items()}
    named = " " not in name  # else a header ends before it
    assert statuses == {
        "SOAP 1.1, header": 400,
        "SOAP 1.1, quoted": 200,
        "SOAP 1.1, declaration": 200,
        "SOAP 1.2, header": 500,  # the host looks for an element first
        "SOAP 1.2, declaration": 200,
        "infoRouter, form": 200,
        "INUBIT, header": 400,
        "INUBIT, declaration": 400,
        "ProcessMaker, form": 400,
        "ProcessMaker, JSON": 400,
        "ProcessMaker, multipart": 400,
        "ProcessMaker, API": 400,
        "Camunda, JSON": 415 if named else 200,
        "Camunda, form": 401,
        "Camunda, multipart": 400,
        "Camunda, part": 400,
        "facilioo, JSON": 415 if named else 400,
    }


async def test_what_the_services_say(world: World) -> None:
    answers = await everywhere(world, "punycode")
    camunda = answers["Camunda, JSON"].json()
    assert (camunda["title"], camunda["detail"]) == ("Unsupported Media Type", "Could not parse Content-Type.")
    assert answers["Camunda, multipart"].json()["detail"] == "Failed to parse multipart servlet request"
    assert answers["facilioo, JSON"].json()["title"] == "Unsupported Media Type"


async def test_ascii_is_what_the_host_takes_unknown_ones_for(world: World) -> None:
    """Each byte beyond it is a question mark."""
    asked = {"content-type": f"{FORM}; charset=klingon"}
    answer = await world.call("POST", "/srv.asmx/authenticateuser", asked, body=b"")
    assert answer.status == 500
    from schemas.inforouter import form, soap

    assert form.parse(b"a=%C3%BC&b=\xc3x", "klingon") == {"a": ["??"], "b": ["?x"]}
    envelope = soap.read(ENVELOPE.format("").encode(), "klingon")
    assert envelope.wrapper is not None
    assert envelope.wrapper[0].text == "j??rgen"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("UTF-8", "jürgen €"),
        ("utf8", "jürgen €"),
        ("ISO-8859-1", "jürgen"),
        ("iso_8859-15", "jürgen €"),
        ("windows-1252", "jürgen €"),
        ("Windows-1251", "Юрген"),
        ("koi8-r", "Юрген"),
        ("Shift_JIS", "ユルゲン"),
        ("GB2312", "于尔根"),
        ("utf-16", "jürgen €"),
    ],
)
async def test_known_ones_are_read_everywhere(world: World, name: str, text: str) -> None:
    from schemas.inforouter import form, soap

    codec = charsets.known(name)
    assert codec is not None
    raw = ENVELOPE.format("").replace("jürgen", text).encode(codec)
    envelope = soap.read(raw, name)
    assert envelope.wrapper is not None
    assert envelope.wrapper[0].text == text
    assert parse(f'<?xml version="1.0" encoding="{name}"?><a>{text}</a>'.encode(codec)).text == text
    if not charsets.is_wide(codec):
        assert form.parse(b"a=" + text.encode(codec), name) == {"a": [text]}
    wanted = f'{{"filter":{{"assignee":"{text}"}}}}'.encode(codec)
    headers = {"content-type": f"application/json; charset={name}"}
    assert (await world.call("POST", "/v2/user-tasks/search", headers, body=wanted, user="demo")).status == 200


@pytest.mark.parametrize("name", [*EVIL, "klingon"])
def test_documents_in_unknown_ones_are_refused(name: str) -> None:
    with pytest.raises(BadXml):
        parse(f'<?xml version="1.0" encoding="{name}"?><a/>'.encode())
    with pytest.raises(BadXml):
        parse(f'<?xml version="1.0" encoding="{name}"?><a/>'.encode("utf-16")[2:][1:])


def test_a_declaration_that_cannot_be_true_is_passed_over_in_soap_1_1() -> None:
    from schemas.inforouter import soap

    raw = ENVELOPE.format(' encoding="utf-16"').encode()
    envelope = soap.read(raw, "")
    assert envelope.wrapper is not None
    assert envelope.wrapper[0].text == "jürgen"
    with pytest.raises((BadXml, soap.Fault)):
        soap.read(raw, "", believe=True)


# forms

MANY = b"&".join(b"a%d=b" % n for n in range(600))


@pytest.mark.parametrize(
    ("target", "status", "shape"),
    [
        ("/login", 400, b'"detail":"Failed to read request"'),
        ("/srv.asmx/AuthenticateUser", 400, b""),
    ],
)
async def test_forms_with_too_many_fields(world: World, target: str, status: int, shape: bytes) -> None:
    few = await world.call("POST", target, {"content-type": FORM}, body=MANY)
    many = await world.call("POST", target, {"content-type": FORM}, body=MANY + b"&" + MANY)
    empty = await world.call("POST", target, {"content-type": FORM}, body=b"&" * 1_000_000)
    assert (few.status, few.body) != (many.status, many.body)
    assert (many.status, empty.status) == (status, status)
    assert shape in many.body


@pytest.mark.parametrize(("target", "user"), [("/workflow/oauth2/token", ""), ("/v2/deployments", "demo")])
async def test_multipart_bodies_with_too_many_parts(world: World, target: str, user: str) -> None:
    part = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n'
    headers = {"content-type": "multipart/form-data; boundary=b"}
    many = await world.call("POST", target, headers, body=part * 1001 + b"--b--\r\n", user=user)
    assert many.status == 400
    assert "multipart" in many.text


@pytest.mark.parametrize("most", [999, 1000])
async def test_what_php_drops_of_a_form_is_dropped(world: World, most: int) -> None:
    """The fields behind the last that may be: the one that counts is the thousandth, or the one behind it."""
    sent = MANY + b"&" + b"&".join(b"c%d=d" % n for n in range(most - 600)) + b"&&&grant_type=x"
    answer = await world.call("POST", "/workflow/oauth2/token", {"content-type": FORM}, body=sent)
    assert answer.json()["error"] == ("unsupported_grant_type" if most == 999 else "invalid_request")


async def test_what_php_drops_of_a_query_is_dropped(world: World) -> None:
    token = await world.token()
    for most, status in ((999, 400), (1000, 200)):
        answer = await world.call("GET", f"/api/1.0/workflow/cases?{'a&' * most}start=b", token)
        assert answer.status == status

"""Every infoRouter case once more over POST form, SOAP 1.1 and SOAP 1.2: the answer is the same as over GET."""

import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.inforouter.dialect import METHODS
from schemas.inforouter.offered import NOT_OFFERED
from schemas.inforouter.soap import S11, S12
from schemas.inforouter.values import Kind
from tests.support.exchange import Case, add, read, run, settings_of
from tests.support.rounds import rounds
from tests.support.world import World, open_world

HERE = Path(__file__).parent
FILES = sorted(HERE.glob("inforouter/*.http"))
TARGET = re.compile(r"/srv\.asmx/(\w+)(?:\?(.*))?")
CAPITALS = {name[0].upper() + name[1:]: name for name in METHODS}


def envelope(namespace: str, method: str, values: dict[str, str]) -> str:
    """A request; documents go into a CDATA section in SOAP 1.2 and are escaped in SOAP 1.1."""
    known = {p.name.lower(): p for p in METHODS[method].params} if method in METHODS else {}
    inside = ""
    for name, value in values.items():
        param = known.get(name.lower())
        as_cdata = namespace == S12 and param is not None and param.kind is Kind.XML_TEXT
        text = f"<![CDATA[{value}]]>" if as_cdata else escape(value)
        inside += f"<{name}>{text}</{name}>"
    return (
        f'<s:Envelope xmlns:s="{namespace}"><s:Body><{method} xmlns="http://tempuri.org/">{inside}</{method}>'
        "</s:Body></s:Envelope>"
    )


def in_envelope(namespace: str, method: str, document: str) -> str:
    """The answer to it, from the document that GET answers with."""
    text = re.sub(r">\r\n\s*<", "><", document.partition("?>\r\n")[2])
    if text:
        text = re.sub(r"^<(\w+)([^<>]*?)( /)?>", r'<\1\2 xmlns=""\3>', text, count=1)
        body = (
            f'<{method}Response xmlns="http://tempuri.org/"><{method}Result>{text}</{method}Result></{method}Response>'
        )
    else:
        body = f'<{method}Response xmlns="http://tempuri.org/" />'
    return (
        f'<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="{namespace}" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">'
        f"<soap:Body>{body}</soap:Body></soap:Envelope>"
    )


def over(transport: str, case: Case, *, as_page: bool) -> Case | None:
    """The case over another transport; None for one that is only about GET. `as_page`: GET has the root element of the
    method's page."""
    match = TARGET.fullmatch(case.target)
    if case.method != "GET" or match is None:
        return case
    method, query = match[1], match[2] or ""
    if transport == "POST":
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        return replace(case, method="POST", target=f"/srv.asmx/{method}", headers={**case.headers, **form}, body=query)
    if case.status != 200:
        return None
    name = CAPITALS.get(method, method)
    namespace, media_type = (S11, "text/xml") if transport == "SOAP 1.1" else (S12, "application/soap+xml")
    headers = {**case.headers, "Content-Type": f"{media_type}; charset=utf-8"}
    if namespace == S11:
        headers["SOAPAction"] = f'"http://tempuri.org/{name}"'
    answer = case.answer
    if as_page and not name.startswith("TransferUser"):
        answer = re.sub(r"(?<=\r\n<)root|root(?=>$)", "response", answer)
    values = dict(parse_qsl(query, keep_blank_values=True, separator="&"))
    expected = [("content-type", f"{media_type}; charset=utf-8"), ("cache-control", "private, max-age=0")]
    return replace(
        case,
        method="POST",
        target="/srv.asmx",
        headers=headers,
        body=envelope(namespace, name, values),
        expected=expected,
        answer=in_envelope(namespace, name, answer),
    )


@pytest.mark.parametrize("transport", ["POST", "SOAP 1.1", "SOAP 1.2"])
@pytest.mark.parametrize("path", FILES, ids=[p.stem for p in FILES])
async def test_the_same_over_every_transport(path: Path, transport: str, template: Path, tmp_path: Path) -> None:
    exchanges = read(path)
    options = settings_of(exchanges.directives).get("inforouter", {})
    as_page = options.get("profile", "8.7") == "8.7" and not options.get("root_element")
    cases = [case for original in exchanges.cases if (case := over(transport, original, as_page=as_page)) is not None]
    async with open_world(template, tmp_path, dialects=settings_of(exchanges.directives)) as world:
        await add(world, exchanges.directives)
        await run(world, cases)


def test_every_method_has_cases() -> None:
    """A success and, where the method can refuse anything, a refusal."""
    answers: dict[str, set[bool]] = {}
    for path in FILES:
        for case in read(path).cases:
            match = TARGET.fullmatch(case.target)
            if match is not None and case.status == 200:
                name = CAPITALS.get(match[1], match[1])
                answers.setdefault(name, set()).add('success="false"' not in case.answer)
    never_refuse = {"ServerInfo", "MaintenanceBeat"}
    never_succeed = {"AuthenticateUserViaWindows"}
    # with the code of a mail, which arrives in tests/clients/test_mail.py
    never_succeed |= {"ChangePasswordUsingSecretText"}
    for name in METHODS:
        wanted = {True, False} - ({False} if name in never_refuse else {True} if name in never_succeed else set())
        assert answers.get(name, set()) >= wanted, name
    assert any(name in NOT_OFFERED for name in answers)


_LEGAL = st.characters(exclude_categories=["Cs"], exclude_characters="\r\ufffe\uffff", min_codepoint=32)


async def _four(world: World, values: dict[str, str]) -> list[str]:
    from urllib.parse import urlencode

    query = urlencode(values)
    form = {"content-type": "application/x-www-form-urlencoded"}
    answers = [
        await world.call("GET", f"/srv.asmx/GetUser?{query}"),
        await world.call("POST", "/srv.asmx/GetUser", form, body=query),
    ]
    for namespace, media_type in ((S11, "text/xml"), (S12, "application/soap+xml")):
        headers = {"content-type": f"{media_type}; charset=utf-8"}
        answers.append(await world.call("POST", "/srv.asmx", headers, body=envelope(namespace, "GetUser", values)))
    assert [answer.status for answer in answers] == [200] * 4
    found = [re.search(r"<response [^>]*?(?= xmlns=\"\"| ?/?>)", answer.text) for answer in answers]
    return [match[0] for match in found if match is not None]


@pytest.mark.rounds
async def test_any_text_means_the_same_over_every_transport(template: Path, tmp_path: Path) -> None:
    async with open_world(template, tmp_path) as world:
        answer = await world.call("GET", "/srv.asmx/AuthenticateUser?UID=jdoe&PWD=jdoe")
        ticket = re.search(r'ticket="([^"]+)"', answer.text)
        assert ticket is not None
        texts: list[str] = []

        @settings(max_examples=rounds(50), suppress_health_check=list(HealthCheck), database=None)
        @given(st.text(_LEGAL, min_size=1, max_size=40))
        def collect(text: str) -> None:
            texts.append(text)

        collect()
        for text in texts:
            answers = await _four(world, {"AuthenticationTicket": ticket[1], "UserName": text})
            assert len(answers) == 4
            assert len(set(answers)) == 1, (text, answers)

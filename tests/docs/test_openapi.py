"""What is described is what is there: every operation, every status, and the bodies of the golden exchanges."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl

import orjson
import pytest
from openapi_spec_validator import validate

from gateway.dialects import load, names
from tests.support.cli import Commands
from tests.support.described import JSON, XML, Description, Operation, described
from tests.support.exchange import Case, read, settings_of

WIRE = Path(__file__).parents[1] / "wire"
DIALECTS = [name for name in names() if load(name).describe is not None]
EVERY = [(name, profile) for name in DIALECTS for profile in load(name).profiles]


def test_only_what_speaks_soap_has_no_description(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert set(names()) - set(DIALECTS) == {"inforouter"}
    done = Commands(monkeypatch, capsys)("openapi", "inforouter")
    assert done.status == 2
    assert "dragoman wsdl" in done.err


def test_the_command_prints_it(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    dragoman = Commands(monkeypatch, capsys)
    done = dragoman("openapi", "inubit", "--profile", "8.1", "--address", "https://bpm.example.com")
    assert done.status == 0
    document = orjson.loads(done.out)
    assert document["servers"] == [{"url": "https://bpm.example.com"}]
    assert document["info"]["version"] == "8.1"


def test_it_is_of_what_the_settings_let_be_served() -> None:
    describe = load("facilioo").describe
    assert describe is not None
    assert "/api/user-tasks" in describe("2")["paths"]
    assert "/api/user-tasks" not in describe("2", options={"user_tasks": "false"})["paths"]
    describe = load("camunda").describe
    assert describe is not None
    for authentication, schemes in (("basic", {"basic", "session"}), ("oidc", {"bearer"}), ("none", set())):
        document = describe("8.9", options={"authentication": authentication})
        assert set(document["components"]["securitySchemes"]) == schemes


@pytest.mark.parametrize("name", DIALECTS)
def test_it_is_openapi(name: str) -> None:
    """In the first profile: that takes its time."""
    validate(described(name).document)


@pytest.mark.parametrize("name", DIALECTS)
def test_every_operation_is_in_it_once_with_all_its_statuses(name: str) -> None:
    coded = {(o.method, o.path): set(map(str, o.statuses)) for o in load(name).operations}
    assert len(coded) == len(load(name).operations)
    found: dict[tuple[str, str], set[str]] = {}
    for profile in load(name).profiles:
        operations = described(name, profile).operations
        found |= {(o.method, o.path): set(o.facts["responses"]) for o in operations}
        ids = [o.facts["operationId"] for o in operations]
        assert len(set(ids)) == len(ids)
    assert found == coded


@pytest.mark.parametrize(("name", "profile"), EVERY)
def test_every_operation_says_what_it_is_about(name: str, profile: str) -> None:
    document = described(name, profile).document
    tags = {tag["name"] for tag in document["tags"]}
    for operation in described(name, profile).operations:
        assert set(operation.facts["tags"]) <= tags
        assert operation.facts["summary"]
        for security in operation.facts["security"]:
            assert set(security) <= set(document["components"]["securitySchemes"])
        named = {p["name"] for p in operation.facts["parameters"] if p["in"] == "path"}
        assert named == set(re.findall(r"\{(\w+)\}", operation.path))


@pytest.mark.parametrize(("name", "profile"), EVERY)
def test_every_example_is_one(name: str, profile: str) -> None:
    description = described(name, profile)
    for where, media_type, content in description.contents():
        if media_type in (*JSON, XML):
            assert "example" in content, where
        if "example" in content:
            example, schema = content["example"], content["schema"]
            value = description.read(media_type, schema, example) if media_type == XML else example
            assert description.complaints(schema, value) == [], f"{where} {media_type}"
    for operation in description.operations:
        for parameter in operation.facts["parameters"]:
            if "example" in parameter:
                complaints = description.complaints(parameter["schema"], parameter["example"])
                assert complaints == [], (
                    f"{operation.path} {parameter['name']}: its example is in openapi.py of the adapter"
                )


# golden exchanges

#: what stands for a place of a kind
SAMPLES = {
    "uuid": "10f66801-77e7-4dfa-8f40-0f5039d4552a",
    "key": "2251799813685251",
    "timestamp": "2026-01-15T09:30:00.123",
    "millis": "1768469400000",
    "tasklist": "2026-01-15T09:30:00.000+0000",
    "int": "17",
    "hex40": "d1e9d5bd1db1f2c2a0d87a4d8c1bf0fa1b4de4a3",
    "uid": "220090038533b0c40688174019225585",
    "jwt": "eyJhbGciOiJSUzI1NiJ9.eyJleHAiOjE3Njg0Njk0MDB9.c2lnbmF0dXJl",
    "trace": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00",
    "cursor": "WzIyNTE3OTk4MTM2ODUyNTFd",
    "local": "2026-01-15 09:30:00",
    "date": "2026-01-15",
    "any": "",
}
FILES = [path for name in DIALECTS for path in sorted((WIRE / name).glob("*.http"))]


def _filled(text: str, bound: dict[str, str]) -> str:
    def sample(place: re.Match[str]) -> str:
        name, kind = place["name"] or "", place["kind"]
        if not name:
            return bound.get(kind) or SAMPLES.get(kind, SAMPLES["int"])
        return bound.setdefault(name, SAMPLES[kind])

    return re.sub(r"\{\{(?:(?P<name>\w+):)?(?P<kind>\w+)\}\}", sample, text)


def _bodies(path: Path, description: Description) -> Iterator[tuple[Case, Operation, str, str]]:
    """Those of cases about an operation, with samples in the places that differ from one run to the next."""
    bound: dict[str, str] = {}
    for case in read(path).cases:
        if path.parent.name != "inubit":
            case.answer = case.answer.replace("{{timestamp}}", "{{timestamp}}Z")
        body, answer = _filled(case.body, bound), _filled(case.answer, bound)
        operation = description.find(case.method, case.target)
        if operation is not None and "suppress_response_codes" not in case.target:
            yield case, operation, body, answer


def _of(path: Path) -> Description:
    name = path.parent.name
    return described(name, settings_of(read(path).directives).get(name, {}).get("profile", ""))


_EACH = pytest.mark.parametrize("path", FILES, ids=[f"{p.parent.name}/{p.stem}" for p in FILES])


@_EACH
def test_golden_answers_are_as_described(path: Path) -> None:
    description, checked = _of(path), 0
    for case, operation, _, answer in _bodies(path, description):
        where = f"{case.title}: {case.method} {case.target} {case.status}"
        contents = description.answer(operation, case.status)
        assert contents is not None, f"{where} is not described"
        if not answer or not contents:
            assert not answer or contents, f"{where} is described as empty"
            continue
        wanted = [m for m in contents if (m in JSON) == (answer[0] in '{["')]
        if "{{any}}" in case.answer:
            continue
        assert wanted, f"{where}: none of {list(contents)}"
        schema = contents[wanted[0]]["schema"]
        value = description.read(wanted[0], schema, answer)
        assert description.complaints(schema, value) == [], where
        checked += 1
    assert checked


@_EACH
def test_golden_requests_are_as_described(path: Path) -> None:
    """As far as they were answered well."""
    description = _of(path)
    for case, operation, body, _ in _bodies(path, description):
        contents = operation.facts.get("requestBody", {}).get("content", {})
        if case.status >= 300 or not body or _is_not_described(case, operation, body):
            continue
        where = f"{case.title}: {case.method} {case.target} {case.status}"
        assert contents, f"{where} is described as one without a body"
        sent = {name.lower(): value for name, value in case.headers.items()}.get("content-type", "")
        sniffed = next((m for m in contents if (m in JSON) == (body[0] in "{[")), "")
        media_type = sent.partition(";")[0] or sniffed
        assert media_type in contents, where
        if media_type in (*JSON, XML):
            schema = contents[media_type]["schema"]
            assert description.complaints(schema, description.read(media_type, schema, body)) == [], where


def _is_not_described(case: Case, operation: Operation, body: str) -> bool:
    """A body that is not read; a form with depth, for which OpenAPI has no words; an attribute of XML itself, which any
    element may have."""
    is_form = "form" in {name.lower(): value for name, value in case.headers.items()}.get("content-type", "")
    is_deep = is_form and re.search(r"\[|%5B", body) is not None
    return operation.method == "DELETE" or is_deep or " xml:id=" in body


#: parameters that are sent to be ignored; and those that a security scheme or a body describes
IGNORED = {"propertyid"}
ELSEWHERE = {"access_token", "ada_uid", "ada_type"}


@_EACH
def test_golden_queries_are_as_described(path: Path) -> None:
    """The fields of tasks, by which INUBIT filters, may have any name."""
    for case, operation, _, _ in _bodies(path, _of(path)):
        known = IGNORED | ELSEWHERE
        for parameter in operation.facts["parameters"]:
            names = parameter["schema"].get("properties", {}) if parameter.get("explode") else [parameter["name"]]
            known |= {name.lower() for name in names}
        sent = {name for name, _ in parse_qsl(case.target.partition("?")[2], keep_blank_values=True)}
        unknown = {name for name in sent if name.lower() not in known and "Field" not in name}
        assert case.status >= 300 or not unknown, f"{case.title}: {case.method} {case.target}"

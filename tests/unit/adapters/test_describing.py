"""How descriptions are made: shapes, examples, names."""

import pytest

from adapters.common.dialect import Operation
from adapters.common.openapi import Described, Head, document, unique_ids, words
from adapters.common.rights import SIGNED_IN
from schemas.common.samples import ABSENT, Samples
from schemas.common.shapes import always, members, never, record, shape_schema, wanted

TEXT = {"type": "string"}
TYPES = {"text": TEXT, "int": {"type": "integer"}}


def test_an_answer_has_all_members_but_those_that_it_may_lack() -> None:
    schema = shape_schema(members("id:int name:text? note:text- inner:Other[]"), TYPES, always)
    assert schema["required"] == ["id", "name", "inner"]
    assert schema["properties"]["name"] == {"anyOf": [TEXT, {"type": "null"}]}
    assert schema["properties"]["inner"] == {"type": "array", "items": {"$ref": "#/components/schemas/Other"}}
    assert schema["additionalProperties"] is False


def test_a_request_needs_what_is_marked_under_either_name() -> None:
    shape = members("typeId|kindId:int! text:text!+ note:text")
    schema = shape_schema(shape, TYPES, wanted, closed=False)
    assert schema["required"] == ["text"]
    assert schema["properties"]["text"] == {"type": "string", "minLength": 1}
    assert schema["allOf"] == [{"anyOf": [{"required": ["typeId"]}, {"required": ["kindId"]}]}]
    assert "required" not in shape_schema(shape, TYPES, never)


def test_an_example_has_what_is_said_of_a_shape_of_its_members_or_of_any_member() -> None:
    inner = record({"id": TYPES["int"], "name": TEXT, "spare": TEXT}, optional=["spare"])
    outer = record({"name": TEXT, "inner": {"$ref": "#/components/schemas/Inner"}, "whole": {"$ref": "#/x/Whole"}})
    values = {"name": "any", "Inner.name": "mine", "spare": ABSENT, "#/x/Whole": 5}
    assert Samples({"Inner": inner}, values).of(outer) == {
        "name": "any",
        "inner": {"id": 1, "name": "mine"},
        "whole": 5,
    }


def test_operations_at_several_addresses_tell_them() -> None:
    paths = ("/a/{id}/cases", "/a/{id}/cases/paged", "/a/{id}/case", "/a/{id}/case/start-cases")
    ids = unique_ids([Operation("list", "GET", path, SIGNED_IN) for path in paths])
    assert ids == ["list", "listPaged", "listAtCase", "listAtCaseStartCases"]
    assert words("getProcessDefinitionXML") == "Get process definition XML"


def test_an_operation_is_described_once() -> None:
    one = Described(Operation("list", "GET", "/a", SIGNED_IN, (200,)), "A", "List", {200: {}})
    written = document(Head("T", "1", "/"), [one], {}, {})
    assert list(written["paths"]) == ["/a"]
    with pytest.raises(ValueError, match="described twice"):
        document(Head("T", "1", "/"), [one, one], {}, {})

"""The bodies of process instance commands. Source: dossier camunda.md, sections 3.5 and 3.6."""

from dataclasses import dataclass
from typing import Any

from schemas.camunda.body import (
    InvalidArgument,
    boolean,
    closed,
    integer,
    key_of,
    read_object,
    required_object,
    text,
    texts,
    unparsable,
    variables_of,
)
from schemas.camunda.search import TAG, bad_enum, bad_tag

MAX_TAGS = 10
#: the only kind of runtime instruction
TERMINATE = "TERMINATE_PROCESS_INSTANCE"
_MEMBERS = (
    *("processDefinitionId", "processDefinitionKey", "processDefinitionVersion", "variables", "tenantId", "tags"),
    *("businessId", "awaitCompletion", "fetchVariables", "requestTimeout", "startInstructions"),
    *("runtimeInstructions", "operationReference"),
)


@dataclass(frozen=True, slots=True)
class Creation:
    """One of `process_id` and `process_key` is set; `version` -1 is the newest; `timeout` are milliseconds, 0 for the
    server's own; `element_ids` is where to start instead of the start event, `end_after` behind which elements the
    instance is terminated."""

    process_id: str
    process_key: int
    version: int
    variables: dict[str, Any]
    tenant: str | None
    tags: tuple[str, ...]
    business_id: str
    wait: bool
    fetch: tuple[str, ...]
    timeout: int
    element_ids: tuple[str, ...]
    end_after: tuple[str, ...]


def key_member(value: dict[str, Any], name: str) -> int | None:
    """A key is a text of digits. Raises BadRequest for anything else, InvalidArgument for other texts."""
    sent = value.get(name)
    if sent is None:
        return None
    if not isinstance(sent, str):
        raise unparsable(name)
    key = key_of(sent)
    if key is None:
        raise InvalidArgument(
            f"The provided {name} '{sent}' is not a valid key. Expected a numeric value. "
            "Did you pass an entity id instead of an entity key?"
        )
    return key


def parse_creation(body: bytes) -> Creation:
    value = required_object(body)
    closed(value, _MEMBERS)
    process_id, tenant = text(value, "processDefinitionId"), text(value, "tenantId")
    variables, tags = variables_of(value, body), texts(value, "tags")
    business_id, wait = text(value, "businessId"), boolean(value, "awaitCompletion", False)
    fetch, timeout = texts(value, "fetchVariables"), integer(value, "requestTimeout")
    version = integer(value, "processDefinitionVersion")
    check_reference(value)
    element_ids = _instructions(value, "startInstructions", "elementId")
    end_after = _instructions(value, "runtimeInstructions", "afterElementId", "type")
    process_key = key_member(value, "processDefinitionKey")
    _check(process_id, process_key, tags, business_id)
    return Creation(
        process_id=process_id or "",
        process_key=process_key or 0,
        version=-1 if version is None else version,
        variables=variables,
        tenant=tenant,
        tags=tags,
        business_id=business_id or "",
        wait=wait,
        fetch=fetch,
        timeout=timeout or 0,
        element_ids=element_ids,
        end_after=end_after,
    )


def _instructions(body: dict[str, Any], name: str, id_name: str, *more: str) -> tuple[str, ...]:
    """The element ids of a list of instructions."""
    value = body.get(name)
    if value is None:
        return ()
    if not isinstance(value, list):
        raise unparsable(name)
    ids = []
    for item in value:
        if not isinstance(item, dict):
            raise unparsable(f"{name}.null")
        closed(item, (id_name, *more), f"{name}.null.")
        kind = text(item, "type", f"{name}.null.") if more else None
        if kind not in (None, TERMINATE):
            raise bad_enum(kind, "type", (TERMINATE,))
        id = text(item, id_name, f"{name}.null.")
        if not id:
            raise InvalidArgument(f"No {name}[].{id_name} provided.")
        ids.append(id)
    return tuple(dict.fromkeys(ids))


def _check(process_id: str | None, process_key: int | None, tags: tuple[str, ...], business_id: str | None) -> None:
    problems = []
    both = "[processDefinitionId, processDefinitionKey]"
    if process_id is None and process_key is None:
        problems.append(f"At least one of {both} is required")
    if process_id is not None and process_key is not None:
        problems.append(f"Only one of {both} is allowed")
    problems += [bad_tag(tag).rstrip(".") for tag in tags if not TAG.fullmatch(tag)]
    count = len(set(tags))
    if count > MAX_TAGS:
        problems.append(
            f"The provided number of tags '{count}' is not supported. Ensure to not add more than {MAX_TAGS} tags"
        )
    if business_id is not None and not business_id.strip():
        problems.append("No businessId provided")
    if business_id is not None and len(business_id) > 256:
        problems.append("The provided businessId exceeds the limit of 256 characters")
    if problems:
        raise InvalidArgument(". ".join(problems) + ".")


def parse_cancellation(body: bytes) -> None:
    value = read_object(body) or {}
    closed(value, ("operationReference",))
    check_reference(value)


def check_reference(value: dict[str, Any]) -> None:
    reference = integer(value, "operationReference")
    if reference is not None and reference < 1:
        raise InvalidArgument(f"The value for operationReference is '{reference}' but must be > 0.")

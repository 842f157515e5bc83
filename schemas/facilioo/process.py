"""Creating and reading processes. Source: seed page "/api/processes"; dossier facilioo.md, section 2."""

from dataclasses import dataclass
from typing import Any, TypedDict

from schemas.facilioo.wire import INT32, Invalid, read_object, required


@dataclass(frozen=True, slots=True)
class ProcessCreate:
    """`finish_date` is the text that was sent."""

    report: str
    contact_id: int
    type_id: int
    unit_id: int
    account_id: int | None = None
    subject: str | None = None
    stage_id: int | None = None
    is_finished: bool = False
    finish_date: str | None = None
    external_id: str | None = None


class ProcessRead(TypedDict):
    id: int
    number: int
    fullyQualifiedNumber: str
    subject: str | None
    report: str
    accountId: int | None
    contactId: int
    createdByPartyId: int
    typeId: int
    stageId: int | None
    isFinished: bool
    finishDate: str | None
    unitId: int | None
    externalId: str | None
    externalIdOfPantaenius: str | None
    created: str
    lastModified: str
    deleted: str | None


def _pascal(name: str) -> str:
    return name[0].upper() + name[1:]


class _Reader:
    """Collects what is wrong with the members of one body."""

    def __init__(self, values: dict[str, Any]) -> None:
        self._values = values
        self.conversion: dict[str, list[str]] = {}
        self.validation: dict[str, list[str]] = {}

    def _typed(self, name: str, kind: type, dotnet: str, needed: bool) -> Any:
        value = self._values.get(name.casefold())
        if value is None:
            if needed:
                self.validation[_pascal(name)] = [required(_pascal(name))]
            return None
        good = isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
        if not good or (kind is int and not -INT32 <= value < INT32):
            text = f"The JSON value could not be converted to {dotnet}. Path: $.{name}."
            self.conversion[f"$.{name}"] = [text]
            return None
        return value

    def integer(self, name: str, *, needed: bool = False) -> Any:
        dotnet = "System.Int32" if needed else "System.Nullable`1[System.Int32]"
        return self._typed(name, int, dotnet, needed)

    def text(self, name: str, *, needed: bool = False) -> Any:
        return self._typed(name, str, "System.String", needed)

    def boolean(self, name: str) -> Any:
        return self._typed(name, bool, "System.Nullable`1[System.Boolean]", False)


def parse_create(body: bytes) -> ProcessCreate:
    """Unknown members are ignored; numbers in quotes are not numbers. Raises Invalid with all complaints."""
    read = _Reader(read_object(body))
    report = read.text("report", needed=True)
    created = ProcessCreate(
        report=report or "",
        contact_id=read.integer("contactId", needed=True) or 0,
        type_id=read.integer("typeId", needed=True) or 0,
        unit_id=read.integer("unitId", needed=True) or 0,
        account_id=read.integer("accountId"),
        subject=read.text("subject"),
        stage_id=read.integer("stageId"),
        is_finished=bool(read.boolean("isFinished")),
        finish_date=read.text("finishDate"),
        external_id=read.text("externalId"),
    )
    if read.conversion:
        raise Invalid(read.conversion)
    if report == "":
        read.validation["Report"] = [required("Report")]
    if read.validation:
        raise Invalid(read.validation)
    return created

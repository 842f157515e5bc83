"""One variable of a case: a value with its label, or a grid, whose rows have numbers from 1.

The vendor asks its projects which of the two a variable is; here the value says so. Source: the vendor's own front.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from adapters.processmaker.calls import EMPTY, Call, Endpoints
from adapters.processmaker.case import as_array, load_case
from adapters.processmaker.case_reads import NOT_INVOLVED, check_running
from adapters.processmaker.errors import Business
from adapters.processmaker.rights import PM_CASES
from core.instance.commands import SetVariables
from core.instance.queries import Variables
from core.rejections import WrongState
from schemas.processmaker.case import SYSTEM_VARIABLES
from schemas.processmaker.listing import read_window
from schemas.processmaker.parameters import WHOLE_BODY, Parameter, by_uid, texts
from schemas.processmaker.wire import named

endpoints = Endpoints()

_ADDRESSES = tuple(f"/{first}/{{app_uid}}/{{del_index}}/variable/{{var_name}}" for first in ("case", "cases"))
_NAMED = (by_uid("app_uid"), Parameter("del_index", "int", required=True, least=1), *texts("var_name"))


class _Variable:
    """A variable of a case that the caller may see, as it is."""

    def __init__(self, call: Call, instance_key: int, variables: Mapping[str, Any]) -> None:
        self._call = call
        self._instance_key = instance_key
        self.name = call.params["var_name"]
        self.label_name = f"{self.name}_label"
        self.value = None if self.name in SYSTEM_VARIABLES else variables.get(self.name)
        self.label = variables.get(self.label_name)

    @property
    def is_grid(self) -> bool:
        return isinstance(self.value, dict | list)

    @property
    def rows(self) -> dict[str, Any]:
        """Of a grid, by their numbers."""
        if isinstance(self.value, list):
            return {str(number): row for number, row in enumerate(self.value, 1)}
        return dict(named(self.value))

    def need(self) -> None:
        """Raises Business if there is none."""
        if self.value is None:
            raise Business(f'The Variable with var_name: "{self.name}" does not exist in Case')

    def given(self) -> dict[str, Any]:
        """What was sent: a value and its label, or rows. Raises Business."""
        values = named(self._call.body)
        if not values:
            raise Business("Invalid data")
        is_grid = self.is_grid or (self.value is None and all(isinstance(row, dict | list) for row in values.values()))
        if not is_grid:
            for name in (self.name, self.label_name):
                if values.get(name) is None:
                    raise Business(f"{name} does not exist")
            return {name: values[name] for name in (self.name, self.label_name)}
        for number, row in values.items():
            if not isinstance(row, dict | list):
                raise Business(f"{number}: Invalid data")
        return values

    async def put(self, values: Mapping[str, Any]) -> None:
        """Raises Business."""
        if self.name in SYSTEM_VARIABLES:
            raise Business("Invalid data")
        try:
            await self._call.do(SetVariables(self._instance_key, dict(values)))
        except WrongState as error:
            check_running("COMPLETED" if error.state == "COMPLETED" else "CANCELLED", self._call.params["app_uid"])


async def _find(call: Call, *, writing: bool) -> _Variable:
    """Raises Business, and Refused for whoever may not read it."""
    uid, index = call.params["app_uid"], call.params["del_index"]
    case = await load_case(call, uid)
    if case is None:
        raise Business(f"The case with app_uid: {uid} does not exist.")
    involved = not call.principal.user_key or case.concerns(call.principal)
    if writing and not involved:
        raise Business(NOT_INVOLVED)
    call.refuse_unless(involved)
    if case.at(int(float(index))) is None:
        raise Business(f"The case app_uid: {uid} with del_index: {index} does not exist.")
    if writing:
        check_running(case.status, uid)
    return _Variable(call, case.instance.key, await call.ask(Variables(case.instance.key)))


_PAGED = tuple(f"{address}/paged" for address in _ADDRESSES)


@endpoints("getVariable", "GET", *_ADDRESSES, *_PAGED, takes=_NAMED)
async def get_variable(call: Call) -> Any:
    """A grid also page by page: the rows in which the text of a filter is, by their numbers."""
    window = read_window(call.values) if call.paged else None
    variable = await _find(call, writing=False)
    variable.need()
    if window is not None:
        if not variable.is_grid:
            raise Business(f'The Variable with var_name: "{variable.name}" is not a grid')
        rows, total = ([], 0) if window.limit == 0 else window.of(variable.rows.items(), _texts)
        return {**window.page([], total), "data": as_array(dict(rows))}
    if variable.is_grid:
        return as_array(variable.rows)
    label = variable.label if variable.label is not None else ""
    return {variable.name: as_array(variable.value), variable.label_name: as_array(label)}


def _texts(row: tuple[str, Any]) -> Iterator[str]:
    """What a filter looks at."""
    values = named(row[1]) if isinstance(row[1], dict | list) else {"": row[1]}
    return (str(value) for value in values.values() if isinstance(value, str | int | float))


@endpoints("createVariable", "POST", *_ADDRESSES, needs=[PM_CASES], takes=[*_NAMED, WHOLE_BODY], success=201)
async def create_variable(call: Call) -> Any:
    """Or the rows behind those that a grid has."""
    variable = await _find(call, writing=True)
    if variable.value is not None and not variable.is_grid:
        raise Business(f'The Variable with var_name: "{variable.name}" already exists in Case')
    values = variable.given()
    if variable.name in values and variable.value is None:
        await variable.put(values)
        return as_array(values)
    rows = variable.rows
    new_rows = {str(number): row for number, row in enumerate(values.values(), len(rows) + 1)}
    await variable.put({variable.name: {**rows, **new_rows}})
    return as_array(new_rows)


@endpoints("updateVariable", "PUT", *_ADDRESSES, needs=[PM_CASES], takes=[*_NAMED, WHOLE_BODY], success=204)
async def update_variable(call: Call) -> Any:
    variable = await _find(call, writing=True)
    variable.need()
    values = variable.given()
    if not variable.is_grid:
        await variable.put(values)
        return EMPTY
    rows = variable.rows
    for number, row in values.items():
        if number not in rows:
            raise Business(f"{number}: Does not exist")
        rows[number] = {**named(rows[number]), **named(row)}
    await variable.put({variable.name: rows})
    return EMPTY


@endpoints("deleteVariable", "DELETE", *_ADDRESSES, needs=[PM_CASES], takes=[*_NAMED, *texts("keys")])
async def delete_variable(call: Call) -> Any:
    """`keys` are rows of a grid; those that stay are numbered anew. What is gone is null for other dialects."""
    variable = await _find(call, writing=True)
    keys = call.values.get("keys")
    numbers = str(keys).strip(" ,").split(",") if keys is not None else []
    if numbers == [""]:
        raise Business("Invalid value for keys.")
    variable.need()
    if not variable.is_grid or not numbers:
        labels = {} if variable.label is None else {variable.label_name: None}
        await variable.put({variable.name: None, **labels})
        return EMPTY
    rows = variable.rows
    for number in numbers:
        if number not in rows:
            raise Business(f"{number}: Does not exist")
    remaining = [row for number, row in rows.items() if number not in numbers]
    await variable.put({variable.name: {str(number): row for number, row in enumerate(remaining, 1)}})
    return EMPTY

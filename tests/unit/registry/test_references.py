"""Master data."""

import pytest

from core.registry.commands import CreateReference, PutReference, UpdateReference
from core.registry.fields import ReferenceWhere
from core.registry.queries import ReferencesByKey, SearchReferences
from core.rejections import NotFound
from core.search.query import Where
from tests.support.running import Running


async def test_master_data_has_parents_and_numbers_of_its_kind(run: Running) -> None:
    await run.do(PutReference("property", 501, "House"))
    house = await run.do(CreateReference("property", "Next", external_id="4711"))
    assert house.number == 502
    unit = await run.do(CreateReference("unit", "Flat", parent_key=house.key, ext={"a": 1}))
    assert unit.number == 1
    conditions: tuple[ReferenceWhere, ...] = (
        Where("parent_key", "in", [house.key]),
        Where("external_id", "eq", "4711"),
    )
    for where in conditions:
        found = await run.engine.ask(SearchReferences((where,)), run.who)
        assert len(found.items) == 1
    await run.do(UpdateReference(unit.key, ext={"b": 2}))
    row = (await run.engine.ask(ReferencesByKey((unit.key,)), run.who))[unit.key]
    assert (row.name, row.parent_key, row.ext) == ("Flat", house.key, {"a": 1, "b": 2})
    await run.do(UpdateReference(unit.key, deleted=True))
    with pytest.raises(NotFound):
        await run.do(UpdateReference(unit.key, name="x"))

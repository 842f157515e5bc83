"""Who and what has to do with an instance."""

import pytest

from core.instance.commands import Involve, StartInstance
from core.instance.fields import InstanceWhere
from core.instance.queries import InvolvedIn, SearchInstances
from core.registry.commands import CreateReference
from core.rejections import NotFound
from core.search.query import Is, Where
from core.types import Involved
from tests.support.bpmn import element, row
from tests.support.running import Running

WORK = element("userTask", "work")


async def test_nobody_is_involved_twice(run: Running) -> None:
    party = await run.do(CreateReference("party", "Tenant"))
    process = await run.deploy("p", row(WORK))
    begin = StartInstance(process, involved=((Involved.ACCESSOR, "party", party.key),))
    key = (await run.do(begin)).key
    other = await run.start(process)
    again = Involve("instance", key, Involved.ACCESSOR, "party", party.key)
    await run.do(again)
    assert [r.member_key for r in await run.engine.ask(InvolvedIn(key, Involved.ACCESSOR), run.who)] == [party.key]

    async def seen() -> list[int]:
        found = await run.engine.ask(SearchInstances((Is("involved", [party.key]),)), run.who)
        return [view.instance.key for view in found.items]

    assert await seen() == [key]
    await run.do(Involve("instance", other, Involved.SPECTATOR, "party", party.key))
    assert await seen() == [key, other]
    await run.do(Involve("instance", key, Involved.ACCESSOR, "party", party.key, involved=False))
    await run.do(Involve("instance", key, Involved.ACCESSOR, "party", party.key, involved=False))
    assert await seen() == [other]
    with pytest.raises(NotFound):
        await run.do(Involve("instance", 99, Involved.ACCESSOR, "party", party.key))


async def test_instances_are_found_by_what_they_are_about(run: Running) -> None:
    house = await run.do(CreateReference("property", "House"))
    flat = await run.do(CreateReference("unit", "Flat", parent_key=house.key))
    process = await run.deploy("p", row(WORK))
    key = (await run.do(StartInstance(process, reference_key=flat.key))).key
    await run.start(process)
    conditions: tuple[InstanceWhere, ...] = (
        Is("within", [house.key]),
        Is("within", [flat.key]),
        Where("reference_key", "in", [flat.key]),
    )
    for about in conditions:
        found = await run.engine.ask(SearchInstances((about,)), run.who)
        assert [view.instance.key for view in found.items] == [key], about

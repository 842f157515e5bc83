"""Stages: those of the flow, and those beside it."""

import pytest

from core.process.commands import CreateStage, UpdateStage
from core.process.queries import ActivitiesByKey, SearchActivities
from core.rejections import Conflict, NotFound
from core.search.query import Where
from tests.support.bpmn import element, row
from tests.support.running import Running

WORK = element("userTask", "work")


async def test_stages_are_made_beside_the_flow(run: Running) -> None:
    process = await run.deploy("p", row(WORK))
    stage = await run.do(CreateStage("Parked", process, 5))
    for_all = await run.do(CreateStage("Anywhere"))
    (built_in,) = [
        s for s in (await run.engine.ask(SearchActivities((Where("process_key", "eq", process),)), run.who)).items
        if s.key != stage.key
    ]  # fmt: skip
    for change in (UpdateStage(built_in.key, deleted=True), UpdateStage(built_in.key, process_key=0)):
        with pytest.raises(Conflict):
            await run.do(change)
    await run.do(UpdateStage(built_in.key, name="Working", position=9))
    await run.do(UpdateStage(stage.key, process_key=0, deleted=True))
    with pytest.raises(NotFound):
        await run.do(UpdateStage(stage.key, name="x"))
    with pytest.raises(NotFound):
        await run.do(CreateStage("x", 99))
    rows = await run.engine.ask(ActivitiesByKey((stage.key, built_in.key, for_all.key)), run.who)
    assert [rows[key].name for key in sorted(rows)] == ["Working", "Parked", "Anywhere"]

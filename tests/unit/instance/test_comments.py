"""What is said of an instance."""

import pytest

from core.instance.commands import AddComment, ReviseComment
from core.instance.queries import SearchComments
from core.rejections import NotFound
from core.search.query import Sort
from tests.support.bpmn import element, row
from tests.support.running import Running

WORK = element("userTask", "work")


async def test_what_is_said_of_an_instance_is_numbered_and_can_be_revised(run: Running) -> None:
    key = await run.run(row(WORK))
    first, second = [await run.do(AddComment(key, text, {"n": 1})) for text in ("one", "two")]
    assert (first.number, second.number) == (1, 2)
    await run.do(ReviseComment(first.key, "uno", {"m": 2}))
    await run.do(ReviseComment(second.key, deleted=True))
    with pytest.raises(NotFound):
        await run.do(ReviseComment(second.key, "dos"))
    rows = (await run.engine.ask(SearchComments((), (Sort("key"),)), run.who)).items
    assert [(r.text, r.ext, r.deleted_at is None) for r in rows] == [
        ("uno", {"n": 1, "m": 2}, True),
        ("two", {"n": 1}, False),
    ]

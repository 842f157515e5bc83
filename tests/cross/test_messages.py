"""A process that waits for a message is started in one dialect; it goes on when that has come in another one."""

from adapters.common.bpmn import graph
from core.process.commands import CreateStarter, DeployProcess
from schemas.bpmn.reader import read
from tests.cross.test_pairs import find, inubit_list
from tests.support.bpmn import document, element, message, row
from tests.support.world import World

JSON = {"content-type": "application/json"}
PAID, PAYMENT = message("paid", "=&quot;all&quot;")


async def test_what_inubit_starts_waits_for_a_message(world: World) -> None:
    wait, task = element("intermediateCatchEvent", "wait", "", PAYMENT), element("userTask", "ship", name="Ship it")
    (record,) = read(document("order", row(wait, task), more=PAID).encode())
    process = await world.engine.execute(DeployProcess(graph(record)), world.system)
    starter = await world.engine.execute(
        CreateStarter(process.process_key, "order", "Order", "HR_Sachbearbeiter"), world.system
    )
    path = f"/ibis/rest/task/adhoc/testuser/{starter.uid}"
    started = await world.call("POST", path, user="testuser")
    assert started.status == 204, "there is no task yet"
    assert "Ship it" not in await inubit_list(world, "testuser")
    assert await find(world, processDefinitionId="order") == []
    sent = await world.call(
        "POST", "/v2/messages/correlation", JSON, body=b'{"name":"paid","correlationKey":"all"}', user="demo"
    )
    assert sent.status == 200, sent.text
    (shown,) = await find(world, processDefinitionId="order")
    assert (shown["name"], shown["processInstanceKey"]) == ("Ship it", sent.json()["processInstanceKey"])

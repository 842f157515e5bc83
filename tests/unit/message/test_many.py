"""With 100,000 who wait, whoever a message is for is found as if there were none."""

from core.flow.subscriptions import address
from core.graph.elements import EventKind
from core.instance.commands import StartInstance
from core.message.answers import _expired, _offered
from core.message.commands import CorrelateMessage
from core.storage.statements import Flavour, bulk_insert
from core.tables.message import EventSubscription, Message
from core.turn.selects import select_by
from tests.support.bpmn import element, message, row
from tests.support.running import Running
from tests.support.watch import watch

PAID, PAYMENT = message("paid", "=order")
OTHERS = 100_000


def fill(run: Running) -> None:
    """Others wait, half of them have been met already."""
    insert = bulk_insert(EventSubscription)
    connection = run.engine.store.connect()
    tenant = run.engine.default_tenant
    connection.begin()
    others = []
    for n in range(OTHERS):
        where = address(EventKind.MESSAGE, tenant, "paid", f"o{n}") if n % 2 else str(n)
        state = "OPEN" if n % 2 else "CORRELATED"
        others.append(
            EventSubscription(
                key=n + 1,
                tenant_key=tenant,
                kind="message",
                name="paid",
                correlation_key=f"o{n}",
                address=where,
                state=state,
            )
        )
    connection.bulk(insert, [insert.row(other) for other in others])
    connection.commit()
    if connection.flavour is Flavour.POSTGRESQL:
        connection.execute("ANALYZE event_subscription", {})
    connection.close()


async def test_a_message_finds_its_instance_among_100_000(run: Running) -> None:
    fill(run)
    process = await run.deploy("p", row(element("intermediateCatchEvent", "wait", "", PAYMENT)), more=PAID)
    key = (await run.do(StartInstance(process, variables={"order": "a"}))).key
    connection = run.engine.store.connect()
    with watch(run.engine) as seen:
        assert (await run.do(CorrelateMessage("paid", "a"))).instance_key == key
    assert 0 < len(seen.statements) < 60
    where = address(EventKind.MESSAGE, run.engine.default_tenant, "paid", "a")
    for statement, params, index in (
        (select_by(EventSubscription, "address", False), {"values": [where]}, "ix_event_subscription_address"),
        (select_by(Message, "address", False), {"values": [where]}, "ix_message_address"),
        (_offered(), {"now": 1, "limit": 100}, "ix_message_offer"),
        (_expired(), {"now": 1}, "ix_message_expiry"),
    ):
        if connection.flavour is Flavour.SQLITE:
            text = statement.text(connection.flavour)
            bound = {**statement.bound(connection.flavour), **params}
            plan = [str(step[-1]) for step in connection.execute(f"EXPLAIN QUERY PLAN {text}", bound)[0]]
            assert any(index in step for step in plan), plan
        elif statement is select_by(EventSubscription, "address", False):
            text = statement.text(connection.flavour)
            ((explained,),) = connection.execute(f"EXPLAIN (FORMAT JSON) {text}", params)[0]
            assert index in str(explained), explained
    connection.close()

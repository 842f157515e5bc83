"""How an instance begins, whoever makes it."""

from core.tables.instance import Instance
from core.tables.process import Definition
from core.turn.context import Context


def add_instance(ctx: Context, instance: Instance, definition: Definition) -> None:
    """A new one, of this version, is told to others before anything happens in it."""
    ctx.ws.add(instance)
    after = {"state": instance.state, "process": definition.process_id, "version": definition.version}
    ctx.emit("instance.started", "instance", instance.key, instance_key=instance.key, after=after)

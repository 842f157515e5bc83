"""The scopes of a running instance, and the variables in them."""

from collections.abc import Mapping
from typing import Any

from core.graph.elements import ElementKind
from core.graph.feel.budget import ExpressionError
from core.rejections import ExecutionFailed
from core.storage.jsontext import dump
from core.tables.instance import ElementInstance, Instance, Variable
from core.turn.context import Context

#: characters of JSON that are parsed in about a microsecond
PARSED = 256


class Scopes:
    """The rows of the instance must be in the working set; core.flow.plans says which those are."""

    def __init__(self, ctx: Context, instance: Instance) -> None:
        self.ctx = ctx
        self.instance = instance
        self._scopes: dict[int, ElementInstance] = {}

    def scope(self, key: int) -> ElementInstance:
        row = self._scopes.get(key) or self.ctx.ws.get(ElementInstance, key)
        assert row is not None, "a scope of a live token is loaded"
        return row

    def variables(self, scope_key: int) -> dict[str, Any]:
        """All variables visible from a scope, the innermost winning."""
        chain = self.chain(scope_key)
        rows = self.ctx.ws.find(Variable, "instance_key", self.instance.key)
        self._pay(scope_key, sum(len(row.value) for row in rows))
        seen: dict[str, Any] = {}
        for key in reversed(chain):
            seen.update((row.name, row.parsed) for row in rows if row.scope_key == key)
        return seen

    def _pay(self, scope_key: int, characters: int) -> None:
        """Reading variables counts as a part of the expression that they are read for."""
        try:
            self.ctx.effort.budget.spend(characters // PARSED)
        except ExpressionError as error:
            raise ExecutionFailed(self.scope(scope_key).element_id, str(error)) from error

    def chain(self, scope_key: int) -> list[int]:
        """A scope and those around it, that of the instance last."""
        chain = [scope_key]
        while chain[-1] != self.instance.key:
            chain.append(self.scope(chain[-1]).scope_key)
        return chain

    def _outermost(self, chain: list[int]) -> int:
        """Where a variable comes to be that is nowhere yet: what is activated ad hoc keeps its own."""
        return next((key for key in chain[:-1] if self.scope(key).kind == ElementKind.AD_HOC_ACTIVATION), chain[-1])

    def merge(self, scope_key: int, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Set each where it already exists on the way to the root, else as far out as can be. Returns the former
        values."""
        ws = self.ctx.ws
        rows = {(r.scope_key, r.name): r for r in ws.find(Variable, "instance_key", self.instance.key)}
        chain = self.chain(scope_key)
        before: dict[str, Any] = {}
        for name, value in variables.items():
            text = dump(value)
            row = next((rows[key, name] for key in chain if (key, name) in rows), None)
            if row is None:
                self._add(self._outermost(chain), name, text)
            elif row.value != text:
                before[name] = row.parsed
                ws.change(row, value=text)
        return before

    def put(self, scope_key: int, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Set all of them in a scope itself. Returns the former values."""
        rows = {r.name: r for r in self.ctx.ws.find(Variable, "instance_key", self.instance.key)
                if r.scope_key == scope_key}  # fmt: skip
        before: dict[str, Any] = {}
        for name, value in variables.items():
            row = rows.get(name)
            if row is None:
                self._add(scope_key, name, dump(value))
            else:
                before[name] = row.parsed
                self.ctx.ws.change(row, value=dump(value))
        return before

    def _add(self, scope_key: int, name: str, text: str) -> None:
        variable = Variable(
            key=self.ctx.key(),
            tenant_key=self.instance.tenant_key,
            instance_key=self.instance.key,
            scope_key=scope_key,
            name=name,
            value=text,
        )
        self.ctx.ws.add(variable)

    def local(self, scope_key: int) -> dict[str, Any]:
        """The variables of a scope itself."""
        rows = self.ctx.ws.find(Variable, "instance_key", self.instance.key)
        return {row.name: row.parsed for row in rows if row.scope_key == scope_key}

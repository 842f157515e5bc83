"""BPMN documents of other products as the engine's graphs."""

from typing import NamedTuple

from adapters.common.bpmn import graph
from core.graph.expressions import ExpressionError, parse
from core.graph.graph import Graph
from schemas.bpmn.decided import decide
from schemas.bpmn.foreign import Foreign


class ForeignGraph(NamedTuple):
    """`left_out` says, a line each, what the process does not have."""

    graph: Graph
    version_tag: str
    left_out: tuple[str, ...]


def foreign_graph(foreign: Foreign, *, loose: bool = False) -> ForeignGraph:
    """Raises NotDeployable."""
    record = foreign.process
    decided = tuple(decide(record, _is_readable)) if loose else ()
    return ForeignGraph(graph(record), record.version_tag, (*foreign.left_out, *decided))


def _is_readable(condition: str) -> bool:
    try:
        parse(condition)
    except ExpressionError:
        return False
    return True

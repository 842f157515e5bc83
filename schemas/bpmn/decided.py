"""Gateways of drawings that do not say when which way is taken: a variable does."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator

from schemas.bpmn.records import Edge, ProcessRecord


def variable_of(gateway_id: str) -> str:
    """The name of the variable that says which way out of a gateway is taken."""
    name = re.sub(r"\W", "_", gateway_id, flags=re.ASCII)
    return name if name[:1].isalpha() else f"way_{name}"


def decide(record: ProcessRecord, is_readable: Callable[[str], bool]) -> Iterator[str]:
    """Gives ways of which nobody knows when they are taken a condition on that variable, and says so. At a gateway that
    has to choose, the first way without a condition is the default, if there is none."""
    choosing = {node.id: node for node in record.nodes if node.kind == "EXCLUSIVE_GATEWAY"}
    names = {node.id: node.name for node in record.nodes}
    leaving = defaultdict[str, list[Edge]](list)
    for edge in record.edges:
        leaving[edge.source].append(edge)
    for source, edges in leaving.items():
        gateway = choosing.get(source) if len(edges) > 1 else None
        if gateway is not None and not gateway.default_flow:
            gateway.default_flow = next((edge.id for edge in edges if not edge.condition), "")
        default = gateway.default_flow if gateway is not None else ""
        unknown = [
            edge
            for edge in edges
            if edge.id != default and (not is_readable(edge.condition) if edge.condition else gateway is not None)
        ]
        if unknown:
            several = Counter(edge.name for edge in edges)
            words = [edge.name if edge.name and several[edge.name] == 1 else edge.id for edge in unknown]
            for edge, word in zip(unknown, words, strict=True):
                edge.condition = f"{variable_of(source)} = {json.dumps(word, ensure_ascii=False)}"
            shown = names.get(source) or source
            yield f"{shown}: the variable {variable_of(source)} says the way: {', '.join(words)}"

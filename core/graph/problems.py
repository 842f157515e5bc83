"""What can be wrong with a graph, and with the expressions in it."""

from dataclasses import dataclass

from core.graph.expressions import ExpressionError, parse


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a graph cannot be deployed: the element and what is wrong with it, or with one of its expressions."""

    element_id: str
    text: str
    is_expression: bool = False


def check_expression(id: str, text: str) -> list[Problem]:
    if not text:
        return []
    try:
        parse(text)
    except ExpressionError as error:
        return [Problem(id, str(error), is_expression=True)]
    return []

"""What may be where in a DMN document, as far as it matters: DMN's schema is strict about that."""

from collections.abc import Iterable, Mapping

#: expressions, each of which may stand where one is expected
EXPRESSIONS = frozenset((
    "literalExpression", "decisionTable", "context", "list", "relation", "invocation", "functionDefinition",
    "conditional", "filter", "for", "every", "some",
))  # fmt: skip
_FIRST = ("description", "extensionElements")
#: the elements that an element may have, in their order; the two of knowledge have changed places
_ORDER: Mapping[str, tuple[str, ...]] = {
    "decision": (
        *("question", "allowedAnswers", "variable", "informationRequirement", "knowledgeRequirement"),
        *("authorityRequirement", "supportedObjective", "impactedPerformanceIndicator", "decisionMaker"),
        *("decisionOwner", "usingProcess", "usingTask", "expression"),
    ),
    "businessKnowledgeModel": (
        *("encapsulatedLogic", "variable", "encapsulatedLogic", "knowledgeRequirement", "authorityRequirement"),
    ),
    "decisionTable": ("input", "output", "annotation", "rule"),
    "input": ("inputExpression", "inputValues"),
    "output": ("outputValues", "defaultOutputEntry"),
    "rule": ("inputEntry", "outputEntry", "annotationEntry"),
    "literalExpression": ("text", "importedValues"),
    "invocation": ("expression", "binding"),
    "binding": ("parameter", "expression"),
    "contextEntry": ("variable", "expression"),
    "relation": ("column", "row"),
}
_NEEDED = {"decisionTable": "output", "input": "inputExpression", "rule": "outputEntry", "inputEntry": "text"}


def misplaced(element: str, children: Iterable[str]) -> str:
    """What is wrong with the elements in one, all of DMN's; empty if nothing is."""
    children = list(children)
    needed = _NEEDED.get(element)
    if needed is not None and needed not in children:
        return f"{element} without {needed}"
    order = _ORDER.get(element)
    if order is None:
        return ""
    place, order = 0, (*_FIRST, *order)
    for child in children:
        name = "expression" if child in EXPRESSIONS else child
        if name not in order[place:]:
            return f"{child} in {element}, where it does not belong"
        place = order.index(name, place)
    return ""

"""The functions of FEEL, by name. Each has one or more forms, of which a call takes the first that fits."""

from collections.abc import Mapping

from core.graph.feel.functions import (
    booleans,
    contexts,
    conversions,
    lists,
    numeric,
    processes,
    ranges,
    temporal,
    texts,
)
from core.graph.feel.functions.forms import Forms
from core.graph.feel.values import Function

_MODULES = (conversions, booleans, texts, lists, numeric, contexts, ranges, temporal, processes)


def _all() -> Forms:
    forms: Forms = {}
    for module in _MODULES:
        for name, functions in module.FORMS.items():
            forms.setdefault(name, []).extend(functions)
    return forms


BUILTINS: Mapping[str, list[Function]] = _all()

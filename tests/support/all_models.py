"""All BPMN files for the two judges."""

from collections.abc import Iterator

from tests.support import message_models, models, scope_models


def all_models() -> Iterator[tuple[str, str]]:
    """(what it is, the document), each also as a tool would write it."""
    for name, text in (*models.written(), *message_models.written(), *scope_models.thrown(), *scope_models.ad_hoc()):
        yield name, text
        if "sequenceFlow" in text:
            yield f"{name}, as drawn", models.drawn(text)

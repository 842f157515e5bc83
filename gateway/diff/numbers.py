"""Of which kind of thing a small number is, as a file of rules or of identities says it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from gateway.replay import files


@dataclass(slots=True)
class Places:
    """Where numbers of a kind stand: names of members and elements, in lower case, and paths that they are behind."""

    names: dict[str, str] = field(default_factory=dict)
    behind: dict[str, str] = field(default_factory=dict)


def places(paths: Iterable[Path]) -> Places:
    """Raises Usage, and OSError."""
    said = Places()
    for numbers in files.read(paths).numbers:
        said.names |= {name.lower(): numbers.kind for name in numbers.names}
        said.behind |= dict.fromkeys(numbers.paths, numbers.kind)
    return said

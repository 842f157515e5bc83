"""Where a value stands in a message."""

from typing import NamedTuple


class Place(NamedTuple):
    """`part` is path, query, header, cookie, basic, form, json, xml, part or text; `steps` lead to the value from
    there: names, and numbers in square brackets."""

    part: str
    steps: tuple[str, ...] = ()

    def at(self, *steps: str) -> "Place":
        return Place(self.part, self.steps + steps)

    @property
    def names(self) -> tuple[str, ...]:
        """The steps that are names."""
        return tuple(step for step in self.steps if not step.startswith("["))

    @property
    def name(self) -> str:
        """The last one of the names, without the mark of an attribute."""
        names = self.names
        return names[-1].lstrip("@") if names else ""

    def __str__(self) -> str:
        if self.part == "path":
            return f"path {'/'.join(self.steps)}/"
        return f"{self.part} {'.'.join(self.steps).replace('.[', '[')}".strip()

"""Small numbers within links: of which kind one is, is told by the path that it stands behind."""

import re
from collections.abc import Callable, Mapping

_PARAMETER = re.compile(r"\{\w*\}")
_ORIGIN = r"(?:https?://[^/?#]*)?"


class Links:
    """`behind` has the kind of the number that stands behind a path; `{id}` in a path is any segment."""

    def __init__(self, behind: Mapping[str, str]) -> None:
        self._patterns = [
            (re.compile(f"({_ORIGIN}{_path(path)})/([1-9][0-9]{{0,8}})(?=[/?#]|$)", re.IGNORECASE), kind)
            for path, kind in behind.items()
        ]

    def __bool__(self) -> bool:
        return bool(self._patterns)

    def replaced(self, text: str, say: Callable[[str, str], str]) -> str:
        """With what `say` puts in the place of each number of a kind."""
        if text[:1] == "/" or text[:4] == "http":
            for pattern, kind in self._patterns:
                if (match := pattern.match(text)) is not None:
                    text = f"{match[1]}/{say(kind, match[2])}{text[match.end() :]}"
        return text

    def numbers(self, text: str) -> tuple[str, list[tuple[str, str]]]:
        """The link without them, and each with its kind."""
        those: list[tuple[str, str]] = []

        def say(kind: str, number: str) -> str:
            those.append((kind, number))
            return "#"

        return self.replaced(text, say), those


def _path(path: str) -> str:
    return "[^/?#]+".join(map(re.escape, _PARAMETER.split(path.rstrip("/"))))

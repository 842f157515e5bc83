"""Of which kind of thing a small number is, as a file of rules or of identities says it."""

import tomllib
from collections.abc import Iterable
from pathlib import Path

from gateway.compare.noise import BadRules


def names(paths: Iterable[Path]) -> dict[str, str]:
    """Names of members and elements, in lower case, and the kind that stands there. Raises BadRules, and OSError."""
    kinds: dict[str, str] = {}
    for path in paths:
        try:
            rows = tomllib.loads(path.read_text(encoding="utf-8")).get("identity", [])
        except (ValueError, RecursionError) as error:
            raise BadRules(f"{path}: {str(error) or 'too deep'}") from None
        for number, row in enumerate(rows if isinstance(rows, list) else [rows], 1):
            kind, those = (row.get("kind"), row.get("names", [])) if isinstance(row, dict) else (None, None)
            if not isinstance(those, list) or not all(isinstance(one, str) for one in those):
                raise BadRules(f"{path}: identity {number}: names has to be a list of texts")
            if those and not isinstance(kind, str):
                raise BadRules(f"{path}: identity {number}: kind is missing")
            kinds |= {name.lower(): str(kind) for name in those}
    return kinds

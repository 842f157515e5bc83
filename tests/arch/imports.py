"""What a module imports."""

import ast


def imported(source: str) -> set[str]:
    """With what of it: `a.b.C` for `from a.b import C`."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names

"""Makes spyne 2.14.0 importable on Python 3.12 and later; import this before spyne.

Its copy of six finds `six.moves` through a hook of a kind that Python 3.12 no longer asks, and loads it in a way that
3.15 no longer goes. The copy is loaded first and its hook taught the new ones.
"""

import importlib.util
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any


def _teach_finder() -> None:
    found = importlib.util.find_spec("spyne")
    if found is None or not found.submodule_search_locations:
        raise ImportError("spyne is not installed")
    path = Path(found.submodule_search_locations[0]) / "util" / "six.py"
    spec = importlib.util.spec_from_file_location("spyne.util.six", path)
    assert spec is not None
    assert spec.loader is not None
    six = importlib.util.module_from_spec(spec)
    sys.modules["spyne.util.six"] = six
    spec.loader.exec_module(six)
    importer = six._importer

    def find_spec(self: Any, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        return importlib.util.spec_from_loader(fullname, self) if fullname in self.known_modules else None

    specs: dict[str, ModuleSpec | None] = {}

    def create_module(self: Any, spec: ModuleSpec) -> ModuleType:
        module: ModuleType = self.load_module(spec.name)
        specs[spec.name] = module.__spec__
        return module

    def exec_module(self: Any, module: ModuleType) -> None:
        """It has run. Where it is one of Python's own it stays what it was."""
        if module.__spec__ is not None and (own := specs.pop(module.__spec__.name, None)) is not None:
            module.__spec__ = own

    type(importer).find_spec = find_spec
    type(importer).create_module = create_module
    type(importer).exec_module = exec_module


if "spyne" not in sys.modules:
    _teach_finder()

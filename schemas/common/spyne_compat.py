"""Makes spyne 2.14.0 importable on Python 3.12 and later; import this before spyne.

Its copy of six finds `six.moves` through a hook of a kind that Python 3.12 no longer asks. The copy is loaded first and
its hook taught the new way. Python 3.13 also lacks `cgi`, which the distribution legacy-cgi brings back.
"""

import importlib.util
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path
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

    type(importer).find_spec = find_spec


if sys.version_info >= (3, 12) and "spyne" not in sys.modules:
    _teach_finder()

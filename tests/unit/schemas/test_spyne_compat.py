"""spyne on Pythons that are newer than it is."""

import subprocess
import sys
from importlib.metadata import metadata, requires

#: what Python 3.15 does with a loader that has only `load_module`, said of the Python that runs
WITHOUT_FALLBACK = """
import collections.abc, importlib._bootstrap as bootstrap, sys

spec = collections.abc.__spec__

def refuse(spec):
    raise ImportError(f"the loader of {spec.name} has no exec_module")

bootstrap._load_backward_compatible = refuse
import adapters.inforouter.dialect as inforouter

assert len(inforouter.METHODS) > 100
assert "spyne.util.six.moves" in sys.modules
assert collections.abc.__spec__ is spec
assert "cgi" not in sys.modules
"""


def test_it_is_loaded_where_no_loader_falls_back_and_without_cgi() -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT_FALLBACK], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_what_spyne_would_have_of_older_pythons_is_not_asked_for() -> None:
    """No stand-in for `cgi` is installed, and no Python on which nobody tried it."""
    assert not [name for name in requires("dragoman") or () if "cgi" in name.lower()]
    assert "<" in metadata("dragoman")["Requires-Python"]

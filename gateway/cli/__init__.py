"""The command `dragoman`."""

import gc

# what the imports make stays; the server turns the collector on again
gc.disable()

from gateway.cli.main import main as main  # noqa: E402

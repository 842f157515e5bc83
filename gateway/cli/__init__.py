"""The command `dragoman`."""

from gateway.cli.main import main as main

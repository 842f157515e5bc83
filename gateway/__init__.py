"""Composes the one ASGI app; settings, command line, and everything that works on raw exchanges."""

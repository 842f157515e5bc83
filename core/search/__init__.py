"""Searching and reading: conditions, sorts and pages become one statement, compiled once for its shape."""

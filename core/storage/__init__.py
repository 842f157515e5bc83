"""Rows in, rows out: connections, statements and migrations for SQLite and PostgreSQL."""

"""The tables, a module for each noun.

Columns are integers and text only, but for the bytes of files: times are milliseconds, lists and maps are JSON text. So
a row means the same in SQLite and PostgreSQL and costs no conversion on the way. Who reads a list or a map from a row
has its value: core.storage.record says how.
"""

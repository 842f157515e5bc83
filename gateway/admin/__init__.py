"""Commands that write, while a gateway has the SQLite file: they are handed to it over a socket beside the file."""

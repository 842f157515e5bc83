"""Tokens that are made by hand, for programs that have always had one."""

#: in place of the client that a token was issued to
STATIC = "static"

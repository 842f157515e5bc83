"""What the tests share: a world in a file, an ASGI caller, golden exchanges, real servers."""

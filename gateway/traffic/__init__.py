"""What a client and a server said to each other: recorded, imported, exported."""

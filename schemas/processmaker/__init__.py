"""ProcessMaker 3 on the wire."""

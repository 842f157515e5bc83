"""What two dialects share on the wire."""

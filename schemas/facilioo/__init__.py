"""facilioo on the wire."""

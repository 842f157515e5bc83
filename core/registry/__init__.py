"""Master data: what processes are about, and refer to by number."""

"""infoRouter on the wire: an ASMX host."""

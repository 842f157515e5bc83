"""What goes over the wire: shapes, parsing and rendering. No behaviour, no I/O."""

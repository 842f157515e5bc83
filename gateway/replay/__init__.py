"""A recording is sent again, to another server: what the old one made is exchanged for what the new one makes."""

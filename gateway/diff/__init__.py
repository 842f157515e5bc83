"""Two recordings of one script, side by side: what is different, and what differs by nature."""

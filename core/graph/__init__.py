"""A process on paper: its elements and flows, what is computed in it, and whether it can run."""

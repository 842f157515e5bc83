"""Jobs of listeners and timers: what instances wait for besides people."""

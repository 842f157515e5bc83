"""The engine works in turns: load for all waiting commands, decide one by one, write once, answer all."""

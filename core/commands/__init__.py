"""What can be asked of the engine that changes something. Each command names its outcome."""

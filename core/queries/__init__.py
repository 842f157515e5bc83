"""What can be asked of the engine that changes nothing. Each query names its answer."""

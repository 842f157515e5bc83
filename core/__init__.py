"""The task engine: knows no vendor and no HTTP."""

"""What two adapters share."""

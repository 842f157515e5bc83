"""Users and groups, their passwords and powers, and who stands in for whom."""

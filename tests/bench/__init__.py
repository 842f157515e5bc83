"""Ratios, run by `make bench`."""

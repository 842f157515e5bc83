"""Passwords, remembered credentials, digests of tickets and tokens."""

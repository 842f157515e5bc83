"""Roles, tenants and mapping rules of a directory, who has them, and what they allow."""

"""Camunda 8 on the wire."""

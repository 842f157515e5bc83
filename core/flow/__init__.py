"""Processes as graphs of BPMN elements: checked when deployed, compiled once, run by moving tokens."""

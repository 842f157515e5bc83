"""BPMN 2.0 XML as plain records."""

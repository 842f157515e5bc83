"""INUBIT's numbers: tasks have UUIDs, a process has a number."""

from adapters.common.dialect import Numbers

NUMBERS = (Numbers("process", ("process", "processId")),)

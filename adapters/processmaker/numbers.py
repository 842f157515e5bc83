"""ProcessMaker's numbers: only cases have them, beside their ids. The index of a delegation counts within its case."""

from adapters.common.dialect import Numbers

NUMBERS = (Numbers("case", ("app_number", "caseNumber", "case_number")),)

"""Forms: what all dialects hold to."""

from urllib.parse import parse_qsl

#: of a form, if nobody says otherwise; PHP, Tomcat and ASP.NET have the same number
MAX_FIELDS = 1000


class TooManyFields(ValueError):
    """A form has more fields than this gateway reads."""


def fields(text: str, max_fields: int = MAX_FIELDS) -> list[tuple[str, str]]:
    """Names and values as they came, empty ones too. Raises TooManyFields."""
    try:
        return parse_qsl(text, keep_blank_values=True, max_num_fields=max_fields)
    except ValueError as error:
        raise TooManyFields(str(error)) from None

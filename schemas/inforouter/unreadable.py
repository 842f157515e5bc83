"""Texts that are no value of their type."""


class BadValue(ValueError):
    """A text that is no value of its type; the message is the host's."""


class BadBase64(ValueError):
    """The host treats this like malformed XML."""

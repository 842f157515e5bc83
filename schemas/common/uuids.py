"""UUIDs as some write them, with dashes; the engine has them without."""


def dashed(uid: str) -> str:
    """'0123...' as '01234567-89ab-...'."""
    return f"{uid[:8]}-{uid[8:12]}-{uid[12:16]}-{uid[16:20]}-{uid[20:]}"


def undashed(text: str) -> str | None:
    """The 32 hex digits of a UUID in either form, or None if it is not one."""
    digits = text.replace("-", "").lower()
    if len(digits) != 32 or any(c not in "0123456789abcdef" for c in digits):
        return None
    return digits

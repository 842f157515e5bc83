"""Wildcard patterns as each database has them."""

from core.rejections import Invalid

#: the longest pattern that SQLite takes, in bytes
LONGEST = 50_000


def literally(text: str) -> str:
    """The pattern that matches this text and no other."""
    return "".join(f"\\{char}" if char in "*?\\" else char for char in text)


def patterns(text: str, *, folded: bool) -> tuple[str, str]:
    """`*`, `?` and backslash escapes as (GLOB, LIKE) patterns; `folded`: the case of letters does not matter.

    SQLite's own folding ends at ASCII, and a function of ours would be called for every row; so its pattern has all
    cases of each letter. That for LIKE is for a folded text. Raises Invalid for what is too long.
    """
    glob, like = "", ""
    escaped = False
    for char in text:
        if char == "\\" and not escaped:
            escaped = True
            continue
        if not escaped and char in "*?":
            glob += char
            like += "%" if char == "*" else "_"
        else:
            glob += _any_case(char) if folded else _plain(char)
            like += f"\\{char}" if char in "%_\\" else char.lower() if folded else char
        escaped = False
    if len(glob.encode()) > LONGEST:
        raise Invalid("pattern", "too-long")
    return glob, like


def _plain(char: str) -> str:
    return f"[{char}]" if char in "*?[" else char


def _any_case(char: str) -> str:
    # without "SS", the capitals of "ß", which no class of letters can hold
    lower = char.lower()
    cases = {c for c in (char, lower, char.upper(), lower.upper(), lower.title()) if len(c) == 1}
    return f"[{''.join(sorted(cases))}]" if len(cases) > 1 else _plain(char)


def matches(pattern: str, text: str) -> bool:
    """What the patterns mean, for a text at hand. What a `*` stands for only ever grows, so that there are at most as
    many steps as letters of one times letters of the other."""
    wanted = _wanted(pattern)
    at = begun = place = 0
    star = -1
    while at < len(text):
        if place < len(wanted) and wanted[place] == "*":
            star, begun = place, at
            place += 1
        elif place < len(wanted) and wanted[place] in ("?", f"\\{text[at]}"):
            place += 1
            at += 1
        elif star < 0:
            return False
        else:
            begun += 1
            at, place = begun, star + 1
    return all(part == "*" for part in wanted[place:])


def _wanted(pattern: str) -> list[str]:
    """`*`, `?`, and letters behind a backslash."""
    parts: list[str] = []
    escaped = False
    for char in pattern:
        if char == "\\" and not escaped:
            escaped = True
        elif not escaped and char in "*?":
            if char == "?" or parts[-1:] != ["*"]:
                parts.append(char)
        else:
            parts.append(f"\\{char}")
            escaped = False
    return parts

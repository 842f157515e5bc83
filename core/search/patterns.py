"""Wildcard patterns as each database has them."""

import re


def literally(text: str) -> str:
    """The pattern that matches this text and no other."""
    return "".join(f"\\{char}" if char in "*?\\" else char for char in text)


def patterns(text: str, *, folded: bool) -> tuple[str, str]:
    """`*`, `?` and backslash escapes as (GLOB, LIKE) patterns; `folded`: the case of letters does not matter.

    SQLite's own folding ends at ASCII, and a function of ours would be called for every row; so its pattern has all
    cases of each letter. That for LIKE is for a folded text.
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
    return glob, like


def _plain(char: str) -> str:
    return f"[{char}]" if char in "*?[" else char


def _any_case(char: str) -> str:
    # without "SS", the capitals of "ß", which no class of letters can hold
    lower = char.lower()
    cases = {c for c in (char, lower, char.upper(), lower.upper(), lower.title()) if len(c) == 1}
    return f"[{''.join(sorted(cases))}]" if len(cases) > 1 else _plain(char)


def matches(pattern: str, text: str) -> bool:
    """What the patterns mean, for a text at hand."""
    expression, escaped = "", False
    for char in pattern:
        if char == "\\" and not escaped:
            escaped = True
            continue
        expression += (".*" if char == "*" else ".") if not escaped and char in "*?" else re.escape(char)
        escaped = False
    return re.fullmatch(expression, text, re.DOTALL) is not None

"""From a pattern as Java reads it to one as RE2 does."""

import re

from core.graph.feel.budget import ExpressionError

_ENDS = r"\n\r\x{85}\x{2028}\x{2029}"
_BEFORE_LINE_END = rf"(?:\r\n|[{_ENDS}])?\z"
_REPEAT = re.compile(r"\{[0-9]+(?:,[0-9]*)?\}")
_GROUP = re.compile(r"\(\?(?:<([A-Za-z][A-Za-z0-9]*)>|([imsdux]*)(?:-([imsdux]+))?([:)]))")
_UNICODE = re.compile(r"[pP](?:\{([^}]*)\}|([A-Za-z]))")
_CODE, _BYTE = re.compile(r"\{([0-9a-fA-F]{1,6})\}"), re.compile("([0-9a-fA-F]{2})")
_UNIT, _OCTAL = re.compile("([0-9a-fA-F]{4})"), re.compile("[0-3]?[0-7]{1,2}")
_SPACE = r"\t\n\x0b\f\r "
#: classes by the names that Java gives them
_CLASSES = {
    "Lower": "a-z",
    "Upper": "A-Z",
    "ASCII": r"\x00-\x7f",
    "Alpha": "a-zA-Z",
    "Digit": "0-9",
    "Alnum": "a-zA-Z0-9",
    "Punct": r"!-/:-@\[-`{-~",
    "Graph": "!-~",
    "Print": " -~",
    "Blank": r" \t",
    "Cntrl": r"\x00-\x1f\x7f",
    "XDigit": "0-9a-fA-F",
    "Space": _SPACE,
    "IsAlphabetic": r"\p{L}\p{Nl}",
    "IsLetter": r"\p{L}",
    "IsDigit": r"\p{Nd}",
    "IsLowercase": r"\p{Ll}",
    "IsUppercase": r"\p{Lu}",
    "IsPunctuation": r"\p{P}",
    "IsWhite_Space": r"\t-\r \x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}",
}
#: what the names of classes begin with that only Java has
_OTHER_CLASSES = ("java", "In", "block=", "blk=")
_ESCAPES = {"a": r"\x07", "e": r"\x1b", "Z": None, "G": None, "R": None, "X": None, "k": None, "N": None}


class Invalid(ValueError):
    """The text is no pattern."""


def translated(source: str, flags: str, *, before_line_end: bool) -> str:
    """Raises Invalid, and ExpressionError for what RE2 cannot do."""
    return _Translation(source, flags, before_line_end).pattern()


class _Translation:
    def __init__(self, source: str, flags: str, before_line_end: bool) -> None:
        self._source = source
        self._at = 0
        self._comments = "x" in flags
        self._lines = "m" in flags
        self._any = "s" in flags
        self._flags = "".join(flag for flag in flags if flag in "im")
        self._before_line_end = before_line_end

    def pattern(self) -> str:
        parts = [f"(?{self._flags})"] if self._flags else []
        while self._at < len(self._source):
            parts.append(self._next())
        return "".join(parts)

    def _unable(self, what: str) -> ExpressionError:
        return ExpressionError(f"the pattern {self._source!r} cannot be run here: {what}")

    def _take(self, length: int = 1) -> str:
        taken = self._source[self._at : self._at + length]
        self._at += length
        return taken

    def _next(self) -> str:
        character = self._source[self._at]
        match character:
            case "\\":
                return self._escape(in_class=False)
            case "[":
                return self._class()
            case "(":
                return self._group()
            case ".":
                self._at += 1
                return "(?s:.)" if self._any else f"[^{_ENDS}]"
            case "$":
                self._at += 1
                return "$" if self._lines else _BEFORE_LINE_END if self._before_line_end else r"\z"
            case "{":
                return self._repeat()
            case "*" | "+" | "?":
                return self._suffixed(self._take())
        if self._comments and character in " \t\n\x0b\f\r":
            self._at += 1
            return ""
        if self._comments and character == "#":
            end = self._source.find("\n", self._at)
            self._at = len(self._source) if end < 0 else end + 1
            return ""
        return self._take()

    def _repeat(self) -> str:
        found = _REPEAT.match(self._source, self._at)
        if found is None:
            raise Invalid("Illegal repetition")
        self._at = found.end()
        return self._suffixed(found[0])

    def _suffixed(self, repetition: str) -> str:
        following = self._source[self._at : self._at + 1]
        if following == "+":
            raise self._unable("a possessive repetition")
        return repetition + self._take() if following == "?" else repetition

    def _group(self) -> str:
        if self._source[self._at + 1 : self._at + 2] != "?":
            return self._take()
        for sign, what in (("=", "ahead"), ("!", "ahead"), ("<=", "behind"), ("<!", "behind")):
            if self._source.startswith(sign, self._at + 2):
                raise self._unable(f"it looks {what}")
        if self._source.startswith(">", self._at + 2):
            raise self._unable("a group that does not give back")
        found = _GROUP.match(self._source, self._at)
        if found is None:
            raise Invalid("Unknown group type")
        self._at = found.end()
        if found[1]:
            return f"(?P<{found[1]}>"
        on, off = found[2], found[3] or ""
        if "x" in on + off or "u" in on + off or "d" in on + off:
            raise self._unable("a flag within it")
        if found[4] == ")" or not (on + off):
            self._any = ("s" in on) or (self._any and "s" not in off)
            self._lines = ("m" in on) or (self._lines and "m" not in off)
        elif "s" in on + off or "m" in on + off:
            raise self._unable("a flag of a group")
        on, off = on.replace("s", ""), off.replace("s", "")
        if not on and not off:
            return "" if found[4] == ")" else "(?:"
        return f"(?{on}{'-' + off if off else ''}{found[4]}"

    def _class(self) -> str:
        parts = [self._take()]
        if self._source.startswith("^", self._at):
            parts.append(self._take())
        first = True
        while True:
            character = self._source[self._at : self._at + 1]
            if not character:
                raise Invalid("Unclosed character class")
            if character == "]" and not first:
                return "".join((*parts, self._take()))
            first = False
            if character == "[":
                if parts[1:2] == ["^"] or self._source.startswith("[^", self._at):
                    raise self._unable("a negated class within a class, or around one")
                parts.append(self._class()[1:-1])
                continue
            if self._source.startswith("-[", self._at):
                self._at += 1
                parts.append("\\-")
                continue
            if self._source.startswith("&&", self._at):
                raise self._unable("an intersection of classes")
            if character == "\\":
                parts.append(self._escape(in_class=True))
            elif self._comments and character in " \t\n\x0b\f\r":
                self._at += 1
            else:
                parts.append("\\" + self._take() if character == "]" else self._take())

    def _escape(self, *, in_class: bool) -> str:
        self._at += 1
        letter = self._take()
        if not letter:
            raise Invalid("Unexpected internal error")
        if letter in "123456789" or (letter in _ESCAPES and _ESCAPES[letter] is None):
            raise self._unable("a reference to a group" if letter in "123456789k" else f"\\{letter}")
        if letter == "Q":
            end = self._source.find("\\E", self._at)
            literal = self._source[self._at : end if end >= 0 else len(self._source)]
            self._at = end + 2 if end >= 0 else len(self._source)
            return "".join(map(_literal, literal))
        if letter == "s":
            return _SPACE if in_class else f"[{_SPACE}]"
        if letter == "S" and not in_class:
            return f"[^{_SPACE}]"
        if letter in "hv":
            inner = (
                r" \t\x{a0}\x{1680}\x{180e}\x{2000}-\x{200a}\x{202f}\x{205f}\x{3000}"
                if letter == "h"
                else (r"\n\x0b\f\r\x{85}\x{2028}\x{2029}")
            )
            return inner if in_class else f"[{inner}]"
        if letter in "pP":
            return self._property(in_class=in_class)
        if letter == "u" or letter == "x":
            return self._code(letter)
        if letter == "0":
            return self._octal()
        if letter == "c":
            return rf"\x{{{ord(self._take() or '@') ^ 64:x}}}"
        if letter in _ESCAPES:
            return str(_ESCAPES[letter])
        if letter.isascii() and letter.isalpha() and letter not in "dDwWsSbBAztnrf":
            raise Invalid("Illegal/unsupported escape sequence")
        return _literal(letter) if not letter.isalnum() else "\\" + letter

    def _property(self, *, in_class: bool) -> str:
        found = _UNICODE.match(self._source, self._at - 1)
        if found is None:
            raise Invalid("Unclosed character family")
        self._at = found.end()
        name, negated = found[1] or found[2], found[0][0] == "P"
        inner = _CLASSES.get(name)
        if inner is None and name.startswith(_OTHER_CLASSES):
            raise self._unable(f"the class {name}")
        if inner is None:
            name = name.removeprefix("Is").removeprefix("script=").removeprefix("general_category=")
            return rf"\{'P' if negated else 'p'}{{{name}}}"
        if in_class:
            if negated:
                raise self._unable("a negated class within a class")
            return inner
        return f"[{'^' if negated else ''}{inner}]"

    def _code(self, letter: str) -> str:
        patterns = (_CODE, _BYTE) if letter == "x" else (_UNIT,)
        found = next((match for pattern in patterns if (match := pattern.match(self._source, self._at))), None)
        if found is None:
            raise Invalid("Illegal hexadecimal escape sequence")
        self._at = found.end()
        return rf"\x{{{found[1]}}}"

    def _octal(self) -> str:
        found = _OCTAL.match(self._source, self._at)
        if found is None:
            raise Invalid("Illegal octal escape sequence")
        self._at = found.end()
        return rf"\x{{{int(found[0], 8):x}}}"


def _literal(character: str) -> str:
    return character if character.isalnum() or not character.isascii() else rf"\x{{{ord(character):x}}}"

"""What the text of a date is made of, for .NET's DateTime.Parse in the invariant culture: words, separators, digits."""

from dataclasses import dataclass

from schemas.inforouter.moments import MINUTE
from schemas.inforouter.unreadable import BadValue

#: what .NET calls white space, which is less than Python does
BLANKS = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
DIGITS = "0123456789"
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
#: a word -> (what it is, which one)
WORDS: dict[str, tuple[str, int]] = {
    "am": ("half", 0),
    "pm": ("half", 1),
    "gmt": ("zone", 0),
    "z": ("zone", 0),
    "ad": ("era", 0),
    **{word: ("month", number) for number, name in enumerate(_MONTHS, 1) for word in (name, name[:3])},
    **{word: ("weekday", number) for number, name in enumerate(_DAYS) for word in (name, name[:3])},
}
_ERA = "a.d."
#: what may stand behind a number or a month, and says what it was
UNITS = {"年": "year", "년": "year", "月": "month", "월": "month", "日": "day", "일": "day"}
TIME_UNITS = {"時": "hour", "时": "hour", "分": "minute", "秒": "second"}
_SEPARATORS = frozenset(("am", "pm", "t", "/", "-", ":", *UNITS, *TIME_UNITS))
_LONGEST = max(map(len, WORDS))
#: digits of a fraction behind these change nothing
_FRACTION = 60

BAD = "String was not recognized as a valid DateTime."


class BadDate(BadValue):
    def __init__(self, text: str = BAD) -> None:
        super().__init__(text)


def is_letter(character: str) -> bool:
    """Letters beyond the first plane are two halves of one to .NET, and none."""
    return character.isalpha() and character <= "\uffff"


@dataclass(slots=True)
class Text:
    """`at` is where the next token begins."""

    text: str
    at: int = 0

    @property
    def current(self) -> str:
        return self.text[self.at : self.at + 1]

    @property
    def more(self) -> bool:
        """A character behind the current one?"""
        return self.at < len(self.text) - 1

    def skip_blanks(self) -> bool:
        """Is anything left?"""
        while self.current and self.current in BLANKS:
            self.at += 1
        return self.at < len(self.text)

    def digits(self, most: int = 0) -> str:
        start = self.at
        end = len(self.text) if not most else min(len(self.text), start + most)
        while self.at < end and self.text[self.at] in DIGITS:
            self.at += 1
        return self.text[start : self.at]

    def _letters(self) -> str:
        """The word that begins here in small letters, at least as much of it as tells that there is no such word."""
        end = self.at
        while end < min(len(self.text), self.at + _LONGEST + 1) and is_letter(self.text[end]):
            end += 1
        return self.text[self.at : end].lower()

    def word(self) -> tuple[str, int] | None:
        """A name that begins here, which is taken."""
        if self.text[self.at : self.at + len(_ERA)].lower() == _ERA and not self._letter_at(self.at + len(_ERA)):
            self.at += len(_ERA)
            return "era", 0
        letters = self._letters()
        meaning = WORDS.get(letters)
        if meaning is not None:
            self.at += len(letters)
        return meaning

    def _letter_at(self, at: int) -> bool:
        return is_letter(self.text[at : at + 1] or " ")

    def separator(self) -> str:
        """What stands behind a number or a month, which is taken: `$` for the end, `_` for what separates nothing."""
        if not self.skip_blanks():
            return "$"
        text = self._letters() if is_letter(self.current) else self.current
        if text not in _SEPARATORS:
            return "_"
        self.at += len(text)
        return text

    def fraction(self) -> float | None:
        """Behind a point; added up as .NET does, which a decimal number would not come out as. None without digits."""
        self.at += 1
        digits = self.digits()
        total, weight = 0.0, 0.1
        for digit in digits[:_FRACTION]:
            total += int(digit) * weight
            weight *= 0.1
        return total if digits else None

    def offset(self) -> int | None:
        """+8, +08, +08:00, +8:0, +800, +0800: the ticks; None if it is none."""
        sign = self.current
        if not sign or sign not in "+-":
            return None
        self.at += 1
        digits = self.digits(9)
        if len(digits) in (3, 4):
            hours, minutes = int(digits[:-2]), int(digits[-2:])
        elif len(digits) in (1, 2):
            hours, minutes = int(digits), 0
            if self.current == ":":
                self.at += 1
                digits = self.digits(9)
                if not 1 <= len(digits) <= 2:
                    return None
                minutes = int(digits)
        else:
            return None
        if minutes >= 60:
            return None
        return (hours * 60 + minutes) * MINUTE * (1 if sign == "+" else -1)

    def passes_hash_or_null(self) -> bool:
        """Take a `#`, one of which may stand on either side, or zero characters at the end: Visual Basic has both."""
        if self.current == "#":
            before, middle, behind = [*self.text.split("#", 3), "", ""][:3]
            if self.text.count("#") != 2 or before.strip(BLANKS) or "\0" in middle or behind.strip(BLANKS + "\0"):
                return False
            self.at += 1
            return True
        if self.current == "\0" and not self.text[self.at :].strip("\0"):
            self.at = len(self.text)
            return True
        return False

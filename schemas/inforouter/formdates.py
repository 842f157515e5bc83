"""Dates over GET and POST form, as .NET's DateTime.Parse takes them in the invariant culture.

A text is read token by token. What was read of a date or a time so far is a *shape*; schemas/inforouter/dateshapes.py
says which comes next, and when one is whole: then its numbers are a date or a time, and another may begin. What is not
told is today's. Compared with mono, thousands of texts at a time, by tests/asmx/test_dates.py.

Offsets beyond 14 hours are refused, as by mono and by .NET since Core; the .NET Framework took all up to 99:59. Hebrew
numerals, which .NET reads in every culture, are not.
"""

from dataclasses import dataclass, field
from datetime import date as calendar_date
from datetime import datetime

from schemas.inforouter.dateparts import DIGITS, TIME_UNITS, UNITS, BadDate, Text, is_letter
from schemas.inforouter.dateshapes import STEPS
from schemas.inforouter.moments import DAY, LAST_TICK, MINUTE, SECOND, Moment, east_at, later, moment, ticks_of

_CALENDAR = (
    "The DateTime represented by the string is not supported in calendar System.Globalization.GregorianCalendar."
)
_OFFSET = "The time zone offset must be within plus or minus 14 hours."
_RANGE = "The DateTime represented by the string is out of range."
_UNKNOWN = "The string was not recognized as a valid DateTime. There is an unknown word starting at index {}."
_WEEKDAY = "String was not recognized as a valid DateTime because the day of week was incorrect."
_MOST = 14 * 60 * MINUTE
#: two digits up to here are of this century
_CENTURY = 29

_CALENDAR_PARTS = ("year", "month", "day")
_CLOCK = ("hour", "minute", "second")
_UNITS_OF_DATE = frozenset(_CALENDAR_PARTS)
#: tokens behind which nothing is read
_LAST = ("$", "N$", "M$")


def read(text: str, now: datetime | None = None) -> Moment:
    """`now` is the server's time, for what is not told. Raises BadValue."""
    return _Reading(Text(text), now or datetime.now()).read()


def _full_year(year: int) -> int:
    return year + (2000 if year <= _CENTURY else 1900) if year < 100 else year


@dataclass(slots=True)
class _Reading:
    """What was found so far. `numbers` are those of the shape that is not whole yet, of which `count` are new; `date`
    and `time` are what is known. `half` is AM or PM, `units` those that were named, `offset` is in ticks."""

    text: Text
    now: datetime
    numbers: list[int] = field(default_factory=lambda: [0, 0, 0])
    count: int = 0
    year: int | None = None
    month: int | None = None
    weekday: int | None = None
    half: int | None = None
    fraction: float = 0.0
    offset: int | None = None
    date: dict[str, int] = field(default_factory=dict)
    time: dict[str, int] = field(default_factory=dict)
    units: set[str] = field(default_factory=set)
    has_date: bool = False
    has_time: bool = False

    def read(self) -> Moment:
        shape, token, is_any_whole = "", "", False
        while token not in _LAST:
            token = self._token(shape)
            if not token:
                continue
            if token == "Nt" and shape in ("YN", "YN-"):  # noqa: S105
                return self._iso()
            if token not in STEPS[shape]:
                raise BadDate
            shape, is_whole = STEPS[shape][token]
            if is_whole:
                self._whole(shape)
                shape, is_any_whole = "", True
        if not is_any_whole:
            raise BadDate
        return self._moment()

    # tokens

    def _token(self, shape: str) -> str:
        """The next one; empty for what can be passed over."""
        text = self.text
        if not text.skip_blanks():
            return "$"
        if text.current in DIGITS:
            return self._number(shape)
        word = text.word()
        if word is not None:
            return self._word(*word, shape)
        if is_letter(text.current):
            raise BadDate(_UNKNOWN.format(text.at))
        if text.current in ",.":
            text.at += 1
            return ""
        start = text.at
        if self.offset is None:
            self.offset = text.offset()
            if self.offset is not None:
                return ""
            text.at = start
        if text.passes_hash_or_null():
            return ""
        raise BadDate

    def _word(self, kind: str, which: int, shape: str) -> str:
        match kind:
            case "half" if self.half is None:
                self.half = which
                return ""
            case "zone" if self.offset is None:
                self.offset = 0
                return "Z"
            case "weekday" if self.weekday is None:
                self.weekday = which
                return "W"
            case "month" if self.month is None:
                self.month = which
                return self._with_what_follows("M", shape)
            case "era":
                return "E"
        raise BadDate

    def _with_what_follows(self, letter: str, shape: str) -> str:
        """A dash that can be no separator is left for an offset."""
        before = self.text.at
        separator = self.text.separator()
        if separator == "-":
            steps = STEPS[shape]
            if f"{letter}-" not in steps and steps.get(f"{letter}_", ("", False))[1]:
                self.text.at = before
                return f"{letter}_"
        return f"{letter}{'-' if separator == '/' else separator}"

    def _number(self, shape: str) -> str:
        text = self.text
        digits = text.digits()
        if self.count == 3 or len(digits) > 8:
            raise BadDate
        if shape == "h:m:" and text.current == "." and text.more:
            self.fraction = text.fraction() or 0.0
        if shape in ("h:", "h:m:"):
            self._offset_behind()
        is_year, number = len(digits) > 2, int(digits)
        if is_year:
            if self.year is not None:
                raise BadDate
            self.year = number
        token = self._with_what_follows("Y" if is_year else "N", shape)
        separator = token[1:]
        if separator in UNITS or separator in TIME_UNITS:
            is_short = not is_year and UNITS.get(separator) == "year"
            return self._unit(separator, _full_year(number) if is_short else number)
        if separator in ("am", "pm"):
            if self.half is not None:  # .NET passes over both
                return ""
            self.half = int(separator == "pm")
            if is_year:
                return "Y_"
            if shape == "N-N":
                self._whole("NN")
        if is_year:
            return token
        self.numbers[self.count] = number
        self.count += 1
        if separator in ("am", "pm"):
            if shape in ("h:", "h:m:"):
                self._offset_behind()
            return "Nh"
        return token

    def _unit(self, unit: str, number: int) -> str:
        name = UNITS.get(unit) or TIME_UNITS[unit]
        if name in self.units:
            raise BadDate
        self.units.add(name)
        if unit in TIME_UNITS:
            self.time[name] = number
            return "t"
        if name == "year":
            self.year = number
        if name == "month":
            self.month = number
        self.date[name] = number
        return "d"

    def _offset_behind(self) -> None:
        """An offset may follow a time at once, blanks between or not."""
        text, before = self.text, self.text.at
        text.skip_blanks()
        if not text.current or text.current not in "+-":
            text.at = before
            return
        if self.offset is not None:
            raise BadDate
        self.offset = text.offset()
        if self.offset is None:
            raise BadDate

    # whole dates and times

    def _whole(self, shape: str) -> None:
        """The numbers of a whole shape are its date or time. Where it could be two dates, the first that there is."""
        first, second, third = self.numbers
        year, month, this_year = self.year or 0, self.month or 0, self.now.year
        match shape:
            case "NN":
                self._dated((this_year, first, second))
            case "NNN":
                self._dated((_full_year(third), first, second))
            case "MN":
                self._dated((this_year, month, first), is_only=False)
            case "NM":
                self._dated((_full_year(first), month, 1), is_only=False)
            case "MNN":
                self._dated((_full_year(second), month, first), (_full_year(first), month, second))
            case "YNN" | "NNY":
                self._dated((year, first, second))
            case "YMN":
                self._dated((year, month, first))
            case "YN":
                self._dated((year, first, 1))
            case "YM":
                self._dated((year, month, 1))
            case "T" | "TT" | "TTT":
                if self.has_time:
                    raise BadDate
                self.has_time = True
                self.time |= dict(zip(_CLOCK, self.numbers[: len(shape)], strict=False))
            case "dN" | "Nd" | "NNd":
                self._completed(shape)
        self.count = 0

    def _dated(self, *dates: tuple[int, int, int], is_only: bool = True) -> None:
        if self.has_date:
            raise BadDate
        for date in dates:
            if _is_date(*date):
                self.date = dict(zip(_CALENDAR_PARTS, date, strict=True))
                self.has_date = is_only
                return
        raise BadDate

    def _completed(self, shape: str) -> None:
        """Numbers beside those that have units."""
        first, second, _ = self.numbers
        date, units = self.date, self.units & _UNITS_OF_DATE
        if shape == "dN" and self.count == 1 and "day" not in date:
            date["day"] = first
        elif shape == "Nd" and "month" in date and "year" not in date:
            date |= {"year": _full_year(first), "day": 1}
        elif shape == "NNd" and units == {"year"} and _is_date(date["year"], first, second):
            date |= {"month": first, "day": second}
        elif shape == "NNd" and units == {"month"} and _is_date(_full_year(second), date["month"], first):
            date |= {"year": _full_year(second), "day": first}
        else:
            raise BadDate

    # 2024-05-06T07:08:09

    def _iso(self) -> Moment:
        """Behind the T two digits each. One character right behind an offset or a hash is not looked at."""
        text = self.text
        hour = self._two_digits()
        self._colon()
        clock, fraction = (hour, self._two_digits(), 0), 0.0
        text.skip_blanks()
        if text.current == ":":
            text.at += 1
            clock = (clock[0], clock[1], self._two_digits())
            if text.current == ".":
                digits = text.fraction()
                if digits is None:
                    raise BadDate
                fraction = digits
            text.skip_blanks()
        if text.current in ("Z", "z"):
            self.offset = 0
            text.at += 1
        elif text.current in ("+", "-"):
            self.offset = text.offset()
            if self.offset is None:
                raise BadDate
            text.at += 1
        text.skip_blanks()
        if text.current == "#" and text.passes_hash_or_null():
            text.at += 1
            text.skip_blanks()
        if text.current and not (text.current == "\0" and text.passes_hash_or_null()):
            raise BadDate
        month, day, _ = self.numbers
        return self._on((self.year or 0, month, day), clock, fraction)

    def _two_digits(self) -> int:
        self.text.skip_blanks()
        digits = self.text.digits(2)
        if len(digits) != 2:
            raise BadDate
        return int(digits)

    def _colon(self) -> None:
        self.text.skip_blanks()
        if self.text.current != ":":
            raise BadDate
        self.text.at += 1

    # all together

    def _moment(self) -> Moment:
        clock = [self.time.get(name, 0) for name in _CLOCK]
        if self.half is not None:
            hour = clock[0]
            if hour > (23 if self.half else 12):
                raise BadDate
            clock[0] = (hour + 12 if hour < 12 else hour) if self.half else hour % 12
        month, day = (1, 1) if self.date else (self.now.month, self.now.day)
        defaults = zip(_CALENDAR_PARTS, (self.now.year, month, day), strict=True)
        date = [self.date.get(name, default) for name, default in defaults]
        return self._on((date[0], date[1], date[2]), (clock[0], clock[1], clock[2]), self.fraction, self.weekday)

    def _on(
        self, date: tuple[int, int, int], clock: tuple[int, int, int], fraction: float, weekday: int | None = None
    ) -> Moment:
        try:
            value = datetime(*date, *clock)
        except ValueError:
            raise BadDate(_CALENDAR) from None
        ticks = later(ticks_of(value), round(fraction * SECOND))
        if weekday is not None and (ticks // DAY + 1) % 7 != weekday:
            raise BadDate(_WEEKDAY)
        if self.offset is None:
            return moment(ticks)
        if abs(self.offset) > _MOST:
            raise BadDate(_OFFSET)
        return moment(_local(ticks, self.offset), "local")


def _local(ticks: int, offset: int) -> int:
    """The server's time at a time with an offset. On the first day of all there is no day before."""
    utc = ticks - offset
    if ticks < DAY:
        at = utc + east_at(ticks, utc=False)
        return at + DAY if at < 0 else at
    is_there = 0 <= utc <= LAST_TICK
    at = utc + east_at(utc if is_there else ticks, utc=is_there)
    if not 0 <= at <= LAST_TICK:
        raise BadDate(_RANGE)
    return at


def _is_date(year: int, month: int, day: int) -> bool:
    try:
        calendar_date(year, month, day)
    except ValueError:
        return False
    return True

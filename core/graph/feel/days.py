"""Dates of the calendar that is always Gregorian, of any year that people count to."""

from calendar import monthrange
from dataclasses import dataclass

#: seconds of a day
DAY = 86_400
MAX_YEAR = 999_999_999
#: days of 400 years, after which the calendar begins anew, and those before 1970 since the 1st of March of the year 0
_ERA, _EPOCH = 146_097, 719_468


@dataclass(frozen=True, slots=True, order=True)
class Date:
    year: int
    month: int
    day: int

    @classmethod
    def of(cls, year: int, month: int, day: int) -> "Date":
        """Raises ValueError if there is no such day."""
        if not -MAX_YEAR <= year <= MAX_YEAR or not 1 <= month <= 12 or not 1 <= day <= days_of(year, month):
            raise ValueError(f"there is no day {year}-{month}-{day}")
        return cls(year, month, day)

    @classmethod
    def of_epoch(cls, days: int) -> "Date":
        """So many days after the 1st of January 1970. Raises ValueError."""
        era, day_of_era = divmod(days + _EPOCH, _ERA)
        year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
        day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
        shifted = (5 * day_of_year + 2) // 153
        month = shifted + 3 if shifted < 10 else shifted - 9
        year = year_of_era + era * 400 + (month <= 2)
        if not -MAX_YEAR <= year <= MAX_YEAR:
            raise ValueError(f"there is no year {year}")
        return cls(year, month, day_of_year - (153 * shifted + 2) // 5 + 1)

    @property
    def epoch(self) -> int:
        year = self.year - (self.month <= 2)
        era, year_of_era = divmod(year, 400)
        day_of_year = (153 * (self.month + (-3 if self.month > 2 else 9)) + 2) // 5 + self.day - 1
        return era * _ERA + year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year - _EPOCH

    @property
    def weekday(self) -> int:
        """1 is Monday."""
        return (self.epoch + 3) % 7 + 1

    @property
    def day_of_year(self) -> int:
        return self.epoch - Date(self.year, 1, 1).epoch + 1

    @property
    def week_of_year(self) -> int:
        """Weeks begin on Monday, the first one is that with the 4th of January."""
        thursday = Date.of_epoch(self.epoch + 4 - self.weekday)
        return (thursday.day_of_year - 1) // 7 + 1

    @property
    def last_of_month(self) -> "Date":
        return Date(self.year, self.month, days_of(self.year, self.month))

    def moved(self, months: int) -> "Date":
        """So many months later, on the last day of a month if that is too short. Raises ValueError."""
        year, month = divmod(self.year * 12 + self.month - 1 + months, 12)
        if not -MAX_YEAR <= year <= MAX_YEAR:
            raise ValueError(f"there is no year {year}")
        return Date(year, month + 1, min(self.day, days_of(year, month + 1)))

    def text(self, *, plus: bool = False) -> str:
        """Four digits of the year at least, more with a sign if that is asked for."""
        sign = "-" if self.year < 0 else "+" if plus and self.year > 9999 else ""
        return f"{sign}{abs(self.year):04}-{self.month:02}-{self.day:02}"


def days_of(year: int, month: int) -> int:
    return monthrange(2000 + year % 400, month)[1]


def months_between(start: Date, end: Date) -> int:
    """Whole months, without the days that remain."""
    months = (end.year - start.year) * 12 + end.month - start.month
    if months > 0 and end.day < start.day:
        return months - 1
    return months + 1 if months < 0 and end.day > start.day else months

"""Texts that are dates, nearly dates, and none, for both of .NET's readers."""

import random

_MONTHS = ("Jan", "february", "Mar", "April", "MAY", "June", "jul", "August", "Sep", "October", "Nov", "December")
_DAYS = ("Mon", "tuesday", "Wed", "Thursday", "FRI", "Sat", "Sunday")
_SPACES = ("", "", "", " ", " ", "  ", "\t", "\xa0", "\u2003")
_SEPARATORS = ("-", "/", " ", ", ", ".", ":", "T", "t", " - ", "/ ", "年", "月", "日", "時", "分", "秒", "년", "시", "")
_ZONES = (
    "Z",
    "z",
    "GMT",
    " gmt",
    "UTC",
    "+02:00",
    "-0330",
    "+8",
    " +05",
    "+14:00",
    "-14:01",
    "+2:3",
    "+99:59",
    "+1:60",
    "EST",
)
_HALVES = ("AM", "pm", " PM", "A", "am ", " A.M.", "PM")
_ODD = (
    "#",
    "\0",
    ",",
    ".",
    "AD",
    "A.D.",
    "BC",
    "x",
    "é",
    "\u200b",
    "٣",
    "\U0001d400",
    "+",
    "-",
    "of",
    "M",
    "Sept",
    "½",
    "\x1c",
    "(",
)
_ENDS = ("0001-01-01", "9999-12-31", "9999-12-30", "0001-01-02", "1/1/0001", "12/31/9999", "1900-02-29", "2000-02-29")
_XML = (
    "--05-06",
    "---31",
    "--02--",
    "--12",
    "2024",
    "2024-05",
    "0000",
    "2024-00",
    "--02-29",
    "--02-30",
    "---32",
    "--13",
)


def texts(seed: int, number: int) -> list[str]:
    chance = random.Random(seed)
    makers = (_like, _like, _pieces, _changed, _changed, _xml)
    return [chance.choice(makers)(chance) for _ in range(number)]


def _number(chance: random.Random) -> str:
    value = chance.choice(
        (chance.randint(0, 13), chance.randint(0, 32), chance.randint(0, 99), chance.randint(1950, 2060))
    )
    width = chance.choice((1, 1, 2, 2, 3, 4, 9))
    return f"{value:0{width}}" if chance.random() < 0.95 else "1" * chance.randint(5, 12)


def _date(chance: random.Random) -> str:
    year, month, day = chance.randint(1980, 2035), chance.randint(1, 12), chance.randint(1, 29)
    mark = chance.choice(("-", "/", " ", ".", ", ", "-", "/"))
    name = _MONTHS[month - 1]
    return chance.choice(
        (
            f"{year}{mark}{month:02}{mark}{day:02}",
            f"{year}{mark}{month}{mark}{day}",
            f"{month}{mark}{day}{mark}{year}",
            f"{month:02}{mark}{day:02}{mark}{year % 100:02}",
            f"{day}{mark}{name}{mark}{year}",
            f"{day} {name} {year % 100:02}",
            f"{name}{mark}{day}, {year}",
            f"{year} {name} {day}",
            f"{name} {year}",
            f"{year}{mark}{month}",
            f"{month}{mark}{day}",
            f"{name} {day}",
            f"{day} {name}",
            f"{year}年{month}月{day}日",
            chance.choice(_ENDS),
        )
    )


def _time(chance: random.Random) -> str:
    hour, minute, second = chance.randint(0, 24), chance.randint(0, 60), chance.randint(0, 60)
    part = "".join(chance.choices("0123456789", k=chance.choice((1, 3, 6, 7, 8, 9, 12, 30))))
    text = chance.choice(
        (
            f"{hour:02}:{minute:02}:{second:02}",
            f"{hour}:{minute:02}",
            f"{hour}:{minute}:{second}",
            f"{hour:02}:{minute:02}:{second:02}.{part}",
            f"{hour:02}:{minute:02}:{second:02}.",
            f"{hour}",
            f"{hour}時{minute}分{second}秒",
        )
    )
    return text + (chance.choice(_SPACES) + chance.choice(_HALVES) if chance.random() < 0.3 else "")


def _like(chance: random.Random) -> str:
    date, time = _date(chance), _time(chance)
    zone = chance.choice(_SPACES) + chance.choice(_ZONES) if chance.random() < 0.5 else ""
    weekday = chance.choice(_DAYS) + chance.choice((", ", " ", "")) if chance.random() < 0.15 else ""
    between = chance.choice(("T", "T", " ", " ", "t", ", ", " T ", ""))
    return chance.choice(
        (
            f"{weekday}{date}{between}{time}{zone}",
            f"{weekday}{date}",
            f"{time}{zone}",
            f"{time} {weekday}{date}{zone}",
            f"{date}{zone}",
            f"#{date} {time}#",
        )
    )


def _pieces(chance: random.Random) -> str:
    kinds = (_SEPARATORS, _SEPARATORS, _SPACES, _MONTHS, _DAYS, _ZONES, _HALVES, _ODD)
    parts = []
    for _ in range(chance.randint(1, 7)):
        parts.append(_number(chance) if chance.random() < 0.75 else "")
        parts.append(chance.choice(chance.choice(kinds)))
    return "".join(parts)


def _changed(chance: random.Random) -> str:
    text = _like(chance)
    for _ in range(chance.randint(1, 3)):
        at = chance.randint(0, len(text))
        put = chance.choice((chance.choice(_ODD), chance.choice(_SEPARATORS), chance.choice(_SPACES), _number(chance)))
        text = text[:at] + put + text[at + chance.choice((0, 1, 2)) :]
    return text


def _xml(chance: random.Random) -> str:
    text = chance.choice((chance.choice(_XML), _time(chance), f"{chance.choice(_ENDS)}T{_time(chance)}", _date(chance)))
    zone = chance.choice((*_ZONES, "-05:00", "+23:59", "-99:99", "")) if chance.random() < 0.7 else ""
    return chance.choice(_SPACES) + text + zone + chance.choice(_SPACES)

"""Settings of a dialect's own, checked when it is built. All raise ValueError, which begins with the option's name."""

from collections.abc import Mapping

from schemas.common.numbers import whole


def check_one_of(options: Mapping[str, str], name: str, *values: str) -> None:
    if options[name] not in values:
        raise ValueError(f"{name} has to be one of {', '.join(filter(None, values))}, not {options[name]}")


def check_truth(options: Mapping[str, str], *names: str) -> None:
    for name in names:
        if options[name] not in ("true", "false"):
            raise ValueError(f"{name} has to be true or false, not {options[name]}")


def check_number(options: Mapping[str, str], name: str, least: int) -> None:
    """A whole one."""
    text = options[name]
    number = whole(text, 9)
    if number is None or number < least:
        raise ValueError(f"{name} has to be a whole number, {least} or more, not {text}")

"""Where users are: countries, their parts and places, time zones; there are neither calendars nor departments here.

Source: ISO 3166-1 and the vendor's suite. Of parts and places only the form of their codes is looked at, and where no
country is told, nothing.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from schemas.processmaker.wire import BadRequest

_CODES = """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY
    BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK
    FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR
    IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK
    ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM
    PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF
    TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
"""
COUNTRIES = frozenset(_CODES.split())
_CODE = re.compile(r"[A-Z0-9]{1,3}")


@cache
def _zones() -> frozenset[str]:
    return frozenset(name for name in available_timezones() if "/" in name or name == "UTC")


def check(values: Mapping[str, Any], country: str) -> None:
    """What was sent of a user, by names in lower case; `country` is where they were until now. Raises BadRequest."""
    texts = {name: str(value) for name, value in values.items() if value not in (None, "")}
    country = texts.get("usr_country", country)
    if country and country not in COUNTRIES:
        raise BadRequest("Invalid value specified for: USR_COUNTRY")
    for name in ("usr_city", "usr_location") if country else ():
        if name in texts and not _CODE.fullmatch(texts[name]):
            raise BadRequest(f"Invalid value specified for: {name.upper()}")
    if "usr_calendar" in texts:
        raise BadRequest(f"The calendar with USR_CALENDAR: {texts['usr_calendar']} does not exist.")
    if "dep_uid" in texts:
        raise BadRequest(f"The department with DEP_UID: '{texts['dep_uid']}' does not exist.")
    if "usr_time_zone" in texts and texts["usr_time_zone"] not in _zones():
        raise BadRequest(f'The time zone with USR_TIME_ZONE: "{texts["usr_time_zone"]}" does not exist.')

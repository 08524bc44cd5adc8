"""Age and sex as files write them."""

import math
import re
from typing import Final

NOTHING: Final = frozenset({"", "unknown", "unk", "nan", "none", "null", "na", "n/a", "<na>"})
"""Words for an unknown value in files, in lower case."""
_OVER_89: Final = 300.0  # how PTB-XL, and what was made from it, hides the age of the very old
_OLDEST: Final = 120.0
_AGE: Final = re.compile(r"(?P<number>-?\d+(?:[.,]\d+)?)[\s-]*(?P<unit>[a-z]*)(?P<rest>\W.*)?", re.I | re.S)
_PER_YEAR: Final = {
    **dict.fromkeys(("", "y", "yr", "yrs", "year", "years", "yo", "j", "jahr", "jahre", "a"), 1.0),
    **dict.fromkeys(("m", "mo", "month", "months", "monat", "monate"), 12.0),
    **dict.fromkeys(("w", "wk", "week", "weeks", "woche", "wochen"), 52.18),
    **dict.fromkeys(("d", "day", "days", "tag", "tage"), 365.25),
}
_SEXES: Final = {
    **dict.fromkeys(("f", "female", "woman", "w", "weiblich", "frau"), "female"),
    **dict.fromkeys(("m", "male", "man", "männlich", "maennlich", "mann", "herr"), "male"),
}


def read_age(text: str, warnings: list[str]) -> float | None:
    """Return years; what is no age is None, with a warning appended.

    >>> remarks = []
    >>> read_age("56", remarks), read_age("300", remarks), read_age("nan", remarks), remarks
    (56.0, 90.0, None, ['age 300 means over 89; kept as 90'])
    >>> read_age("006M", []), read_age("3-month-old", []), read_age("56 years", [])
    (0.5, 0.25, 56.0)
    >>> read_age("01.03.1956", remarks), read_age("45-50", [])
    (None, None)
    """
    if text.strip().lower() in NOTHING:
        return None
    written = _AGE.fullmatch(text.strip())
    if written and not written["unit"] and re.search(r"\d", written["rest"] or ""):
        written = None  # 01.03.1956 is a date of birth, 45-50 a range
    per_year = _PER_YEAR.get(written["unit"].lower(), math.nan) if written else math.nan
    age = float(written["number"].replace(",", ".")) / per_year if written else math.nan
    if age == _OVER_89:
        warnings.append("age 300 means over 89; kept as 90")
        return 90.0
    if 0 <= age <= _OLDEST:
        return age
    warnings.append(
        f"age {text[:60]!r} was left out; expected years (or months, weeks, days) from 0 to {_OLDEST:.0f}"
    )
    return None


def read_sex(text: str, warnings: list[str]) -> str | None:
    """Return female or male; anything else is None, with a warning appended.

    0 and 1 mean either, according to who wrote them.

    >>> read_sex("F", []), read_sex("männlich", []), read_sex("Unknown", [])
    ('female', 'male', None)
    """
    written = text.strip().lower()
    if written not in _SEXES and written not in NOTHING:
        warnings.append(f"sex {text[:60]!r} was left out; expected female or male")
    return _SEXES.get(written)

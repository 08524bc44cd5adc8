"""The text at the head of a print: patient, measurements, the machine's interpretation."""

from dataclasses import asdict, dataclass
from string import Formatter

import numpy as np

from ecgclip.errors import ConfigError
from ecgclip.records.ecg import Ecg


@dataclass(frozen=True)
class Header:
    """The fields that a style's lines may name; an empty one stays blank on the print."""

    id: str = ""
    name: str = ""
    age: str = ""
    sex: str = ""
    date: str = ""
    time: str = ""
    height: str = ""
    weight: str = ""
    rate: str = ""
    pr: str = ""
    qrs: str = ""
    qt: str = ""
    axis: str = ""
    statement: str = ""

    def fill(self, template: str) -> str:
        """The template with this header's fields; empty where it names fields and none of them is known.

        >>> Header(age="63").fill("Age: {age} yrs"), Header().fill("Age: {age} yrs"), Header().fill("25 mm/s")
        ('Age: 63 yrs', '', '25 mm/s')
        """
        fields = asdict(self)
        named = [name for _, name, _, _ in Formatter().parse(template) if name]
        unknown = [name for name in named if name not in fields]
        if unknown:
            raise ConfigError(f"{template!r} names {unknown[0]!r}; a header has {', '.join(fields)}")
        return template.format_map(fields) if not named or any(fields[name] for name in named) else ""


def header_of(ecg: Ecg) -> Header:
    """The header of a record, from what is known of it."""
    age = "" if ecg.age is None else f"{ecg.age:.0f}"
    return Header(id=ecg.name, age=age, sex=(ecg.sex or "").capitalize())


_NAMES = (
    "MILLER",
    "SANTOS",
    "NGUYEN",
    "SCHMIDT",
    "OKAFOR",
    "ROSSI",
    "KIM",
    "LINDQVIST",
    "DOE",
    "TANAKA",
    "AHMED",
)
_GIVEN = ("JANE", "JOHN", "MARIA", "A.", "LI", "PETER", "INGRID", "SAMIR", "E.", "RUTH")
_STATEMENTS = (
    "Normal sinus rhythm",
    "Sinus rhythm",
    "Abnormal ECG",
    "Sinusrhythmus",
    "Nonspecific T wave abnormality",
    "*** Poor data quality ***",
    "Unconfirmed diagnosis",
    "",
)


def random_header(rng: np.random.Generator) -> Header:
    """A random header, unrelated to the record that it is printed on."""
    year, month, day = rng.integers(1984, 2026), rng.integers(1, 13), rng.integers(1, 29)
    dates = (
        f"{year}-{month:02d}-{day:02d}",
        f"{day:02d}.{month:02d}.{year}",
        f"{month:02d}/{day:02d}/{year}",
    )
    return Header(
        id=_random_integer(rng, 1, 10**8),
        name=f"{rng.choice(_NAMES)}, {rng.choice(_GIVEN)}" if rng.random() < 0.7 else "",
        age=_random_integer(rng, 18, 96),
        sex=str(rng.choice(["Male", "Female", "M", "F", ""])),
        date=str(rng.choice(dates)),
        time=f"{rng.integers(24):02d}:{rng.integers(60):02d}:{rng.integers(60):02d}",
        height=_random_integer(rng, 150, 195),
        weight=_random_integer(rng, 45, 120),
        rate=_random_integer(rng, 45, 140),
        pr=_random_integer(rng, 110, 240),
        qrs=_random_integer(rng, 70, 160),
        qt=f"{rng.integers(320, 480)}/{rng.integers(380, 500)}",
        axis=f"{rng.integers(-20, 80)} {rng.integers(-60, 110)} {rng.integers(-30, 120)}",
        statement=str(rng.choice(_STATEMENTS)),
    )


def _random_integer(rng: np.random.Generator, low: int, high: int) -> str:
    return str(rng.integers(low, high))

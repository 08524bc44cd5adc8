"""The numbers of electrocardiography that everything else shares."""

from collections.abc import Sequence
from typing import Final

SPEED_MM_S: Final = 25.0
"""Standard paper speed."""
GAIN_MM_MV: Final = 10.0
"""Standard gain."""
SMALL_SQUARE_MM: Final = 1.0
LARGE_SQUARE_MM: Final = 5.0
RECORD_S: Final = 10.0
"""Length of a standard resting 12-lead record."""
INCH_MM: Final = 25.4
POINT_MM: Final = INCH_MM / 72
"""The unit of length in fonts and PDFs."""

LEADS: Final = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
"""The twelve standard leads in the order that every array here uses."""

_CANONICAL: Final = {lead.upper(): lead for lead in LEADS}
_ALIASES: Final = {
    "MLI": "I",
    "MLII": "II",
    "MLIII": "III",
    "D1": "I",
    "D2": "II",
    "D3": "III",
    "DI": "I",
    "DII": "II",
    "DIII": "III",
}


def lead_name(name: str) -> str | None:
    """Return the standard spelling of a lead's name, or None where it is no standard lead.

    >>> lead_name("AVR"), lead_name("Lead v1"), lead_name("MLII"), lead_name("resp")
    ('aVR', 'V1', 'II', None)
    """
    key = name.upper().replace("LEAD", "").strip(" _-:")
    return _CANONICAL.get(_ALIASES.get(key, key))


def leads_are(leads: Sequence[str]) -> str:
    """The beginning of a sentence about one lead or several.

    >>> leads_are(["V6"]), leads_are(["V4", "V5", "V6"])
    ('lead V6 is', 'leads V4, V5 and V6 are')
    """
    if len(leads) == 1:
        return f"lead {leads[0]} is"
    return f"leads {', '.join(leads[:-1])} and {leads[-1]} are"

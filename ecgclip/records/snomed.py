"""Names of the SNOMED CT codes used in ECG databases.

Table: PhysioNet/Computing in Cardiology Challenge 2021, scored and unscored diagnoses
(Reyna et al. 2021, doi 10.23919/CinC53138.2021.9662687, CC BY 4.0), in snomed.csv beside this file.
"""

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

# CPSC 2018 wrote words instead of codes; the Challenge mapped them to these abbreviations.
_CPSC = {"i-avb": "IAVB", "normal": "NSR"}


def statement_name(written: str) -> str | None:
    """Return the name of a SNOMED code, an abbreviation or a name; None where the table lacks it.

    >>> statement_name("164889003"), statement_name("AF"), statement_name("I-AVB"), statement_name("7")
    ('atrial fibrillation', 'atrial fibrillation', '1st degree av block', None)
    """
    key = written.strip().lower()
    return _names().get(_CPSC.get(key, key).lower())


@cache
def _names() -> Mapping[str, str]:
    """Code, abbreviation and name itself, in lower case -> name."""
    text = (files("ecgclip.records") / "snomed.csv").read_text(encoding="utf-8")
    names: dict[str, str] = {}
    for row in csv.DictReader(line for line in text.splitlines() if not line.startswith("#")):
        for key in (row["code"], row["abbreviation"], row["name"]):
            names[key.lower()] = row["name"]
    return names

"""What a record may say: more than any real one does, and less than a row of an index holds."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from ecgclip.errors import RecordError
from ecgclip.records.ecg import Ecg
from ecgclip.units import LEADS


def ecg(**said: Any) -> Ecg:
    return Ecg(np.ones((len(LEADS), 100), np.float32), 100.0, **said)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"name": "n" * 1001}, "a name of 1001 letters; expected at most 1000"),
        ({"source": "n" * 1001}, "a source of 1001 letters"),
        ({"patient_id": "p" * 5_000_000}, "a patient of 5000000 letters"),
        ({"sex": "s" * 1001}, "a sex of 1001 letters"),
        ({"path": "p" * 4097}, "a path of 4097 letters"),
        ({"report": "r" * 1_000_001}, "a report of 1000001 letters"),
        ({"report": "\U0001f600" * 800_000}, "names of 3.1 MiB; expected at most 3 MiB"),
        ({"codes": {f"{number:x}": 100.0 for number in range(1001)}}, "1001 codes; expected at most 1000"),
        ({"codes": {"c" * 201: 100.0}}, "a code of 201 letters; expected at most 200"),
        ({"codes": {"a\0b": 100.0}}, "a code with control characters, 'a\\x00b'"),
        ({"name": "a\nb"}, "a name with control characters, 'a\\nb'"),
        ({"patient_id": "1\0"}, "a patient with control characters"),
        ({"source": "\x9b2J"}, "a source with control characters"),
    ],
)
def test_what_no_index_takes_is_no_record(said: Mapping[str, Any], words: str) -> None:
    with pytest.raises(RecordError) as caught:
        ecg(**said)
    assert words in str(caught.value)
    assert len(str(caught.value)) < 200


def test_what_real_records_say_is_taken() -> None:
    said = {
        "name": "Müller/2024-01-01 Süd",
        "report": "sinus rhythm\n\tnormal ECG\x0c" + "x" * 900_000,
        "codes": {f"statement\t{number} " + "ü" * 180: 100.0 for number in range(1000)},
        "path": "/" + "p" * 4000,
    }
    assert ecg(**said).report == said["report"]

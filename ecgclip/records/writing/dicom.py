"""A record as a DICOM file, 12-Lead ECG Waveform Storage. Format: PS3.3, A.34.3 and C.10.9; PS3.10, 7.1.

Written by our own code: pydicom, which reads it in the tests, takes a second to import and asks for a socket.
"""

from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import Final

from ecgclip.errors import RecordError
from ecgclip.files import one_line, replace_surrogates
from ecgclip.records.ecg import Ecg, content_hash
from ecgclip.records.writing.dicom_elements import Elements, encoded
from ecgclip.records.writing.steps import GAP, in_steps, microvolts_per_step
from ecgclip.records.writing.writers import Notes
from ecgclip.units import LEADS

_CLASS: Final = "1.2.840.10008.5.1.4.1.1.9.1.1"
_EXPLICIT_LITTLE_ENDIAN: Final = "1.2.840.10008.1.2.1"
_RATES_HZ: Final = (200.0, 1000.0)
_MOST_SAMPLES: Final = 16384
"""What the standard allows for this kind of object."""
_CODES: Final = (1, 2, 61, 62, 63, 64, 3, 4, 5, 6, 7, 8)
"""Of SCP-ECG, in the order of `LEADS`: `5.6.3-9-1` is lead I."""
_SEXES: Final = {"female": "F", "male": "M"}
_LONGEST_NOTE: Final = 250
"""Letters, of at most four bytes each: an annotation has 1,024 bytes."""


def write_dicom(ecg: Ecg, path: Path, notes: Notes) -> None:
    """Write one group of twelve channels, 16 bits, in µV; a gap is the waveform padding value, -32768.

    Notes and warnings are annotations. Sex and age are kept, the report and who the patient is stay behind.
    The date of the recording is not known and left empty; the numbers of study, series and object follow from
    the record, so that the same record gives the same ones.
    Errors: RecordError for what this kind of object cannot hold.
    """
    _check(ecg)
    own = _uid(content_hash(ecg), "object")
    waveforms: Elements = {
        0x0040B020: ("SQ", _annotations(ecg, notes)),
        0x54000100: ("SQ", [_waveform(ecg)]),
    }
    path.write_bytes(bytes(128) + b"DICM" + _meta(own) + encoded({**_about(ecg, own), **waveforms}))


def _check(ecg: Ecg) -> None:
    samples = ecg.signal_mv.shape[1]
    low, high = _RATES_HZ
    if not low <= ecg.rate_hz <= high or samples > _MOST_SAMPLES:
        most = f"at most {_MOST_SAMPLES} at {low:g} to {high:g} Hz"
        raise RecordError(
            f"{samples} samples at {ecg.rate_hz:g} Hz; a DICOM object of 12 leads holds {most}; write .hea"
        )


def _uid(*parts: str) -> str:
    """A number that is nobody else's, made of 128 bits: PS3.5, B.2."""
    return f"2.25.{int.from_bytes(blake2b(' '.join(parts).encode(), digest_size=16).digest(), 'big')}"


def _meta(own: str) -> bytes:
    """The file's own group, with its length first."""
    group = encoded(
        {
            0x00020001: ("OB", b"\0\1"),
            0x00020002: ("UI", _CLASS),
            0x00020003: ("UI", own),
            0x00020010: ("UI", _EXPLICIT_LITTLE_ENDIAN),
            0x00020012: ("UI", _uid("ecgclip")),
        }
    )
    return encoded({0x00020000: ("UL", len(group))}) + group


def _about(ecg: Ecg, own: str) -> Elements:
    """Object, patient, study, series and device; empty is what is not known."""
    now, record = datetime.now(), content_hash(ecg)
    elements: Elements = {
        0x00080005: ("CS", "ISO_IR 192"),
        0x00080016: ("UI", _CLASS),
        0x00080018: ("UI", own),
        0x00080020: ("DA", ""),  # study
        0x00080023: ("DA", f"{now:%Y%m%d}"),  # content
        0x0008002A: ("DT", ""),  # acquisition
        0x00080030: ("TM", ""),
        0x00080033: ("TM", f"{now:%H%M%S}"),
        0x00080050: ("SH", ""),  # accession number
        0x00080060: ("CS", "ECG"),
        0x00080070: ("LO", "ecgclip"),
        0x00080090: ("PN", ""),  # referring physician
        0x00100010: ("PN", ""),
        0x00100020: ("LO", ""),
        0x00100030: ("DA", ""),
        0x00100040: ("CS", _SEXES.get(ecg.sex or "", "")),
        0x0020000D: ("UI", _uid(record, "study")),
        0x0020000E: ("UI", _uid(record, "series")),
        0x00200010: ("SH", ""),  # study
        0x00200011: ("IS", "1"),
        0x00200013: ("IS", "1"),
        0x00400555: ("SQ", []),  # acquisition context
    }
    age: Elements = {} if ecg.age is None else {0x00101010: ("AS", f"{min(int(ecg.age), 999):03d}Y")}
    return {**elements, **age}


def _waveform(ecg: Ecg) -> Elements:
    step_uv = microvolts_per_step(ecg.signal_mv)
    steps = in_steps(ecg.signal_mv, 1000 / step_uv)
    channels = [_channel(lead, code, step_uv) for lead, code in zip(LEADS, _CODES, strict=True)]
    return {
        0x003A0004: ("CS", "DERIVED"),
        0x003A0005: ("US", len(LEADS)),
        0x003A0010: ("UL", steps.shape[1]),
        0x003A001A: ("DS", f"{ecg.rate_hz:g}"),
        0x003A0200: ("SQ", channels),
        0x54001004: ("US", 16),
        0x54001006: ("CS", "SS"),
        0x5400100A: ("OW", GAP.to_bytes(2, "little", signed=True)),
        0x54001010: ("OW", steps.T.tobytes()),
    }


def _channel(lead: str, code: int, step_uv: int) -> Elements:
    return {
        0x003A0203: ("SH", lead),
        0x003A0208: ("SQ", [_coded(f"5.6.3-9-{code}", "SCPECG", "1.3", f"Lead {lead}")]),
        0x003A0210: ("DS", f"{step_uv}"),
        0x003A0211: ("SQ", [_coded("uV", "UCUM", "1.4", "microvolt")]),
        0x003A0212: ("DS", "1"),  # correction
        0x003A0213: ("DS", "0"),  # baseline
        0x003A0215: ("DS", "0"),  # skew
        0x003A021A: ("US", 16),
    }


def _coded(value: str, scheme: str, version: str, meaning: str) -> Elements:
    return {
        0x00080100: ("SH", value),
        0x00080102: ("SH", scheme),
        0x00080103: ("SH", version),
        0x00080104: ("LO", meaning),
    }


def _annotations(ecg: Ecg, notes: Notes) -> list[Elements]:
    """Notes and warnings, each of the whole group of channels."""
    told = [f"{key}: {value}" for key, value in notes.items() if value not in (None, "")]
    texts = [replace_surrogates(one_line(words))[:_LONGEST_NOTE] for words in (*told, *ecg.warnings)]
    return [{0x0040A0B0: ("US", [1, 0]), 0x0040A180: ("US", 0), 0x00700006: ("ST", text)} for text in texts]

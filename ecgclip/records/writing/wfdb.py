"""A record as a WFDB record: a header beside a signal file of format 16. Formats: header(5), signal(5)."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np

from ecgclip.errors import ConfigError
from ecgclip.files import atomic_write, one_line, replace_surrogates
from ecgclip.records.ecg import Ecg
from ecgclip.records.writing.steps import in_steps, steps_per_mv
from ecgclip.records.writing.writers import Notes
from ecgclip.typing import Array
from ecgclip.units import LEADS

_NAME: Final = re.compile(r"[-\w]+", re.ASCII)
"""What a record may be called: others do not read it else."""
_LISTS: Final = re.compile(r"[,;|]")
"""Separators of labels; a label that holds one would be read as two."""


def write_wfdb(ecg: Ecg, path: Path, notes: Notes) -> None:
    """Write the header to `path` and the samples beside it, suffix .dat; both or none.

    Steps of 1 µV, or coarser ones where the signal would be clipped; a gap is -32768. Notes, patient, report
    and warnings become comments; of codes the names are kept.
    Errors: ConfigError for a name that no WFDB record may have.
    """
    name = path.stem
    if not _NAME.fullmatch(name):
        raise ConfigError(f"{path}: a WFDB record is called by letters, digits, - and _, not {name!r}")
    per_mv = steps_per_mv(ecg.signal_mv)
    steps = in_steps(ecg.signal_mv, per_mv)
    header = "\n".join([*_signal_lines(name, ecg, steps, per_mv), *_comments(ecg, notes)]) + "\n"
    with atomic_write(path.with_suffix(".dat")) as samples, atomic_write(path) as text:
        samples.write_bytes(steps.T.tobytes())
        text.write_text(replace_surrogates(header), encoding="utf-8", newline="\n")


def _signal_lines(name: str, ecg: Ecg, steps: Array, per_mv: int) -> Iterator[str]:
    yield f"{name} {len(LEADS)} {ecg.rate_hz:g} {steps.shape[1]}"
    for lead, samples in zip(LEADS, steps, strict=True):
        checksum = int(samples.sum(dtype=np.int64)) % 65536
        yield f"{name}.dat 16 {per_mv}(0)/mV 16 0 {samples[0]} {_signed(checksum)} 0 {lead}"


def _signed(checksum: int) -> int:
    return checksum - 65536 if checksum >= 32768 else checksum


def _comments(ecg: Ecg, notes: Notes) -> Iterator[str]:
    """Lines that `records.header_notes` reads back, and further ones that it leaves alone."""
    labels = ", ".join(code for code in ecg.codes if not _LISTS.search(code))
    facts = {
        "Age": f"{ecg.age:g}" if ecg.age is not None else None,
        "Sex": ecg.sex,
        "Patient": ecg.patient_id,
        "Labels": labels,
        "Report": ecg.report,
        "Source": ecg.source,
        **notes,
    }
    yield from (f"# {key}: {one_line(str(value))}" for key, value in facts.items() if value not in (None, ""))
    yield from (f"# Warning: {one_line(warning)}" for warning in ecg.warnings)

"""Hashes of all that readings and rankings depend on: what is kept under them holds as long as they do."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from ecgclip.evaluation.photos.program import modules, program_hash
from ecgclip.evaluation.photos.results import digest
from ecgclip.records.ecg import Ecg

_HERE: Final = "ecgclip.evaluation.photos"
_RECORDS: Final = ("ecgclip.records.reading",)
"""Left out: what a record says is in the digest of its signal."""
_READER: Final = (
    "ecgclip.engine.query_input",
    "ecgclip.simulation.photos",
    f"{_HERE}.reading_json",
)
_READER_DATA: Final = ("configs/render", "photo", "weights/sheet-reader")


def reader_state() -> str:
    """Of the reader, the prints and the simulated camera."""
    return program_hash(_READER, _RECORDS, _READER_DATA)


def reader_modules() -> list[Path]:
    """The files whose code readings depend on."""
    return modules(_READER, _RECORDS)


def ranker_states(
    model_hash: str, case_ids: Sequence[str], traces: npt.NDArray[np.float32], seed: int
) -> dict[str, str]:
    """Of each method, by name, over a gallery: its case_ids and their traces [case, 4, 1000]."""
    gallery = digest(*case_ids, np.ascontiguousarray(traces).tobytes())
    engine = program_hash(["ecgclip.engine.query"], _RECORDS)
    traces_alone = program_hash([f"{_HERE}.traces_alone", "ecgclip.retrieval.rerank"])
    random_ink = program_hash([f"{_HERE}.random_ink"], _RECORDS)
    return {
        "engine": digest(engine, model_hash, gallery),
        "embedding alone": digest(engine, model_hash, gallery),
        "traces alone": digest(traces_alone, gallery),
        "random encoder": digest(random_ink, str(seed), gallery),
    }


def record_digest(ecg: Ecg) -> str:
    """Of what is printed of a record: its signal, and what its header tells."""
    return digest(f"{ecg.case_id} {ecg.age} {ecg.sex} {ecg.rate_hz}", ecg.signal_mv.tobytes())

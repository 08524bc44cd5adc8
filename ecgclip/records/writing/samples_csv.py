"""A record as a table of text: a row a sample, its time and the twelve leads."""

from pathlib import Path
from typing import Final

import numpy as np

from ecgclip.records.ecg import Ecg
from ecgclip.records.samples_table import TIME
from ecgclip.records.writing.writers import Notes
from ecgclip.units import LEADS

_DIGITS: Final = 4
"""Decimals of a mV: a tenth of a microvolt."""


def write_csv(ecg: Ecg, path: Path, notes: Notes) -> None:
    """Columns `time_s` and the leads in mV, empty where nothing was recorded.

    `records.samples_table` reads it back. The table holds numbers alone, no text that a spreadsheet could
    run: notes have no place in it.
    """
    times_s = np.arange(ecg.signal_mv.shape[1]) / ecg.rate_hz
    with path.open("w", encoding="utf-8", newline="\n") as file:
        print(TIME, *LEADS, sep=",", file=file)
        for time_s, samples in zip(times_s.tolist(), ecg.signal_mv.T.tolist(), strict=True):
            print(f"{time_s:.6f}", *map(_cell, samples), sep=",", file=file)


def _cell(sample_mv: float) -> str:
    return "" if sample_mv != sample_mv else f"{sample_mv:.{_DIGITS}f}"

"""How well the curves of validation sheets are read, in decibels, apart from errors of the map."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ecgclip.photo.curves.bands import BAND_PX, cut_band, whole_pixels
from ecgclip.photo.curves.network import COLUMNS_PER_PX
from ecgclip.photo.curves.read_rows import BandReader
from ecgclip.training.curves.bands import RowTruth, sheet_rows
from ecgclip.training.curves.store import load
from ecgclip.typing import Uint8s


@dataclass(frozen=True)
class RowScore:
    """One row: SNR in dB, ratio of heights read to true, and share of columns rightly called shown or not."""

    level: str
    snr_db: float
    height: float
    present: float


def score_row(reader: BandReader, planes: Uint8s, row: RowTruth, level: str) -> RowScore:
    """Read a row in its band and compare, each less its mean."""
    baseline = whole_pixels(row.baseline_px)
    reading = reader(cut_band(planes, baseline)[None])
    offset = np.repeat(baseline - BAND_PX // 2, COLUMNS_PER_PX)
    read, shown = reading.y_px[0] + offset, np.isfinite(row.y_px)
    truth, seen = row.y_px[shown], read[shown]
    error = (seen - seen.mean()) - (truth - truth.mean())
    snr_db = float(10 * np.log10(truth.var() / max(1e-6, float((error**2).mean()))))
    height = float(np.ptp(seen) / max(1e-6, float(np.ptp(truth))))
    return RowScore(level, snr_db, height, float(np.mean((reading.present[0] > 0.5) == shown)))


def score_files(reader: BandReader, files: Sequence[Path]) -> list[RowScore]:
    scores = []
    for file in files:
        drawn = load(file)
        scores += [score_row(reader, drawn.sheet.planes, row, drawn.level) for row in sheet_rows(drawn.sheet)]
    return scores


def summary(scores: Sequence[RowScore]) -> str:
    """A line for each level, and one for all."""
    levels = sorted({score.level for score in scores})
    lines = [_line(level, [s for s in scores if s.level == level]) for level in levels]
    return "\n".join([*lines, _line("all", scores)])


def _line(name: str, scores: Sequence[RowScore]) -> str:
    snr = np.array([score.snr_db for score in scores])
    height = float(np.median([score.height for score in scores]))
    present = float(np.mean([score.present for score in scores]))
    return (
        f"{name:6} rows {len(scores)} SNR mean {snr.mean():.1f} dB median {np.median(snr):.1f} worst tenth "
        f"{np.quantile(snr, 0.1):.1f} height {height:.3f} present {present:.3f}"
    )

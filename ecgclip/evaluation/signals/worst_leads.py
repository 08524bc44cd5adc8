"""The worst leads of a run on contact sheets: the true curve in black, what was read in blue."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from PIL import Image, ImageDraw

from ecgclip.evaluation.signals.alignment import align
from ecgclip.evaluation.signals.lead_scores import LeadScore
from ecgclip.evaluation.signals.outcome import SignalOutcome, read_signal
from ecgclip.evaluation.signals.pairs import Pair
from ecgclip.figures.picture import font, save_picture
from ecgclip.photo.digitize import digitize
from ecgclip.photo.signal import SIGNAL_RATE_HZ
from ecgclip.typing import Float32s, Floats, Rgb
from ecgclip.units import LEADS

PER_SHEET: Final = 10
_SIZE_PX: Final = (1500, 220)
"""Width and height of a lead."""
_TEXT_PX: Final = 14
_MARGIN_PX: Final = 6
_LARGEST_PX_PER_MV: Final = 150.0
_BEYOND: Final = 1.6
"""A reading that is so many times higher than the truth is cut off by the edge of its cell."""
_EVERY_S, _EVERY_MV = 0.2, 0.5
_LINE, _TRUE, _READ = (240, 200, 196), (20, 20, 20), (0, 90, 255)


@dataclass(frozen=True, eq=False)
class Row:
    """One lead: samples at 500 Hz in mV, NaN where unknown, the true ones moved to where they fit."""

    title: str
    read_mv: Floats
    true_mv: Floats


def save_worst_leads(target: Path, outcomes: Sequence[SignalOutcome], pairs: Sequence[Pair]) -> list[Path]:
    """Write the worst leads to a file, or those of each group to a folder; returns what was written."""
    by_name = {(pair.group, pair.photo): pair for pair in pairs}
    if target.suffix:
        save_picture(contact_sheet([*_rows(outcomes, by_name)]), target)
        return [target]
    target.mkdir(parents=True, exist_ok=True)
    written = []
    for group in dict.fromkeys(one.group for one in outcomes):
        file = target / f"{group.replace(' ', '-')}.png"
        save_picture(contact_sheet(_rows([o for o in outcomes if o.group == group], by_name)), file)
        written.append(file)
    return written


def contact_sheet(rows: Sequence[Row]) -> Rgb:
    """The leads below each other, uint8 RGB [y, x, 3]."""
    return np.concatenate([_drawn(row) for row in rows])


def _rows(outcomes: Sequence[SignalOutcome], pairs: Mapping[tuple[str, str], Pair]) -> list[Row]:
    """The worst leads of the pictures, which are read once more."""
    all_leads = [(score, outcome) for outcome in outcomes for score in outcome.leads]
    worst = sorted(all_leads, key=lambda one: one[0].snr_db)[:PER_SHEET]
    rows = []
    for score, outcome in worst:
        image, true_mv = pairs[outcome.group, outcome.photo].make()
        read_mv, _ = read_signal(digitize, image)
        lead = LEADS.index(score.lead)
        rows.append(_row(score, outcome, read_mv[lead], true_mv[lead]))
    return rows


def _row(score: LeadScore, outcome: SignalOutcome, read: Float32s, true: Float32s) -> Row:
    title = f"{outcome.group}: {outcome.photo}: {score.lead}: {_words(score, outcome)}"
    aligned = align(read, true)
    if aligned is None:
        return Row(title, read, true)
    return Row(title, read, np.where(aligned.compared, aligned.true, np.nan))


def _words(score: LeadScore, outcome: SignalOutcome) -> str:
    if outcome.refused:
        return f"refused: {outcome.refused}"
    if score.rmse_mv is None:
        return "not read"
    qrs = "-" if score.qrs_height is None else f"{score.qrs_height:.2f}"
    return (
        f"{score.snr_db:.1f} dB, r {score.r:.2f}, RMSE {score.rmse_mv:.3f} mV, height {score.height:.2f}, "
        f"QRS {qrs}, {score.shift_ms:+.1f} ms late, {score.read_share:.0%} read"
    )


def _drawn(row: Row) -> Rgb:
    width, height = _SIZE_PX
    known = np.flatnonzero(np.isfinite(row.true_mv))
    first, stop = (int(known[0]), int(known[-1]) + 1) if known.size else (0, row.true_mv.size)
    read, true = row.read_mv[first:stop], row.true_mv[first:stop]
    read, true = (curve - _middle(curve) for curve in (read, true))
    reach_mv = max(_reach(true), min(_reach(read), _BEYOND * _reach(true)))
    px_per_mv = min(_LARGEST_PX_PER_MV, (height / 2 - _TEXT_PX - _MARGIN_PX) / reach_mv)
    px_per_s = width / max((stop - first) / SIGNAL_RATE_HZ, 0.1)
    picture = np.full((height, width, 3), 255, np.uint8)
    _grid(picture, px_per_s * _EVERY_S, px_per_mv * _EVERY_MV)
    for curve, colour, line in ((true, _TRUE, 2), (read, _READ, 1)):
        _curve(picture, curve, (px_per_s, px_per_mv), colour, line)
    image = Image.fromarray(picture)
    ImageDraw.Draw(image).text((_MARGIN_PX, 2), row.title, _TRUE, font(_TEXT_PX))
    return np.asarray(image)


def _reach(curve: Floats) -> float:
    """Largest height above or below the middle, in mV, at least a small square."""
    return float(np.max(np.abs(curve), initial=0.1, where=np.isfinite(curve)))


def _middle(curve: Floats) -> float:
    known = curve[np.isfinite(curve)]
    return float(np.median(known)) if known.size else 0.0


def _grid(picture: Rgb, x_px: float, y_px: float) -> None:
    height, width = picture.shape[:2]
    picture[:, np.arange(0, width, x_px).astype(int)] = _LINE
    picture[np.round(height / 2 + y_px * np.arange(-20, 21)).astype(int).clip(0, height - 1)] = _LINE


def _curve(
    picture: Rgb, curve: Floats, scale: tuple[float, float], colour: tuple[int, int, int], width: int
) -> None:
    """One line a run of known samples, to sixteenths of a pixel."""
    x = np.arange(curve.size) / SIGNAL_RATE_HZ * scale[0]
    y = picture.shape[0] / 2 - curve * scale[1]
    known = np.isfinite(curve)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], known.astype(np.int8), [0]])))
    for first, stop in zip(edges[::2], edges[1::2], strict=True):
        points = np.stack([x[first:stop], np.clip(y[first:stop], -1e4, 1e4)], axis=1)
        fixed = np.round(points * 16).astype(np.int32)
        cv2.polylines(picture, [fixed], False, colour, width, cv2.LINE_AA, shift=4)

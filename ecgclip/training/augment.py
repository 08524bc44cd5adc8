"""Random variations of a record's canonical page, as prints and photos cause them.

First the signal (other seconds, gain, wander, noise), then the drawing (scale, shift, line width), then the
ink (gaps, blur, speckles). All of it is cheap enough for every training image.
"""

import cv2
import numpy as np

from ecgclip.paper.geometry import CANONICAL, MODEL_PX_PER_MM
from ecgclip.paper.raster import ink_page
from ecgclip.photo.layout.retile import draw_traces
from ecgclip.records.ecg import Ecg
from ecgclip.training.settings import Augment
from ecgclip.typing import Ink, Signal, Traces


def clean_view(signal_mv: Signal, rate_hz: float) -> Ink:
    """The page without variations, as an index holds it, uint8 [256, 512]."""
    return ink_page(Ecg(signal_mv, rate_hz))


def augmented_view(signal_mv: Signal, rate_hz: float, settings: Augment, rng: np.random.Generator) -> Ink:
    """One random view of the record's canonical page, uint8 [256, 512]."""
    return augmented(signal_mv, rate_hz, settings, rng)[1]


def augmented(
    signal_mv: Signal, rate_hz: float, settings: Augment, rng: np.random.Generator
) -> tuple[Signal, Ink]:
    """One random view of the record: the signal as it was varied, and the page that shows it."""
    if rng.random() >= settings.probability:
        return signal_mv, clean_view(signal_mv, rate_hz)
    signal = vary_signal(signal_mv, rate_hz, settings, rng)
    # Whole tenths of a millimetre, since the drawing keeps a plan of the strokes for each width.
    ink = ink_page(Ecg(signal, rate_hz), line_mm=round(rng.uniform(*settings.line_mm), 1))
    return signal, vary_ink(moved(ink, settings, rng), settings, rng)


def photo_view(traces_mv: Traces, settings: Augment, rng: np.random.Generator) -> Ink:
    """A page drawn anew from the rows that the photo reader found, float32 [4, 1000], uint8 [256, 512]."""
    gain = 1 + rng.uniform(-settings.gain, settings.gain)
    line_mm = round(rng.uniform(*settings.line_mm), 1)
    ink = draw_traces(traces_mv * np.float32(gain), MODEL_PX_PER_MM, line_mm)
    return moved(ink, settings, rng)


def vary_signal(signal_mv: Signal, rate_hz: float, settings: Augment, rng: np.random.Generator) -> Signal:
    """Other seconds of the record, gain, baseline wander, muscle noise, a lost lead."""
    signal = signal_mv * np.float32(1 + rng.uniform(-settings.gain, settings.gain))
    if rng.random() < settings.roll:
        signal = np.roll(signal, rng.integers(signal.shape[1]), axis=1)
    samples = signal.shape[1]
    time_s = np.arange(samples) / rate_hz
    turns = rng.uniform(0.05, 0.5, (12, 1)) * time_s + rng.uniform(0, 1, (12, 1))
    wander = rng.uniform(0, settings.wander_mv, (12, 1)) * np.sin(2 * np.pi * turns)
    noise = rng.normal(0, rng.uniform(0, settings.noise_mv), signal.shape)
    varied = (signal + wander + noise).astype(np.float32)
    varied[rng.random(12) < settings.lead_dropout] = np.nan
    return varied


def moved(ink: Ink, settings: Augment, rng: np.random.Generator) -> Ink:
    """Small errors of the scale and of the place, for each row its own along the height."""
    height, width = ink.shape
    scale_x, scale_y = 1 + rng.uniform(-settings.scale, settings.scale, 2)
    reach = settings.shift_mm * MODEL_PX_PER_MM
    shift_x = rng.uniform(-reach, reach) + width / 2 * (1 - scale_x)
    out = np.zeros_like(ink)
    row_px = height // CANONICAL.rows
    for top in range(0, height, row_px):
        shift_y = rng.uniform(-reach, reach) / 2 + row_px / 2 * (1 - scale_y)
        matrix = np.array([[scale_x, 0, shift_x], [0, scale_y, shift_y]])
        out[top : top + row_px] = cv2.warpAffine(ink[top : top + row_px], matrix, (width, row_px))
    return out


def vary_ink(ink: Ink, settings: Augment, rng: np.random.Generator) -> Ink:
    """Gaps where a fold or glare took the ink, blur, residues of grid and writing."""
    if rng.random() < settings.erase:
        ink = _with_gaps(ink, rng)
    if rng.random() < settings.blur:
        ink = cv2.GaussianBlur(ink, (0, 0), rng.uniform(0.4, 1.2)).astype(np.uint8, copy=False)
    if rng.random() < settings.speckle:
        ink = _with_residue(ink, rng)
    return ink


def _with_gaps(ink: Ink, rng: np.random.Generator) -> Ink:
    ink = ink.copy()
    height, width = ink.shape
    for _ in range(rng.integers(1, 6)):
        h, w = rng.integers(8, 64), rng.integers(4, 40)
        y, x = rng.integers(0, height - h), rng.integers(0, width - w)
        ink[y : y + h, x : x + w] = (ink[y : y + h, x : x + w] * rng.uniform(0, 0.5)).astype(np.uint8)
    return ink


def _with_residue(ink: Ink, rng: np.random.Generator) -> Ink:
    """Short strokes of left-over grid, letters and creases."""
    ink = ink.copy()
    height, width = ink.shape
    for _ in range(rng.integers(1, 25)):
        x, y = int(rng.integers(0, width)), int(rng.integers(0, height))
        dx, dy = (int(v) for v in rng.integers(-10, 11, 2))
        cv2.line(ink, (x, y), (x + dx, y + dy), int(rng.integers(40, 256)), 1, cv2.LINE_AA)
    return ink

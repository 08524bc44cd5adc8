"""Handwriting: notes with a pen, anywhere on the page, mostly in the upper margin."""

from dataclasses import dataclass

import cv2
import numpy as np

from ecgclip.typing import Float64s, Rgb


@dataclass(frozen=True)
class Note:
    """One line of scribble from (x, y), shares of the page; `seed` forms its letters."""

    x: float
    y: float
    length_mm: float
    height_mm: float
    slope: float
    line_mm: float
    rgb: tuple[int, int, int]
    seed: int


@dataclass(frozen=True)
class Handwriting:
    """The notes on a page."""

    notes: tuple[Note, ...]


def sample_handwriting(rng: np.random.Generator, strength: float) -> Handwriting:
    """One note, or up to three at strength 1."""
    inks = ((30, 40, 120), (25, 25, 28), (150, 30, 30))
    notes = [
        Note(
            x=float(rng.uniform(0.05, 0.7)),
            y=float(rng.beta(1.2, 2.5)),
            length_mm=float(rng.uniform(15, 90)),
            height_mm=float(rng.uniform(3, 8)),
            slope=float(rng.normal(0, 0.06)),
            line_mm=float(rng.uniform(0.3, 0.8)),
            rgb=inks[int(rng.integers(len(inks)))],
            seed=int(rng.integers(2**31)),
        )
        for _ in range(int(rng.integers(1, 2 + max(1, round(2 * strength)))))
    ]
    return Handwriting(tuple(notes))


def apply_handwriting(page: Rgb, writing: Handwriting, px_per_mm: float) -> Rgb:
    """The page with notes, uint8 RGB."""
    written = page.copy()
    for note in writing.notes:
        start = np.array([note.x * page.shape[1], note.y * page.shape[0]])
        for word in scribble(note):
            points = np.round((start + word * px_per_mm) * 16).astype(np.int32)
            width = max(1, round(note.line_mm * px_per_mm))
            cv2.polylines(written, [points[:, None]], False, note.rgb, width, cv2.LINE_AA, 4)
    return written


def scribble(note: Note) -> list[Float64s]:
    """The words of a note as curves [point, (x, y)] in mm from its start: a pen that loops as it moves on."""
    rng = np.random.default_rng(note.seed)
    words, x = [], 0.0
    while x < note.length_mm:
        length = min(float(rng.uniform(6, 22)), note.length_mm - x)
        t = np.linspace(0, 1, max(8, int(length * 5)))
        letters = length / (0.55 * note.height_mm)
        phase = 2 * np.pi * (letters * t + np.cumsum(rng.normal(0, 0.02, len(t))))
        tall = np.interp(t, np.linspace(0, 1, 12), rng.uniform(0.3, 1.0, 12)) * note.height_mm / 2
        xs = x + length * t + 0.16 * note.height_mm * np.cos(phase)
        words.append(np.stack([xs, tall * np.sin(phase) + note.slope * xs], axis=1))
        x += length + float(rng.uniform(2, 5))
    return words

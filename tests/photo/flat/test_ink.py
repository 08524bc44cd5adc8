"""What repeats with the squares goes, the trace stays."""

import numpy as np

from ecgclip.photo.flat.ink import normalize, notch
from ecgclip.typing import Uint8s

CELL = 20


def squared(size: int, jitter: int = 0) -> Uint8s:
    """Lines 5 mm apart, as dark as ink is; every third one off its place by `jitter` pixels."""
    paper = np.zeros((size, size), np.uint8)
    for k, place in enumerate(range(CELL // 2, size - 2, CELL)):
        off = jitter if k % 3 == 0 else 0
        paper[place + off] = 200
        paper[:, place + off] = 200
    return paper


def test_the_grid_goes() -> None:
    for jitter in (0, 1):
        left = notch(squared(240, jitter), np.full((240, 240), 255, np.uint8))
        assert left.mean() < 0.05 * squared(240, jitter).mean()


def test_the_trace_stays() -> None:
    paper = squared(240)
    paper[123:126, 15:230] = 230
    ink = normalize(notch(paper, np.full((240, 240), 255, np.uint8)), np.full((240, 240), 255, np.uint8))
    trace = ink[124, 15:230]
    assert np.mean(trace > 0.5) > 0.8
    ink[120:129] = 0
    assert ink.mean() < 0.02


def test_nothing_is_ink_outside_the_mask() -> None:
    mask = np.zeros((240, 240), np.uint8)
    mask[:120] = 255
    ink = normalize(np.full((240, 240), 200, np.uint8), mask)
    assert ink[120:].max() == 0
    assert ink[:120].min() == 1

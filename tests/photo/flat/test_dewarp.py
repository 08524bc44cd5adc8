"""The displacement of a drawn grid whose lines were moved by a known amount."""

import numpy as np
import pytest

from ecgclip.photo.flat.dewarp import NODE_MM, grid_displacement
from ecgclip.typing import Float32s, Float64s, Uint8s

PX_PER_MM = 4.0
SIZE_MM = (150, 200)


def grid_paper(shift_mm: Float64s) -> Uint8s:
    """Lines of 1 mm, heavier every 5, upright ones moved to the right by `shift_mm` [column of pixels]."""
    height, width = (round(side * PX_PER_MM) for side in SIZE_MM)
    x_mm = (np.arange(width) + 0.5) / PX_PER_MM - shift_mm
    y_mm = (np.arange(height) + 0.5) / PX_PER_MM

    def lines(at_mm: Float64s) -> Float64s:
        fine = 25 * np.exp(-0.5 * ((at_mm + 0.5) % 1 - 0.5) ** 2 / 0.15**2)
        return fine + 45 * np.exp(-0.5 * ((at_mm + 2.5) % 5 - 2.5) ** 2 / 0.2**2)

    return np.maximum(lines(x_mm)[None, :], lines(y_mm)[:, None]).astype(np.uint8)


def found_mm(shift_mm: Float64s, line_mm: float) -> tuple[Float32s, float]:
    """The x shift at each column of nodes and the share of clear nodes."""
    dark = grid_paper(shift_mm)
    nothing = np.zeros_like(dark)
    displacement = grid_displacement(dark, nothing, nothing, PX_PER_MM, line_mm)
    return np.median(displacement.shift_mm[0], axis=0), float(displacement.clear.mean())


@pytest.mark.parametrize("line_mm", [5.0, 2.5, 1.0])
def test_a_gentle_curl_is_read_by_every_wave(line_mm: float) -> None:
    x_mm = (np.arange(round(SIZE_MM[1] * PX_PER_MM)) + 0.5) / PX_PER_MM
    shift_mm = 1.5 * np.sin(2 * np.pi * x_mm / 200)
    found, clear = found_mm(shift_mm, line_mm)
    nodes = (np.arange(found.size) + 0.5) * NODE_MM
    expected = 1.5 * np.sin(2 * np.pi * nodes / 200)
    apart = (-found - expected)[4:-4]
    assert clear > 0.8
    assert np.abs(apart - line_mm * np.round(np.median(apart) / line_mm)).max() < 0.3


def test_the_wave_of_5_mm_reads_on_where_paper_tilts_too_far_for_that_of_2_5() -> None:
    """Beyond a fold the lines stand a seventh closer: within the window the short wave loses its phase."""
    x_mm = (np.arange(round(SIZE_MM[1] * PX_PER_MM)) + 0.5) / PX_PER_MM
    tilt = 1 / 7
    found, clear = found_mm(-tilt * np.maximum(0.0, 60.0 - x_mm), 2.5)
    nodes = (np.arange(found.size) + 0.5) * NODE_MM
    expected = -tilt * np.maximum(0.0, 60.0 - nodes)
    apart = (-found - expected)[4:-4]
    assert clear > 0.8
    assert np.abs(apart - 2.5 * np.round(np.median(apart) / 2.5)).max() < 0.7


def test_colour_is_taken_where_darkness_falls_into_pieces() -> None:
    """A strip where a printed grid beats with the pixels splits the sheet, though most of it is clear."""
    dark = grid_paper(np.zeros(round(SIZE_MM[1] * PX_PER_MM)))
    split = dark.copy()
    split[:, round(80 * PX_PER_MM) : round(115 * PX_PER_MM)] = 30
    faint = np.random.default_rng(0).normal(0, 6, dark.shape)
    colour = np.clip(0.4 * dark + faint, 0, 255).astype(np.uint8)
    nothing = np.zeros_like(dark)
    alone = grid_displacement(split, nothing, nothing, PX_PER_MM, 5.0)
    both = grid_displacement(split, nothing, colour, PX_PER_MM, 5.0)
    assert alone.clear.mean() < 0.5
    assert both.clear.mean() > 0.9
    assert np.abs(both.shift_mm[:, 4:-4, 4:-4]).max() < 0.3

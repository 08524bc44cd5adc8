"""A grid that fades is followed as far as its lines agree with the paper; a blank margin is not."""

import numpy as np
import pytest

from ecgclip.photo.flat.dewarp import NODE_MM, grid_displacement
from ecgclip.typing import Bools, Uint8s
from tests.photo.flat.test_dewarp import PX_PER_MM, SIZE_MM, grid_paper


def fading(strength: float) -> Uint8s:
    """A curled grid on noisy paper, from 130 mm on at a share of its strength."""
    width = round(SIZE_MM[1] * PX_PER_MM)
    x_mm = (np.arange(width) + 0.5) / PX_PER_MM
    dark = grid_paper(1.5 * np.sin(2 * np.pi * x_mm / 200)).astype(np.float64)
    dark *= np.where(x_mm < 130, 1.0, strength)
    noise = np.random.default_rng(1).normal(6, 2, dark.shape)
    return np.clip(dark + noise, 0, 255).astype(np.uint8)


def clear_beyond(strength: float) -> tuple[Bools, float]:
    """Clear nodes of the columns from 145 to 170 mm, and the largest error of their shift in mm."""
    dark = fading(strength)
    nothing = np.zeros_like(dark)
    found = grid_displacement(dark, nothing, nothing, PX_PER_MM, 2.5)
    columns = slice(round(145 / NODE_MM), round(170 / NODE_MM))
    nodes = (np.arange(found.clear.shape[1]) + 0.5)[columns] * NODE_MM
    apart = -found.shift_mm[0][:, columns] - 1.5 * np.sin(2 * np.pi * nodes / 200)
    apart -= 2.5 * np.round(np.median(apart) / 2.5)
    return found.clear[4:-4, columns], float(np.abs(apart[4:-4]).max())


def test_a_grid_at_a_quarter_of_its_strength_is_followed() -> None:
    clear, error_mm = clear_beyond(0.25)
    assert clear.mean() > 0.8
    assert error_mm < 0.3


@pytest.mark.parametrize("strength", [0.0])
def test_a_blank_margin_is_not_clear(strength: float) -> None:
    clear, _ = clear_beyond(strength)
    assert clear.mean() < 0.1

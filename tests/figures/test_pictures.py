"""Pictures hold what they say: ink where ink was, a grid every 5 mm, each panel in its place."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ecgclip.errors import ConfigError
from ecgclip.figures.ink_picture import ink_picture
from ecgclip.figures.picture import save_picture
from ecgclip.figures.side_by_side import Panel, side_by_side
from ecgclip.paper.geometry import CANONICAL, CANONICAL_PX_PER_MM

SIZE = CANONICAL.size_px(CANONICAL_PX_PER_MM)


def test_ink_is_dark_and_the_rest_is_paper() -> None:
    ink = np.zeros(SIZE, np.uint8)
    ink[300:304, 500:700] = 255
    picture = ink_picture(ink)
    assert picture.shape == (*SIZE, 3)
    assert picture[300:304, 500:700].max() < 60
    ink[300:304, 500:700] = 0
    blank = ink_picture(ink)
    changed = np.any(picture != blank, axis=2)
    assert changed[300:304, 500:700].all()
    assert changed.sum() == 4 * 200


def test_the_grid_has_a_strong_line_every_5_mm() -> None:
    # A strip without lead names, between two panels' labels.
    strip = ink_picture(np.zeros(SIZE, np.uint8))[110].astype(int).sum(axis=1)
    strong = np.flatnonzero(strip == strip.min())
    np.testing.assert_array_equal(strong, np.arange(0, SIZE[1], 20))
    lines = np.flatnonzero(strip < strip.max())
    np.testing.assert_array_equal(lines, np.arange(0, SIZE[1], 4))


def test_panels_stand_left_and_right() -> None:
    red, green, blue = (
        np.full((100, 200, 3), colour, np.uint8) for colour in ((200, 0, 0), (0, 200, 0), (0, 0, 200))
    )
    picture = side_by_side(Panel("a", red), Panel("b", green), Panel("c", blue, "größer " * 200)).astype(int)
    rows, columns = {}, {}
    for name, channel in (("red", 0), ("green", 1), ("blue", 2)):
        others = [other for other in range(3) if other != channel]
        mask = (picture[..., channel] > 150) & (picture[..., others] < 50).all(axis=2)
        assert mask.sum() > 100_000
        rows[name], columns[name] = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    assert columns["red"].max() < columns["green"].min() == columns["blue"].min()
    assert rows["green"].max() < rows["blue"].min()


def test_a_saved_picture_is_read_back(tmp_path: Path) -> None:
    picture = np.random.default_rng(0).integers(0, 255, (20, 30, 3), np.uint8)
    save_picture(picture, tmp_path / "p.png")
    with Image.open(tmp_path / "p.png") as image:
        np.testing.assert_array_equal(np.asarray(image), picture)


@pytest.mark.parametrize("name", ["p.gif", "p", "p.txt"])
def test_an_unknown_suffix_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="pictures end in"):
        save_picture(np.zeros((2, 2), np.uint8), tmp_path / name)

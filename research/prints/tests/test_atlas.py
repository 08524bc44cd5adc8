import sys

import cv2
import numpy as np
import pytest

from ecgclip.simulation.ecg import SyntheticSource
from ecgclip.simulation.prints.random_print import random_print
from research.prints.atlas import main, overlay, sheet


@pytest.mark.parametrize("labels", [[], ["--labels"]])
def test_the_atlas_shows_as_many_prints_as_asked(tmp_path, monkeypatch, labels):
    out = tmp_path / "atlas.png"
    asked = ["atlas", "--out", str(out), "--count", "3", "--columns", "2", "--width", "200", *labels]
    monkeypatch.setattr(sys, "argv", asked)
    main()
    assert cv2.imread(str(out)).shape == (2 * (156 + 4), 2 * 204, 3)


def test_the_overlay_pales_the_print_and_marks_its_labels():
    page = random_print(SyntheticSource(1).read("00001"), np.random.default_rng(0))
    before = page.rgb.copy()
    shown = overlay(page)
    assert np.array_equal(page.rgb, before)
    assert shown.shape == page.rgb.shape
    assert np.any(np.all(shown == (0, 150, 0), axis=2))


def test_pictures_keep_their_shape_in_their_cells():
    tall = np.zeros((300, 100, 3), np.uint8)
    cells = sheet([tall, tall, tall], 2, 100)
    assert cells.shape == (2 * 82, 2 * 104, 3)
    assert (cells[:78, :26] == 0).all()
    assert (cells[:78, 27:100] == 90).all()

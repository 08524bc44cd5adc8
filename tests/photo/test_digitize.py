"""The signal of a picture: a print read back."""

import dataclasses

import numpy as np
import pytest
from PIL import Image

import ecgclip
from ecgclip.errors import RefusedImageError
from ecgclip.paper.render import render
from ecgclip.photo.digitize import ecg_of_page, print_notes
from ecgclip.photo.signal import SIGNAL_RATE_HZ
from ecgclip.units import LEADS


def alike(read, true):
    known = ~np.isnan(read)
    return np.corrcoef(read[known], true[known])[0, 1]


@pytest.mark.parametrize("layout", ["3x4+1R", "6x2", "12x1"])
def test_a_print_is_read_back(ecg, layout, tmp_path):
    render(ecg, layout).save(tmp_path / "a b.png")
    read = ecgclip.digitize(tmp_path / "a b.png")
    assert (read.name, read.source, read.case_id) == ("a b", "photo", "photo/a b")
    assert (read.rate_hz, read.path) == (SIGNAL_RATE_HZ, str(tmp_path / "a b.png"))
    assert read.leads == LEADS
    column_s = {"3x4+1R": 2.5, "6x2": 5.0, "12x1": 10.0}[layout]
    shown_s = (~np.isnan(read.signal_mv)).sum(axis=1) / SIGNAL_RATE_HZ
    expected = [10.0 if (lead, layout) == ("II", "3x4+1R") else column_s for lead in LEADS]
    np.testing.assert_allclose(shown_s, expected, atol=0.1)
    assert np.median([alike(*leads) for leads in zip(read.signal_mv, ecg.signal_mv, strict=True)]) > 0.8


def test_an_array_has_no_name(ecg):
    read = ecgclip.digitize(render(ecg).array)
    assert (read.name, read.path) == ("", None)


def test_what_is_no_ecg_is_refused_with_the_reason(tmp_path):
    Image.new("RGB", (900, 700), "white").save(tmp_path / "blank.png")
    with pytest.raises(RefusedImageError, match=r"blank\.png: refused: \w+"):
        ecgclip.digitize(tmp_path / "blank.png")
    assert ecgclip.rectify(tmp_path / "blank.png").signal_mv.shape == (12, 0)


def test_speed_and_gain_are_told_where_they_are_one(ecg):
    page = ecgclip.rectify(render(ecg).array)
    assert print_notes(page) == {
        "layout": "3x4+1R(II)",
        "speed_mm_s": 25,
        "gain_mm_mv": 10,
        "confidence": round(page.confidence, 4),
    }
    first, *others = page.panels
    half = dataclasses.replace(first, gain_mm_mv=-5.0)
    notes = print_notes(dataclasses.replace(page, panels=(half, *others)))
    assert (notes["speed_mm_s"], notes["gain_mm_mv"]) == (25, None)


def test_rows_without_a_layout_are_refused(ecg):
    page = ecgclip.rectify(render(ecg).array)
    nameless = dataclasses.replace(page, signal_mv=np.full((12, 5000), np.nan, np.float32), layout="unknown")
    with pytest.raises(RefusedImageError, match=r"the image: refused: .* which lead is which"):
        ecg_of_page(nameless)

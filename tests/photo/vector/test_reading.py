"""Prints of many habits, read back: every sample of every lead, at its second."""

from dataclasses import replace

import numpy as np
import pytest

from ecgclip.paper.render import render
from ecgclip.photo.loading.load import open_document
from ecgclip.photo.page import Page
from ecgclip.photo.rectify import rectify
from ecgclip.photo.signal import SIGNAL_RATE_HZ
from ecgclip.photo.vector.document import vector_page
from ecgclip.records.ecg import Ecg
from ecgclip.typing import Float64s, Signal
from ecgclip.units import LEADS
from tests.photo.vector.drawn import SIX, STANDARD, Look, drawn, file_of

PRECISION_MV = 0.002
"""Coordinates are written to a thousandth of a point, and lines between samples are straight."""
TWELVE = tuple((lead,) for lead in LEADS)
CABRERA = (("aVL", "V1"), ("I", "V2"), ("-aVR", "V3"), ("II", "V4"), ("aVF", "V5"), ("III", "V6"))
PLAIN = Look()


def page_of(data: bytes, number: int = 0, *, alone: bool = False) -> Page | None:
    with open_document(data) as document:
        return vector_page(document, number, alone=alone)


def error_mv(found: Signal, true: Float64s | Signal) -> float:
    """RMS over what is shown, less the mean."""
    count = min(found.size, true.size)
    shown = np.isfinite(found[:count])
    difference = found[:count][shown].astype(float) - true[:count][shown]
    return float(np.std(difference))


def assert_is(page: Page | None, ecg: Ecg, seconds: tuple[float, ...]) -> Page:
    """The leads stand at their own seconds; seconds: that each column shows."""
    assert page is not None
    assert page.accepted
    assert page.confidence >= 0.9
    shown = np.isfinite(page.signal_mv).sum(axis=1) / SIGNAL_RATE_HZ
    assert np.abs(np.unique(np.round(shown, 1)) - np.array(seconds)).max() < 0.05
    errors = {
        lead: error_mv(row, true)
        for lead, row, true in zip(LEADS, page.signal_mv, ecg.signal_mv, strict=True)
    }
    assert max(errors.values()) < PRECISION_MV, errors
    return page


@pytest.mark.parametrize("layout", ["3x4", "3x4+1R", "3x4+3R", "6x2", "12x1"])
def test_our_own_prints(ecg: Ecg, layout: str, tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = render(ecg, layout, "pink").save(tmp_path / "page.pdf")
    page = rectify(path)
    seconds = {"3x4": (2.5,), "3x4+1R": (2.5, 10.0), "3x4+3R": (2.5, 10.0), "6x2": (5.0,), "12x1": (10.0,)}
    assert_is(page, ecg, seconds[layout])
    assert page.kind == "pdf"
    assert page.layout.split("(")[0] == layout


@pytest.mark.parametrize(
    ("look", "layout", "seconds"),
    [
        (replace(PLAIN, row_in_one=True), "3x4+1R(II)", (2.5, 10.0)),
        (replace(PLAIN, segments=True), "3x4+1R(II)", (2.5, 10.0)),
        (replace(PLAIN, rows=SIX, rhythm=(), pitch_mm=24), "6x2", (5.0,)),
        (replace(PLAIN, rows=CABRERA, rhythm=(), pitch_mm=24), "6x2", (5.0,)),
        (replace(PLAIN, gain=20, settings="25mm/s 20mm/mV"), "3x4+1R(II)", (2.5, 10.0)),
        (replace(PLAIN, gain=5, settings=""), "3x4+1R(II)", (2.5, 10.0)),
        (replace(PLAIN, chest_gain=5, settings="25mm/s 10/5 mm/mV"), "3x4+1R(II)", (2.5, 10.0)),
        (replace(PLAIN, gap_mm=3), "3x4+1R(II)", (2.5, 10.0)),
        (replace(PLAIN, scale=0.8), "3x4+1R(II)", (2.5, 10.0)),
        (replace(PLAIN, scale=0.8, minor=False), "3x4+1R(II)", (2.5, 10.0)),
        (replace(PLAIN, grid=False), "3x4+1R(II)", (2.5, 10.0)),
        (replace(PLAIN, grid=False, scale=0.83), "3x4+1R(II)", (2.5, 10.0)),
        (replace(PLAIN, name_mm=(0, 8)), "3x4+1R(II)", (2.5, 10.0)),
        (replace(PLAIN, names=False), "3x4+1R(II)", (2.5, 10.0)),
        (replace(PLAIN, names=False, row_in_one=True), "3x4+1R(II)", (2.5, 10.0)),
        (
            replace(PLAIN, names=False, rhythm=("V1", "II", "V5"), pitch_mm=24),
            "3x4+3R(V1,II,V5)",
            (2.5, 10.0),
        ),
        (replace(PLAIN, names=False, rows=SIX, rhythm=(), pitch_mm=24), "6x2", (5.0,)),
    ],
    ids=lambda value: "" if not isinstance(value, str) else value,
)
def test_habits(ecg: Ecg, look: Look, layout: str, seconds: tuple[float, ...]) -> None:
    assert assert_is(page_of(file_of(drawn(ecg, look))), ecg, seconds).layout == layout


def test_fifty_millimetres_a_second(ecg: Ecg) -> None:
    look = replace(PLAIN, rows=TWELVE, rhythm=(), pitch_mm=12, speed=50, seconds=5, settings="50mm/s 10mm/mV")
    page = assert_is(page_of(file_of(drawn(ecg, look))), ecg, (5.0,))
    assert page.signal_mv.shape == (12, 5000)
    assert np.isnan(page.signal_mv[:, 2500:]).all()


@pytest.mark.parametrize(("rows", "leads"), [(STANDARD, ("V1", "V5")), (SIX, ("V1", "V6"))])
def test_columns_of_the_same_seconds(
    ecg: Ecg, rows: tuple[tuple[str, ...], ...], leads: tuple[str, ...]
) -> None:
    look = replace(PLAIN, rows=rows, rhythm=(), simultaneous=True, pitch_mm=24)
    page = page_of(file_of(drawn(ecg, look)))
    assert page is not None
    assert any("the same seconds" in line for line in page.warnings)
    for lead in leads:
        row = page.signal_mv[LEADS.index(lead)]
        assert np.isfinite(row[:1200]).all()
        assert error_mv(row, ecg.signal_mv[LEADS.index(lead)]) < PRECISION_MV
    # where the canonical page asks for other seconds, these stand in
    assert (page.ink[:384, 100:900].max(axis=0) > 0).mean() > 0.99


def test_spellings(ecg: Ecg) -> None:
    spelling = {"I": "DI", "II": "L2", "III": "Lead III", "aVR": "AVR", "aVL": "VL", "V1": "C1", "V2": "v2"}
    assert_is(page_of(file_of(drawn(ecg, replace(PLAIN, spelling=spelling)))), ecg, (2.5, 10.0))


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
@pytest.mark.parametrize("matrix", ["", "0 1 -1 0 595.3 0"])
def test_pages_on_their_side(ecg: Ecg, rotate: int, matrix: str) -> None:
    page = assert_is(page_of(file_of(drawn(ecg, PLAIN), rotate=rotate, matrix=matrix)), ecg, (2.5, 10.0))
    turns = rotate / 90 - (1 if matrix else 0)
    assert np.isclose(np.cos(np.radians(page.rotation_deg - 90 * turns)), 1)
    right = page.corners[1] - page.corners[0]
    assert np.isclose(np.degrees(np.arctan2(right[1], right[0])) % 360, page.rotation_deg % 360)


def test_forms_within_forms(ecg: Ecg) -> None:
    assert_is(page_of(file_of(drawn(ecg, PLAIN), form="0.9 0 0 0.9 5 5")), ecg, (2.5, 10.0))


def test_limb_and_chest_leads_on_two_pages(ecg: Ecg) -> None:
    look = replace(PLAIN, rhythm=(), pitch_mm=24)
    data = file_of(drawn(ecg, replace(look, rows=TWELVE[:6])), drawn(ecg, replace(look, rows=TWELVE[6:])))
    page = assert_is(rectify(data), ecg, (10.0,))
    assert page.layout == "6x1"
    assert any("page 2 was read with it" in line for line in page.warnings)
    alone = page_of(data, 1, alone=True)
    assert alone is not None
    assert alone.leads == LEADS[6:]
    assert any("I, II, III, aVR, aVL and aVF are not on the page" in line for line in alone.warnings)


def test_two_pages_without_names(ecg: Ecg) -> None:
    look = replace(PLAIN, rhythm=(), pitch_mm=24, names=False)
    data = file_of(drawn(ecg, replace(look, rows=TWELVE[:6])), drawn(ecg, replace(look, rows=TWELVE[6:])))
    page = assert_is(rectify(data), ecg, (10.0,))
    assert page.confidence < 0.99
    assert any("no names of leads" in line for line in page.warnings)
    # chest leads alone prove nothing
    assert page_of(data, 1) is None


def test_limb_leads_that_do_not_add_up(ecg: Ecg) -> None:
    wrong = ecg.signal_mv.copy()
    wrong[0] = wrong[6]
    assert page_of(file_of(drawn(replace(ecg, signal_mv=wrong), PLAIN))) is None


def test_a_chart_has_no_scale(ecg: Ecg) -> None:
    look = replace(PLAIN, grid=False, pulse=False, settings="")
    assert page_of(file_of(drawn(ecg, look))) is None


def test_panels_lead_back_to_the_strokes(ecg: Ecg) -> None:
    look = replace(PLAIN, rows=CABRERA, rhythm=(), pitch_mm=24)
    page = page_of(file_of(drawn(ecg, look)))
    assert page is not None
    assert len(page.panels) == 12
    drawn_at = np.argwhere(page.image < 128) / page.px_per_mm
    for panel in page.panels:
        values = page.signal_mv[LEADS.index(panel.lead)]
        for second in (panel.start_s + 0.5, panel.stop_s - 0.5):
            x = panel.x_mm + (second - panel.start_s) * panel.speed_mm_s
            y = panel.baseline_mm - panel.gain_mm_mv * float(values[round(second * SIGNAL_RATE_HZ)])
            assert np.hypot(*(drawn_at - (y, x)).T).min() < 0.5


def test_the_picture_shows_traces_alone(ecg: Ecg) -> None:
    page = page_of(file_of(drawn(ecg, PLAIN)))
    assert page is not None
    height, width = page.image.shape
    assert abs(width / page.px_per_mm - 260) < 2
    assert 100 < height / page.px_per_mm < 200
    assert 0.001 < (page.image < 128).mean() < 0.05

"""Sheets as other machines print them, drawn here: orders, speeds, gains, halves, read as what they are."""

from collections.abc import Sequence

import numpy as np
import pytest
from PIL import Image, ImageDraw

from ecgclip.evaluation.signals.lead_scores import lead_scores
from ecgclip.photo.rectify import first_readable, rectify
from ecgclip.records.ecg import Ecg
from ecgclip.typing import Rgb, Signal
from ecgclip.units import LEADS

PX = 8
CABRERA = ("aVL", "I", "-aVR", "II", "aVF", "III", *LEADS[6:])


def sheet(
    ecg: Ecg, leads: Sequence[str], columns: int, speed: float = 25.0, gain: float = 10.0
) -> tuple[Rgb, Signal]:
    """An A4 page with its names, pulses and settings, and what it shows, float32 [12, 5000] at 500 Hz."""
    image = Image.new("RGB", (297 * PX, 210 * PX), (255, 250, 250))
    draw = ImageDraw.Draw(image)
    for mm in range(298):
        shade, width = ((240, 150, 150), 2) if mm % 5 == 0 else ((250, 215, 215), 1)
        draw.line([(mm * PX, 0), (mm * PX, 210 * PX)], shade, width)
        draw.line([(0, mm * PX), (297 * PX, mm * PX)], shade, width)
    rows = len(leads) // columns
    shown = np.full((12, 5000), np.nan, np.float32)
    signal = np.stack(
        [np.interp(np.arange(5000) / 500, np.arange(row.size) / ecg.rate_hz, row) for row in ecg.signal_mv]
    )
    each_s = min(10.0, 250 / speed) / columns
    for row in range(rows):
        level, x = 20 + row * 180 / rows, 6.0
        wide = 0.2 * speed
        pulse = [(x, 0), (x + 1, 0), (x + 1, 1), (x + 0.8 * wide, 1), (x + 0.8 * wide, 0), (x + wide, 0)]
        points = [(at, level - gain * mv) for at, mv in pulse]
        x += wide
        for column in range(columns):
            name = leads[column * rows + row]
            first, stop = (round(500 * each_s * k) for k in (column, column + 1))
            lead, sign = LEADS.index(name.removeprefix("-")), -1 if name.startswith("-") else 1
            shown[lead, first:stop] = signal[lead, first:stop]
            at = x + np.arange(stop - first) / 500 * speed
            points += zip(at, level - gain * sign * signal[lead, first:stop], strict=True)
            draw.text(((x + 1) * PX, (level - 9) * PX), name, fill=0, font_size=32)
            x += each_s * speed
        draw.line([(a * PX, b * PX) for a, b in points], (10, 10, 30), 3)
    draw.text((10 * PX, 203 * PX), f"{speed:g} mm/s  {gain:g} mm/mV", fill=0, font_size=28)
    return np.asarray(image), shown


@pytest.mark.parametrize(
    ("leads", "columns", "speed", "gain", "layout"),
    [
        (LEADS, 2, 25.0, 10.0, "6x2"),
        (CABRERA, 2, 25.0, 10.0, "6x2 Cabrera"),
        (CABRERA, 1, 25.0, 10.0, "12x1 Cabrera"),
        (LEADS, 2, 50.0, 10.0, "6x2"),
        (LEADS, 1, 25.0, 5.0, "12x1"),
    ],
)
def test_orders_speeds_and_gains(ecg, leads, columns, speed, gain, layout):
    picture, shown = sheet(ecg, leads, columns, speed, gain)
    page = rectify(picture)
    assert (page.accepted, page.layout) == (True, layout)
    assert {(panel.speed_mm_s, abs(panel.gain_mm_mv)) for panel in page.panels} == {(speed, gain)}
    scores = lead_scores(page.signal_mv, shown)
    assert np.median([score.snr_db for score in scores]) > 10


def test_limb_and_chest_leads_on_two_pages_are_one_ecg(ecg):
    pages = [rectify(sheet(ecg, leads, 1)[0]) for leads in (LEADS[:6], LEADS[6:])]
    assert [page.layout for page in pages] == ["6x1 limb", "6x1 chest"]
    both = first_readable(2, pages.__getitem__)
    assert both.leads == LEADS
    assert any("it shows the other leads" in warning for warning in both.warnings)

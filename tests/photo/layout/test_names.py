"""Layouts from names: which lead is which, whatever the arrangement, cut, damaged or unusual."""

import numpy as np
import pytest

from ecgclip.photo.layout.columns import panels_of
from ecgclip.photo.layout.names import named_layout
from ecgclip.photo.layout.templates import TEMPLATES
from ecgclip.photo.seen.ridges import Ridge, RidgeRow
from ecgclip.photo.seen.words import SeenWord
from ecgclip.units import LEADS


def rows_at(levels, columns=4, start=12.0, length=250.0):
    """Straight rows of equal columns."""
    width = length / columns
    starts = tuple(start + width * k for k in range(columns))
    stops = tuple(start + width * (k + 1) for k in range(columns))
    x = np.arange(start, start + length)
    return [RidgeRow((Ridge(x, np.full(x.size, y), 0.9),), starts, stops) for y in levels]


def words_of(template, rows, first=0, off=(5.0, -7.0), leave_out=()):
    found = []
    for leads, row in zip(template.leads[first:], rows, strict=False):
        for lead, x in zip(leads, row.column_starts_mm(len(leads)), strict=True):
            if lead not in leave_out:
                found.append(SeenWord("lead", lead, x + off[0], row.level_mm + off[1], 0.9))
    return found


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda t: t.label())
def test_every_arrangement_is_known_by_its_names(template):
    rows = rows_at(np.arange(template.rows) * 15.0 + 20, template.columns)
    found = named_layout(rows, words_of(template, rows))
    assert found is not None
    assert found.template == template
    assert found.leads == template.leads
    assert found.fitting == 1


def test_strips_below_are_named_by_what_stands_at_their_start():
    template = TEMPLATES[0]
    rows = rows_at([20, 50, 80]) + rows_at([110, 140], columns=1)
    words = words_of(template, rows)
    for row, lead in zip(rows[3:], ("V1", "II"), strict=True):
        words.append(SeenWord("lead", lead, row.start_mm + 5, row.level_mm - 7, 0.8))
    found = named_layout(rows, words)
    assert found.strips == ("V1", "II")
    assert found.label == "3x4+2R(V1,II)"


def test_a_strip_without_a_name_stays_unnamed():
    rows = rows_at([20, 50, 80]) + rows_at([110], columns=1)
    found = named_layout(rows, words_of(TEMPLATES[0], rows))
    assert found.strips == ("",)
    assert found.label == "3x4+1R(?)"
    assert "II" not in [panel.lead for panel in panels_of(found, 25.0, 10.0) if panel.row == 3]


def test_names_that_are_missing_or_misread_change_nothing():
    rows = rows_at([20, 50, 80])
    words = words_of(TEMPLATES[0], rows, leave_out=("I", "V2", "V6", "aVF"))
    words[3] = SeenWord("lead", "V5", words[3].x_mm, words[3].y_mm, 0.6)
    found = named_layout(rows, words)
    assert found.leads == TEMPLATES[0].leads
    assert 0.8 < found.fitting < 1


def test_a_sheet_whose_first_row_is_cut_off_keeps_its_names():
    rows = rows_at([20, 50])
    found = named_layout(rows, words_of(TEMPLATES[0], rows, first=1))
    assert found.first == 1
    assert found.leads == TEMPLATES[0].leads[1:]


def test_a_line_that_is_no_row_is_left_out():
    rows = rows_at([20, 50, 80])
    words = words_of(TEMPLATES[0], rows)
    rows.insert(0, rows_at([5], columns=1)[0])
    found = named_layout(rows, words)
    assert found.leads == TEMPLATES[0].leads
    assert len(found.rows) == 3


def test_few_names_say_nothing():
    rows = rows_at([20, 50, 80])
    assert named_layout(rows, words_of(TEMPLATES[0], rows)[:1]) is None
    assert named_layout([], words_of(TEMPLATES[0], rows)) is None
    assert named_layout(rows, []) is None


def test_panels_follow_each_other_at_the_speed_that_is_printed():
    rows = rows_at([20, 50, 80])
    found = named_layout(rows, words_of(TEMPLATES[0], rows))
    for speed in (25.0, 50.0, 12.5):
        panels = {panel.lead: panel for panel in panels_of(found, speed, 5.0)}
        assert set(panels) == set(LEADS)
        for lead, column in (("I", 0), ("aVL", 1), ("V3", 2), ("V4", 3)):
            assert panels[lead].start_s == pytest.approx(min(10.0, column * 62.5 / speed))
            assert panels[lead].start_px == pytest.approx((12 + column * 62.5) * 4 - 0.5)
        assert panels["I"].gain_mm_mv == 5.0


def test_paper_between_the_columns_takes_no_time():
    x = np.concatenate([np.arange(10.0, 72.5), np.arange(82.5, 145.0)])
    row = RidgeRow((Ridge(x, np.full(x.size, 30.0), 0.9),), (10.0, 82.5), (72.5, 145.0))
    rows = [
        RidgeRow((Ridge(x, np.full(x.size, y), 0.9),), row.starts_mm, row.stops_mm)
        for y in range(20, 110, 15)
    ]
    template = next(t for t in TEMPLATES if (t.rows, t.columns, t.order) == (6, 2, "standard"))
    found = named_layout(rows, words_of(template, rows))
    panels = {panel.lead: panel for panel in panels_of(found, 25.0, 10.0)}
    assert panels["V1"].start_s == pytest.approx(2.5)
    assert panels["V1"].start_px == pytest.approx(82.5 * 4 - 0.5)

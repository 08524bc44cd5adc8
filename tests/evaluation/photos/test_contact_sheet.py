"""What is drawn on a contact sheet, and where."""

import numpy as np
import pytest

from ecgclip.errors import ConfigError
from ecgclip.evaluation.photos.contact_sheet import PER_SHEET, SheetRow, contact_sheet
from ecgclip.evaluation.photos.deviation import Deviation
from ecgclip.evaluation.photos.options import PhotoOptions
from ecgclip.evaluation.photos.outcome import Outcome
from ecgclip.evaluation.photos.overlay import with_grid
from ecgclip.evaluation.photos.worst_photos import Candidate, save_contact_sheets, severity, summary

from .fakes import sheet_page

GREY = np.full((500, 900, 3), 128, np.uint8)


def test_lines_stand_every_25_mm_where_the_map_says():
    page = sheet_page(lambda mm: mm * 4 + [40, 60], input_px_per_mm=4.0, rotation_deg=0.0)
    half = with_grid(GREY, page, 0.5)
    row = np.any(half[90] != GREY[90], axis=1)  # between two horizontal lines
    middles = [
        int(np.mean(run))
        for run in np.split(np.flatnonzero(row), np.flatnonzero(np.diff(np.flatnonzero(row)) > 1) + 1)
    ]
    right = (40 + 4 * 197.5) / 2
    expected = [20, 70, 120, 170, 220, 270, 320, 370, right]
    assert middles == pytest.approx(expected, abs=1.1)
    assert (half[30, 20] == (230, 0, 60)).all()  # the top left corner's dot
    assert (with_grid(GREY, page, 0.5) != GREY).any()
    assert (GREY == 128).all()


def row(wrong, page=None):
    return SheetRow("a title", "some words", GREY, 1.0, page, None, wrong)


def test_a_sheet_says_what_is_wrong_in_red():
    one = contact_sheet([row(False)])
    two = contact_sheet([row(False), row(True)])
    assert two.shape == (2 * one.shape[0], one.shape[1], 3)
    well, wrong = (part.astype(int) for part in (two[: len(one)], two[len(one) :]))
    red = lambda part: int(((part[..., 0] > 150) & (part[..., 1:].max(axis=-1) < 60)).sum())
    assert red(well) == 0
    assert red(wrong) > 20


def outcome(rank, refused="", seen=None):
    return Outcome("a", "S1", {"engine": rank, "traces alone": 1}, refused, 0.5, 1.0, None, seen)


def test_the_worst_come_first_and_files_hold_as_many_as_fit(tmp_path):
    seen = Deviation(0.02, 1.5, 180.0, "12x1", "3x4")
    outcomes = [outcome(1), outcome(1, seen=seen), outcome(3), outcome(None), outcome(None, "no grid")]
    assert [severity(o) for o in outcomes] == [0, 1, 2, 3, 4]
    assert summary(outcomes[1]) == "rank 1, true layout 3x4, px/mm +2.0 %, corners 1.5 mm, turned +180"
    assert summary(outcomes[3]) == "not among the first ten, cause: other"
    shown = []

    def show(candidate):
        shown.append(candidate.name)
        return row(candidate.severity > 0)

    many = [Candidate(f"{i}", "S0" if i < 20 else "phone photos", i % 5, "", lambda: GREY) for i in range(22)]
    assert save_contact_sheets(tmp_path / "x.png", many, show) == [tmp_path / "x.png"]
    assert len(shown) == PER_SHEET
    assert shown[:5] == ["4", "9", "14", "19", "3"]
    written = save_contact_sheets(tmp_path / "all", many, show)
    assert [file.name for file in written] == ["S0-1.png", "S0-2.png", "phone-photos-1.png"]
    assert len(shown) == PER_SHEET + 22


def test_options_are_checked(tmp_path):
    PhotoOptions(contact_sheet=tmp_path).check()
    for options, words in (
        (PhotoOptions(levels=("S9",)), "level 'S9' is unknown"),
        (PhotoOptions(simulated=-1), "expected 0 or more"),
        (PhotoOptions(contact_sheet=tmp_path / "x.txt"), "contact sheets are pictures"),
    ):
        with pytest.raises(ConfigError, match=words):
            options.check()

import numpy as np

from ecgclip.photo.curves.bands import BAND_PX
from ecgclip.photo.curves.network import COLUMNS_PER_PX
from ecgclip.photo.flat.paper_map import FLAT_PX_PER_MM
from ecgclip.simulation.camera import photograph
from ecgclip.simulation.prints.printed import Print
from ecgclip.training.curves.bands import random_bands, sheet_rows
from ecgclip.training.curves.sample import CurveSheet, lay_flat, rows_of
from ecgclip.training.curves.store import DrawnCurves, load, save
from ecgclip.training.drawn_sheets import path_of


def laid(plain: Print, level: str, seed: int = 3) -> CurveSheet:
    rng = np.random.default_rng(seed)
    return lay_flat(plain, photograph(plain.rgb, level, rng), rng, reader=0.0)


def darkness(sheet: CurveSheet) -> tuple[float, float]:
    """Mean darkness of the pixels on the curves, and of the paper around."""
    shown = np.isfinite(sheet.points_px[:, 1])
    x, y = np.round(sheet.points_px[shown]).astype(int).T
    inside = (x >= 0) & (x < sheet.planes.shape[2]) & (y >= 0) & (y < sheet.planes.shape[1])
    return float(sheet.planes[0, y[inside], x[inside]].mean()), float(sheet.planes[0].mean())


def test_panels_that_follow_each_other_are_one_row(plain: Print) -> None:
    rows = rows_of(plain.curves)
    assert rows[0] == rows[2]
    assert rows[1] == rows[3]
    assert len({int(rows[0]), int(rows[1]), int(rows[4])}) == 3


def test_curves_lie_on_the_ink_of_flat_and_of_crumpled_paper(plain: Print) -> None:
    for level in ("S0", "S2", "S3", "phone"):
        on, around = darkness(laid(plain, level))
        assert on > max(60, 3 * around), level


def test_each_row_is_known_in_every_column(plain: Print) -> None:
    rows = sheet_rows(laid(plain, "S0"))
    assert len(rows) == 3
    for row in rows:
        lengths = np.isfinite(row.y_px).sum() / (FLAT_PX_PER_MM * COLUMNS_PER_PX)
        assert 115 < lengths < 125
        shown = row.y_px[np.isfinite(row.y_px)]
        assert 14 < np.ptp(shown) / FLAT_PX_PER_MM < 18


def test_pieces_show_the_trace_where_they_say(plain: Print, tmp_path) -> None:
    drawn = DrawnCurves(laid(plain, "S1"), "S1")
    save(drawn, path := path_of(tmp_path, 0))
    again = load(path)
    assert again.level == "S1"
    assert np.array_equal(again.sheet.row, drawn.sheet.row)
    batch = random_bands([path], 6, 256, np.random.default_rng(0))
    assert batch.planes.shape == (6, 3, BAND_PX, 256)
    shown = np.isfinite(batch.y_px)
    assert shown.mean() > 0.3
    dark = [
        batch.planes[k, 0, np.round(batch.y_px[k, c]).astype(int), c // COLUMNS_PER_PX]
        for k, c in zip(*np.nonzero(shown), strict=True)
    ]
    assert np.mean(dark) > 3 * batch.planes[:, 0].mean()

"""A tiny reader of curves learns something in a few steps, resumes from its checkpoint, becomes a graph."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from ecgclip.errors import ModelError
from ecgclip.photo.curves.bands import BAND_PX
from ecgclip.photo.curves.network import BINS, COLUMNS_PER_PX, CurveNetwork
from ecgclip.training.curves import loop
from ecgclip.training.curves.bands import CurveBatch, sheet_rows
from ecgclip.training.curves.export import export_graph
from ecgclip.training.curves.loop import TorchCurves, train
from ecgclip.training.curves.losses import curve_loss, steepness
from ecgclip.training.curves.model import CurveReader, folded
from ecgclip.training.curves.run import calibration_bands, quantise
from ecgclip.training.curves.settings import CurveData, CurveModel, CurveTraining
from ecgclip.training.curves.store import draw_missing, load
from ecgclip.training.curves.validate import score_files, score_row
from ecgclip.training.drawn_sheets import sheet_files
from tests.training.small_run import small_cache

MODEL = CurveModel(widths=(8, 8, 8, 8), dilations=(1,))
CONFIG = CurveTraining(
    model=MODEL,
    data=CurveData(levels=("S0",), shares=(1.0,), reader=0.0),
    steps=6,
    batch_size=2,
    crop_mm=32,
    warmup_steps=2,
    valid_every=3,
)


@pytest.fixture(scope="module")
def sheets(tmp_path_factory):
    out = tmp_path_factory.mktemp("curves")
    cache = small_cache(out / "signals", 18)
    draw_missing(cache, CONFIG.folds, CONFIG.data, 0, out / "train", 3)
    draw_missing(cache, (9,), CONFIG.data, 0, out / "valid", 1)
    return out


def test_a_sheet_depends_on_seed_set_and_number_alone(sheets, tmp_path):
    cache = small_cache(tmp_path / "signals", 18)
    assert draw_missing(cache, CONFIG.folds, CONFIG.data, 0, tmp_path / "train", 2) == 2
    assert draw_missing(cache, CONFIG.folds, CONFIG.data, 0, tmp_path / "train", 2) == 0
    for again, first in zip(sheet_files(tmp_path / "train"), sheet_files(sheets / "train"), strict=False):
        assert np.array_equal(load(again).sheet.planes, load(first).sheet.planes)
    sheet_files(tmp_path / "train")[0].write_bytes(b"no sheet")
    with pytest.raises(ModelError, match="delete it"):
        load(sheet_files(tmp_path / "train")[0])


def test_a_resumed_run_ends_where_an_unbroken_one_does(sheets):
    lines: list[str] = []
    whole = train(CONFIG, sheets, resume=False, log=lines.append).state_dict()
    assert "SNR mean" in lines[-1]

    class Killed(Exception):
        pass

    def die(line: str) -> None:
        raise Killed  # at the first validation, after its checkpoint was written

    with pytest.raises(Killed):
        train(CONFIG, sheets, resume=False, log=die)
    again = train(CONFIG, sheets, resume=True, log=lines.append).state_dict()
    assert all(torch.equal(whole[name], again[name]) for name in whole)
    longer = train(replace(CONFIG, init_from=str(sheets), steps=1), sheets, resume=False, log=lines.append)
    moved = [
        float((a - whole[name]).abs().max()) for name, a in longer.state_dict().items() if "weight" in name
    ]
    assert max(moved) < 0.1


def test_every_loss_falls(sheets):
    torch.manual_seed(0)
    model = CurveReader(MODEL)
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-2)
    batch = loop._batch(replace(CONFIG, batch_size=4, crop_mm=64), sheets / "train", 0)
    first, *_, last = [loop._step(model, optimiser, batch, 1.0) for _ in range(40)]
    for name in ("height", "distance", "present"):
        assert last[name] < 0.8 * first[name], name


def test_a_height_between_two_bins_is_their_mixture_and_columns_without_trace_do_not_count():
    y_px = np.array([[20.5, 21.5, np.nan]], np.float32)  # bins 10 and 10.5
    heights = torch.full((1, BINS, 3), -20.0)
    heights[0, 10, 0] = heights[0, 10, 1] = heights[0, 11, 1] = 0.0
    batch = CurveBatch(np.zeros((1, 3, BAND_PX, 2), np.uint8), y_px)
    _, right = curve_loss((heights, torch.tensor([[9.0, 9.0, -9.0]])), batch)
    assert right["distance"] < 1e-3
    assert right["present"] < 1e-3
    heights[0, :, 2] = torch.rand(BINS)
    assert curve_loss((heights, torch.tensor([[9.0, 9.0, -9.0]])), batch)[1] == right
    heights[0, 10, 0], heights[0, 40, 0] = -20.0, 0.0
    assert curve_loss((heights, torch.tensor([[9.0, 9.0, -9.0]])), batch)[1]["distance"] > 10


def test_steep_columns_count_more_but_not_without_end():
    bins = torch.tensor([[0.0, 0.0, 2.0, 4.0, 40.0, 40.0, 40.0]])
    weights = steepness(bins, torch.ones_like(bins, dtype=torch.bool))
    assert weights.tolist() == [[0.0, 1.0, 2.0, 3.0, 3.0, 0.0, 0.0]]


def test_cells_hold_the_pixels_of_their_place():
    planes = torch.randint(256, (2, 3, 8, 6), dtype=torch.uint8)
    cells = folded(planes)
    assert cells.shape == (2, 24, 2, 3)
    assert torch.equal(cells[0, :8, 1, 2].reshape(4, 2), planes[0, 0, 4:8, 4:6])


def test_the_graph_says_what_the_network_says(sheets, tmp_path):
    torch.manual_seed(1)
    model = CurveReader(MODEL)
    export_graph(model, tmp_path / "fp32.onnx")
    bands = np.stack(calibration_bands(sheets / "train")[:2])[:, :, :, :330]
    exact = TorchCurves(model, exact=True)(bands)
    graph = CurveNetwork(tmp_path / "fp32.onnx")(bands)
    assert graph.y_px.shape == (2, 330 * COLUMNS_PER_PX)
    np.testing.assert_allclose(graph.present, exact.present, atol=1e-4)
    assert np.quantile(np.abs(graph.y_px - exact.y_px), 0.99) < 0.05
    quantise(tmp_path / "fp32.onnx", tmp_path / "int8.onnx", calibration_bands(sheets / "train")[:4])
    assert (tmp_path / "int8.onnx").stat().st_size < (tmp_path / "fp32.onnx").stat().st_size
    assert np.isfinite(CurveNetwork(tmp_path / "int8.onnx")(bands).y_px).all()


def test_a_perfect_reader_scores_far_better_than_a_flat_one(sheets):
    drawn = load(sheet_files(sheets / "valid")[0])
    row = sheet_rows(drawn.sheet)[0]
    untrained = score_files(TorchCurves(CurveReader(MODEL)), sheet_files(sheets / "valid"))
    assert len(untrained) == len(sheet_rows(drawn.sheet))

    class Perfect:
        def __call__(self, bands):
            from ecgclip.photo.curves.bands import whole_pixels
            from ecgclip.photo.curves.network import BandReading

            offset = np.repeat(whole_pixels(row.baseline_px) - BAND_PX // 2, COLUMNS_PER_PX)
            y_px = (np.nan_to_num(row.y_px) - offset)[None].astype(np.float32)
            return BandReading(y_px, np.ones_like(y_px), np.isfinite(row.y_px)[None].astype(np.float32))

    score = score_row(Perfect(), drawn.sheet.planes, row, "S0")
    assert score.snr_db > 40
    assert score.present == 1
    assert score.height == pytest.approx(1)
    assert np.median([each.snr_db for each in untrained]) < 3

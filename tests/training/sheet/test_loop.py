"""A tiny reader learns something in a few steps, resumes from its checkpoint, and becomes a graph."""

import warnings
from dataclasses import replace

import numpy as np
import pytest
import torch

from ecgclip.photo.flat.network import SheetNetwork
from ecgclip.training.sheet.export import export_graph, quantise
from ecgclip.training.sheet.loop import TorchReader, train
from ecgclip.training.sheet.model import SheetReader, folded
from ecgclip.training.sheet.settings import SheetData, SheetModel, SheetTraining
from ecgclip.training.sheet.store import draw_missing, load, sheet_files
from tests.training.small_run import small_cache

MODEL = SheetModel(widths=(8, 8, 8, 8), dilations=(1,))
CONFIG = SheetTraining(
    model=MODEL,
    data=SheetData(levels=("S0",), shares=(1.0,), negatives=0.25, reader=0.0),
    steps=6,
    batch_size=2,
    crop_mm=32,
    large_batch_size=1,
    large_mm=(32, 64),
    warmup_steps=2,
    valid_every=3,
)


@pytest.fixture(scope="module")
def sheets(tmp_path_factory):
    out = tmp_path_factory.mktemp("sheets")
    cache = small_cache(out / "signals", 18)
    draw_missing(cache, CONFIG.folds, CONFIG.data, 0, out / "train", 3)
    draw_missing(cache, (9,), CONFIG.data, 0, out / "valid", 1)
    return out


def test_a_resumed_run_ends_where_an_unbroken_one_does(sheets):
    lines: list[str] = []
    whole = train(CONFIG, sheets, resume=False, log=lines.append).state_dict()
    assert "trace F1" in lines[-1]

    class Killed(Exception):
        pass

    def die(line: str) -> None:
        raise Killed  # at the first validation, after its checkpoint was written

    with pytest.raises(Killed):
        train(CONFIG, sheets, resume=False, log=die)
    again = train(CONFIG, sheets, resume=True, log=lines.append).state_dict()
    assert all(torch.equal(whole[name], again[name]) for name in whole)


def test_the_loss_falls(sheets):
    from ecgclip.training.sheet import loop

    torch.manual_seed(0)
    model = SheetReader(MODEL)
    optimiser = torch.optim.AdamW(model.parameters(), lr=5e-3)
    config = replace(CONFIG, batch_size=4)
    batch = loop._batch(config, sheets / "train", 0)
    terms = [loop._step(model, optimiser, batch, 1.0)["trace"] for _ in range(30)]
    assert terms[-1] < 0.75 * terms[0]


def test_pixels_are_folded_as_torch_unshuffles_them():
    planes = torch.randint(256, (2, 3, 8, 12), dtype=torch.uint8)
    assert torch.equal(folded(planes), torch.nn.functional.pixel_unshuffle(planes, 4))


@pytest.fixture(scope="module")
def graphs(sheets):
    torch.manual_seed(0)
    model = SheetReader(MODEL).eval()
    files = sheet_files(sheets / "train")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter warns of its own deprecations
        export_graph(model, sheets / "fp32.onnx")
        quantise(sheets / "fp32.onnx", sheets / "int8.onnx", [load(file).sample.planes for file in files])
    return model, SheetNetwork(sheets / "fp32.onnx", 1, names=True), SheetNetwork(sheets / "int8.onnx", 1)


def test_the_graph_reads_as_torch_does_in_any_size(graphs, sheets):
    model, fp32, int8 = graphs
    planes = load(sheet_files(sheets / "train")[0]).sample.planes
    for part in (planes, np.ascontiguousarray(planes[:, :90, :210])):
        here, there, small = TorchReader(model, exact=True)(part), fp32(part), int8(part)
        assert there.trace.shape == part.shape[1:]
        assert there.names.shape == (12, -(-part.shape[1] // 8), -(-part.shape[2] // 8))
        assert np.abs(here.trace - there.trace).max() < 1e-4
        assert np.abs(here.names - there.names).max() < 1e-4
        assert np.abs(here.orientation - there.orientation).max() < 1e-4
        assert abs(here.ecg - there.ecg) < 1e-4
        assert np.abs(small.trace - there.trace).max() < 0.1
        assert small.names.size == 0  # not asked for

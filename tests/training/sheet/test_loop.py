"""A tiny reader learns something in a few steps, resumes from its checkpoint, and becomes a graph."""

import warnings
from dataclasses import replace

import numpy as np
import pytest
import torch

from ecgclip.errors import ModelError
from ecgclip.photo.flat.network import CELLS, SheetNetwork, padded
from ecgclip.photo.flat.words import NO_WORD
from ecgclip.training.drawn_sheets import sheet_files
from ecgclip.training.sheet.export import export_graph, quantise
from ecgclip.training.sheet.loop import TorchReader, train
from ecgclip.training.sheet.model import SheetReader, folded
from ecgclip.training.sheet.settings import SheetData, SheetModel, SheetTraining
from ecgclip.training.sheet.store import draw_missing, load
from ecgclip.training.sheet.warm_start import warm_start
from tests.training.small_run import small_cache

MODEL = SheetModel(widths=(8, 8, 8, 8), dilations=(1,), letters=8)
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
    assert "words found of printed" in lines[-1]

    class Killed(Exception):
        pass

    def die(line: str) -> None:
        raise Killed  # at the first validation, after its checkpoint was written

    with pytest.raises(Killed):
        train(CONFIG, sheets, resume=False, log=die)
    again = train(CONFIG, sheets, resume=True, log=lines.append).state_dict()
    assert all(torch.equal(whole[name], again[name]) for name in whole)


def test_every_loss_falls(sheets):
    from ecgclip.training.sheet import loop

    torch.manual_seed(0)
    model = SheetReader(MODEL)
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-2)
    config = replace(CONFIG, batch_size=4, crop_mm=64)
    batch = loop._batch(config, sheets / "train", 0)
    first, *_, last = [loop._step(model, optimiser, batch, 1.0) for _ in range(40)]
    assert last["trace"] < 0.8 * first["trace"]
    assert last["words"] < 0.5 * first["words"]
    assert last["cells"] < 0.8 * first["cells"]


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
    return model, SheetNetwork(sheets / "fp32.onnx", 1), SheetNetwork(sheets / "int8.onnx", 1)


def test_the_graph_reads_as_torch_does_in_any_size(graphs, sheets):
    model, fp32, int8 = graphs
    planes = load(sheet_files(sheets / "train")[0]).sample.planes
    for part in (planes, np.ascontiguousarray(planes[:, :90, :210])):
        here, there, small = TorchReader(model, exact=True)(part), fp32.read_all(part), int8(part)
        rows, columns = part.shape[1:]
        assert there.trace.shape == part.shape[1:]
        assert there.words.shape == (NO_WORD, -(-rows // 8), -(-columns // 8))
        assert there.cells.shape == (len(CELLS), -(-rows // 4), -(-columns // 4))
        for output in ("trace", "words", "cells", "orientation"):
            assert np.abs(getattr(here, output) - getattr(there, output)).max() < 1e-4
        assert abs(here.ecg - there.ecg) < 1e-4
        assert np.abs(small.trace - there.trace).max() < 0.1


def test_what_is_not_requested_is_not_computed_and_changes_nothing(graphs, sheets):
    planes = load(sheet_files(sheets / "train")[0]).sample.planes
    _, _, int8 = graphs
    plain, whole = int8(planes), int8.read_all(planes)
    assert plain.words.size == plain.cells.size == 0
    assert np.array_equal(plain.trace, whole.trace)
    assert np.array_equal(plain.orientation, whole.orientation)
    assert plain.ecg == whole.ecg


@pytest.mark.parametrize("graph", ["fp32.onnx", "int8.onnx"])
def test_a_run_begins_with_the_weights_of_a_graph(graphs, sheets, graph):
    network = SheetNetwork(sheets / graph, 1)
    planes = load(sheet_files(sheets / "train")[0]).sample.planes
    model = SheetReader(MODEL)
    pixels = torch.from_numpy(padded(planes))[None].float() / 255
    assert warm_start(model, sheets / graph, pixels) == []
    here, there = TorchReader(model, exact=True)(planes), network.read_all(planes)
    for output in ("trace", "words", "cells"):
        assert np.abs(getattr(here, output) - getattr(there, output)).max() < 0.03


def test_a_run_cannot_begin_with_weights_of_another_shape(graphs, sheets, tmp_path):
    other = SheetReader(replace(MODEL, widths=(16, 16, 16, 16)))
    with pytest.raises(ModelError, match="no weights of a sheet reader of these widths"):
        warm_start(other, sheets / "int8.onnx", torch.zeros(1, 3, 64, 64))
    (tmp_path / "broken.onnx").write_bytes(b"no graph")
    with pytest.raises(ModelError, match="no readable ONNX graph"):
        warm_start(other, tmp_path / "broken.onnx", torch.zeros(1, 3, 64, 64))

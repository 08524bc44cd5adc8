from pathlib import Path

import cv2
import numpy as np
import pytest

from ecgclip.errors import ModelError
from ecgclip.paper.geometry import Layout
from ecgclip.paper.raster import ink_page
from ecgclip.paper.render import render
from ecgclip.paper.sheet import blank_sheet, colour
from ecgclip.paper.styles import load_style
from ecgclip.photo.flat.network import (
    SheetNetwork,
    SheetReading,
    padded,
    read_within,
    shipped_network,
    trimmed,
)
from ecgclip.photo.flat.paper_map import FLAT_PX_PER_MM
from ecgclip.photo.loading.illumination import separate_planes
from ecgclip.simulation.ecg import SyntheticSource


def test_padding_adds_blank_to_whole_steps_and_nothing_else():
    planes = np.full((3, 40, 64), 7, np.uint8)
    wide = padded(planes)
    assert wide.shape == (3, 64, 64)
    assert (wide[:, :40] == 7).all()
    assert not wide[:, 40:].any()


def test_trimming_takes_the_padding_off_again():
    trace, names = np.zeros((64, 64), np.float32), np.zeros((12, 8, 8), np.float32)
    reading = trimmed(SheetReading(trace, np.full(4, 0.25, np.float32), 0.5, names), (40, 60))
    assert reading.trace.shape == (40, 60)
    assert reading.names.shape == (12, 5, 8)


def test_a_missing_or_broken_graph_is_told_in_one_line(tmp_path: Path):
    (tmp_path / "broken.onnx").write_bytes(b"no graph")
    for name in ("broken.onnx", "absent.onnx"):
        with pytest.raises(ModelError, match=r"no readable ONNX graph"):
            SheetNetwork(tmp_path / name)(np.zeros((3, 32, 32), np.uint8))


class Echo:
    """Sees as trace what is dark."""

    def __call__(self, planes: np.ndarray) -> SheetReading:
        wide = padded(planes)[0].astype(np.float32) / 255
        return trimmed(SheetReading(wide, np.eye(4, dtype=np.float32)[1], 0.7), planes.shape[1:])


def test_reading_within_the_paper_puts_everything_back_in_its_place():
    planes = np.random.default_rng(0).integers(0, 256, (3, 200, 330), np.uint8)
    mask = np.zeros((200, 330), np.uint8)
    mask[70:140, 100:250] = 255
    part, whole = read_within(Echo(), planes, mask), Echo()(planes)
    assert part.trace.shape == whole.trace.shape
    assert np.array_equal(part.trace[70:140, 100:250], whole.trace[70:140, 100:250])
    assert not part.trace[:20].any()
    assert (part.orientation.argmax(), part.ecg) == (1, 0.7)
    everywhere = read_within(Echo(), planes, np.full_like(mask, 255))
    assert np.array_equal(everywhere.trace, whole.trace)


def test_the_shipped_network_reads_a_print_in_each_of_its_turns():
    ecg = SyntheticSource(1, seed=3).read("00001")
    page = render(ecg, "3x4+1R", "orange", px_per_mm=FLAT_PX_PER_MM)
    planes = separate_planes(page.array)
    stack = np.stack([planes.dark, planes.ink, planes.colour])
    truth = ink_page(ecg, page.geometry, FLAT_PX_PER_MM, page.style.line_mm, center_rows=False) > 127
    for turns in range(4):
        reading = shipped_network()(np.ascontiguousarray(np.rot90(stack, turns, axes=(1, 2))))
        assert int(reading.orientation.argmax()) == -turns % 4
        assert reading.orientation.max() > 0.9
        assert reading.ecg > 0.9
        seen = np.rot90(reading.trace, -turns)
        assert (cv2.dilate((seen > 0.5).astype(np.uint8), np.ones((3, 3)))[truth] > 0).mean() > 0.9


def test_names_cost_nothing_unless_asked_for_and_change_nothing_else():
    planes = np.random.default_rng(1).integers(0, 256, (3, 96, 136), np.uint8)
    plain, named = shipped_network()(planes), SheetNetwork(shipped_network().graph, names=True)(planes)
    assert plain.names.size == 0
    assert named.names.shape == (12, 12, 17)
    assert np.array_equal(plain.trace, named.trace)
    assert np.array_equal(plain.orientation, named.orientation)
    assert plain.ecg == named.ecg


def test_the_shipped_network_sees_no_ecg_on_empty_paper():
    page = blank_sheet(load_style("pink"), Layout.L3X4, FLAT_PX_PER_MM)
    planes = separate_planes(colour(page, load_style("pink")))
    reading = shipped_network()(np.stack([planes.dark, planes.ink, planes.colour]))
    assert reading.ecg < 0.1

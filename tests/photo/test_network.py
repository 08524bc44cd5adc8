from pathlib import Path

import numpy as np
import pytest

from ecgclip.errors import ModelError
from ecgclip.photo.network import SheetNetwork, padded, trimmed


def test_padding_adds_blank_to_whole_steps_and_nothing_else():
    planes = np.full((3, 40, 64), 7, np.uint8)
    wide = padded(planes)
    assert wide.shape == (3, 64, 64)
    assert (wide[:, :40] == 7).all()
    assert not wide[:, 40:].any()


def test_trimming_takes_the_padding_off_again():
    trace, names = np.zeros((64, 64), np.float32), np.zeros((12, 8, 8), np.float32)
    reading = trimmed(trace, names, np.full(4, 0.25, np.float32), 0.5, (40, 60))
    assert reading.trace.shape == (40, 60)
    assert reading.names.shape == (12, 5, 8)


def test_a_missing_or_broken_graph_is_told_in_one_line(tmp_path: Path):
    (tmp_path / "broken.onnx").write_bytes(b"no graph")
    for name in ("broken.onnx", "absent.onnx"):
        with pytest.raises(ModelError, match=r"no readable ONNX graph"):
            SheetNetwork(tmp_path / name)(np.zeros((3, 32, 32), np.uint8))

import numpy as np

from ecgclip.photo.flat.network import SheetReading
from ecgclip.training.sheet.crops import name_cells
from ecgclip.training.sheet.flat import FlatSample
from ecgclip.training.sheet.validate import found_names, overlap, score_sheet, summary


def test_overlap_forgives_one_pixel_and_no_more():
    line = np.zeros((20, 20), bool)
    line[10] = True
    assert overlap(line, line) == 1
    assert overlap(np.roll(line, 1, 0), line) == 1
    assert overlap(np.roll(line, 3, 0), line) == 0
    half = line.copy()
    half[10, 10:] = False
    assert overlap(half, line) == 2 * 0.55 / 1.55  # 11 of 20 pixels lie within one of the half
    assert overlap(np.zeros_like(line), line) == 0
    assert overlap(np.zeros_like(line), np.zeros_like(line)) == 1


def test_found_names_count_leads():
    labels = np.array([[44, 44, 2], [84, 44, 7]], np.float32)
    cells = name_cells(labels, (96, 128))
    names = np.stack([(cells == lead).astype(np.float32) for lead in range(12)])
    assert found_names(names, labels) == 1
    names[7] = np.roll(names[7], 6, axis=0)
    assert found_names(names, labels) == 0.5
    assert np.isnan(found_names(names, labels[:0]))


def test_a_perfect_reader_scores_one():
    rng = np.random.default_rng(0)
    trace = np.where(rng.random((64, 96)) > 0.9, 255, 0).astype(np.uint8)
    labels = np.array([[44, 20, 2]], np.float32)

    def reader(planes: np.ndarray) -> SheetReading:
        turns = next(k for k in range(4) if np.array_equal(planes[0], np.rot90(trace, k)))
        orientation = np.eye(4, dtype=np.float32)[-turns % 4]
        cells = name_cells(labels, (64, 96))
        names = np.stack([(cells == lead).astype(np.float32) for lead in range(12)])
        return SheetReading(planes[0] / np.float32(255), orientation, 1.0, names)

    score = score_sheet(reader, FlatSample(np.stack([trace] * 3), trace, labels, True), "S1")
    assert (score.trace_f1, score.names, score.orientation, score.ecg) == (1, 1, 1, 1)
    assert "S1     n 1+0 trace F1 1.000" in summary([score])

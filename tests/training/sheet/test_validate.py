import numpy as np

from ecgclip.photo.flat.network import SheetReading
from ecgclip.photo.flat.words import NO_WORD
from ecgclip.training.sheet.targets import cell_targets, word_cells
from ecgclip.training.sheet.validate import score_sheet, summary
from tests.training.sheet.small_sheet import small_sheet


def test_a_perfect_reader_scores_one():
    rng = np.random.default_rng(0)
    trace = np.where(rng.random((64, 96)) > 0.9, 255, 0).astype(np.uint8)
    pulse = np.zeros_like(trace)
    pulse[20:40, 8:12] = 255
    sheet = small_sheet(64, 96, [(40, 16, 56, 28, 2)], [[(16, 41.5), (80, 41.5)]], trace=trace, pulse=pulse)

    def reader(planes: np.ndarray) -> SheetReading:
        turns = next(k for k in range(4) if np.array_equal(planes[0], np.rot90(trace, k)))
        orientation = np.eye(4, dtype=np.float32)[-turns % 4]
        words = (word_cells(sheet)[None] == np.arange(NO_WORD)[:, None, None]).astype(np.float32)
        return SheetReading(planes[0] / np.float32(255), orientation, 1.0, words, cell_targets(sheet))

    score = score_sheet(reader, sheet, "S1")
    assert (score.trace_f1, score.orientation, score.ecg) == (1, 1, 1)
    assert score.words[2].recall == score.words[2].precision == 1
    for kind in ("pulse", "baseline", "start", "stop"):
        assert score.strokes[kind].recall == score.strokes[kind].precision == 1
    text = summary([score])
    assert "S1     n 1+0 trace F1 1.000 words 1.000/1.000 false 0.0 a sheet" in text
    assert "words found of printed (false): III 1/1 (0)" in text

import numpy as np
import pytest

from ecgclip.errors import ModelError
from research.masked.cells import Beginning, Cell, Way, done, load_scores, plan, save_scores
from research.masked.settings import Comparison

SMALL = Comparison(percents=(1, 50, 100), draws=(3, 2, 1), probe_draws=(2, 1, 1))


def test_every_draw_is_planned_once_from_both_beginnings():
    cells = plan(SMALL)
    assert len(cells) == len(set(cells)) == 2 * (6 + 4)
    for way, draws in ((Way.FINETUNE, SMALL.draws), (Way.PROBE, SMALL.probe_draws)):
        for percent, count in zip(SMALL.percents, draws, strict=True):
            for beginning in Beginning:
                of = [
                    cell.draw
                    for cell in cells
                    if (cell.way, cell.beginning, cell.percent) == (way, beginning, percent)
                ]
                assert sorted(of) == list(range(count))


def test_a_broken_off_run_has_pairs_of_every_percentage_first():
    finetuned = [cell for cell in plan(SMALL) if cell.way is Way.FINETUNE]
    assert [(cell.percent, cell.draw) for cell in finetuned[:6:2]] == [(1, 0), (50, 0), (100, 0)]
    assert [cell.beginning for cell in finetuned[:2]] == list(Beginning)


def test_both_beginnings_and_both_ways_draw_alike_and_no_two_draws_do():
    def first(way, beginning, percent, draw):
        return Cell(way, beginning, percent, draw).rng(0).integers(2**60)

    assert len({first(way, beginning, 10, 1) for way in Way for beginning in Beginning}) == 1
    assert (
        len({first(Way.PROBE, Beginning.RANDOM, percent, draw) for percent in (1, 10) for draw in (0, 1)})
        == 4
    )


def test_scores_are_kept_by_cell(tmp_path):
    cells = plan(SMALL)
    scores = np.random.default_rng(0).normal(size=(7, 11)).astype(np.float32)
    save_scores(scores, cells[3].path(tmp_path))
    kept = done(cells, tmp_path)
    assert list(kept) == [cells[3]]
    assert np.array_equal(kept[cells[3]], scores)
    assert len({cell.path(tmp_path) for cell in cells}) == len(cells)


def test_damaged_scores_are_one_line(tmp_path):
    path = tmp_path / "cell.npz"
    path.write_bytes(b"garbage")
    with pytest.raises(ModelError, match="no whole scores"):
        load_scores(path)


def test_each_percentage_needs_its_numbers_of_draws():
    with pytest.raises(ValueError, match="one number of draws"):
        Comparison(percents=(1, 10), draws=(1,), probe_draws=(1, 1))

import pytest

from ecgclip.training.schedule import schedule


def test_the_learning_rate_rises_over_the_warmup_and_falls_by_a_cosine():
    assert schedule(0.0, 0.2) == pytest.approx(0.01)
    assert schedule(0.1, 0.2) == pytest.approx(0.5)
    assert schedule(0.2, 0.2) == pytest.approx(1.0)
    assert schedule(0.6, 0.2) == pytest.approx(0.505)
    assert schedule(1.0, 0.2) == pytest.approx(0.01)


def test_without_warmup_it_falls_and_with_nothing_else_it_rises():
    assert [schedule(done, 0.0) for done in (0.0, 0.5)] == pytest.approx([1.0, 0.505])
    assert [schedule(done, 1.0) for done in (0.5, 0.9)] == pytest.approx([0.5, 0.9])

import pytest
import torch

from ecgclip.training.optimizer import parameter_groups, warmed_cosine, warmup_cosine


def test_the_learning_rate_rises_over_the_warmup_and_falls_by_a_cosine():
    assert warmup_cosine(0.0, 0.2) == pytest.approx(0.01)
    assert warmup_cosine(0.1, 0.2) == pytest.approx(0.5)
    assert warmup_cosine(0.2, 0.2) == pytest.approx(1.0)
    assert warmup_cosine(0.6, 0.2) == pytest.approx(0.505)
    assert warmup_cosine(1.0, 0.2) == pytest.approx(0.01)


def test_without_warmup_it_falls_and_with_nothing_else_it_rises():
    assert [warmup_cosine(done, 0.0) for done in (0.0, 0.5)] == pytest.approx([1.0, 0.505])
    assert [warmup_cosine(done, 1.0) for done in (0.5, 0.9)] == pytest.approx([0.5, 0.9])


def test_a_cosine_of_steps_is_lower_in_the_first_ones_and_ends_at_its_floor():
    rates = [warmed_cosine(step, 40, 2) for step in range(41)]
    assert rates[0] == 0.5
    assert rates[1] == max(rates)
    assert rates[20] == pytest.approx(0.5)
    assert rates[40] == 0
    assert warmed_cosine(40, 40, 2, floor=0.01) == pytest.approx(0.01)
    assert warmed_cosine(0, 40, 0, floor=0.01) == 1


def test_matrices_decay_alone():
    module = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.LayerNorm(2))
    module.register_parameter("pos_embed", torch.nn.Parameter(torch.zeros(1, 4, 2)))
    decaying, free = parameter_groups(module, 0.1)
    assert decaying == {"params": [module[0].weight], "weight_decay": 0.1}
    assert (len(free["params"]), free["weight_decay"]) == (4, 0.0)

import math

import torch
from torch.nn import functional as F

from ecgclip.photo.flat.words import NO_WORD
from ecgclip.training.sheet.losses import cells_loss, trace_loss, words_loss


def test_the_trace_loss_vanishes_only_for_the_truth():
    truth = (torch.rand(2, 16, 16, generator=torch.Generator().manual_seed(0)) > 0.8).float()
    right = trace_loss(40 * (2 * truth - 1), truth)
    assert right < 1e-3
    assert trace_loss(-40 * (2 * truth - 1), truth) > 10
    blank = trace_loss(torch.full_like(truth, -40.0), truth)
    assert blank > 40 * truth.mean() + 0.29


def test_a_rare_word_weighs_more_than_each_cell_of_a_common_one():
    truth = torch.full((1, 10, 10), NO_WORD)
    truth[0, 0, :9], truth[0, 1, 0] = 3, 17
    losses = []
    for row, column in ((0, 0), (1, 0)):
        logits = 20 * F.one_hot(truth, NO_WORD + 1).permute(0, 3, 1, 2).float()
        logits[0, :, row, column] = 0
        losses.append(float(words_loss(logits, truth)))
    assert math.isclose(losses[1] / losses[0], 3, rel_tol=1e-3)  # 9 cells: root of 9


def test_the_words_loss_vanishes_only_for_the_truth():
    truth = torch.full((1, 10, 10), NO_WORD)
    truth[0, 2:4, 2:5] = 7
    right = 30 * F.one_hot(truth, NO_WORD + 1).permute(0, 3, 1, 2).float()
    assert words_loss(right, truth) < 1e-6
    assert words_loss(right.roll(4, dims=3), truth) > 5
    unlabelled = torch.full_like(truth, -1)
    assert words_loss(torch.randn(1, NO_WORD + 1, 10, 10), unlabelled) == 0


def test_the_cells_loss_is_least_at_the_soft_truth_and_ignores_the_unlabelled():
    truth = torch.rand(2, 5, 8, 8, generator=torch.Generator().manual_seed(0))
    at_truth = cells_loss(torch.logit(truth, eps=1e-6), truth)
    assert at_truth < 1e-6
    assert cells_loss(torch.logit(truth, eps=1e-6) + 1, truth) > 100 * at_truth
    logits = torch.zeros_like(truth)
    before = cells_loss(logits, truth.masked_fill(truth < 0.2, -1))
    logits[truth < 0.2] = 9
    assert torch.isclose(cells_loss(logits, truth.masked_fill(truth < 0.2, -1)), before)

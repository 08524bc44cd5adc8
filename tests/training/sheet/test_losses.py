import math

import torch
from torch.nn import functional as F

from ecgclip.photo.flat.network import NAMES
from ecgclip.training.sheet.losses import names_loss, trace_loss


def test_the_trace_loss_vanishes_only_for_the_truth():
    truth = (torch.rand(2, 16, 16, generator=torch.Generator().manual_seed(0)) > 0.8).float()
    right = trace_loss(40 * (2 * truth - 1), truth)
    assert right < 1e-3
    assert trace_loss(-40 * (2 * truth - 1), truth) > 10
    blank = trace_loss(torch.full_like(truth, -40.0), truth)
    assert blank > 40 * truth.mean() + 0.29


def test_named_and_blank_cells_count_as_two_means():
    logits = torch.zeros(1, NAMES + 1, 1, 3)
    logits[0, 3, 0, 0] = 2.0
    truth = torch.tensor([[[3, NAMES, NAMES]]])
    each = F.cross_entropy(logits, truth, reduction="none").flatten()
    assert math.isclose(float(names_loss(logits, truth)), float(each[0] + each[1:].mean()), rel_tol=1e-5)
    assert torch.isfinite(names_loss(logits, torch.full_like(truth, NAMES)))

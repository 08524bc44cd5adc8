import math

import pytest
import torch
from torch.nn import functional as F

from ecgclip.training.contrastive.losses import (
    SIGLIP_BIAS,
    contrastive_loss,
    photo_view_loss,
    soft_targets,
    statement_loss,
    statement_overlap,
    supervised_contrastive_loss,
)
from ecgclip.training.contrastive.settings import Contrast


def test_overlap_is_shared_over_united_statements():
    labels = torch.tensor([[1, 1, 0], [1, 0, 0], [0, 0, 1], [0, 0, 0]])
    expected = torch.tensor([[1, 0.5, 0, 0], [0.5, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 0]])
    assert torch.equal(statement_overlap(labels), expected)


def test_soft_targets_share_the_weight_among_equal_reports():
    same = torch.tensor([[1, 1, 0], [1, 1, 0], [0, 0, 1]], dtype=torch.bool)
    targets = soft_targets(torch.zeros(3, 3), same, 0.01)
    assert torch.allclose(targets, torch.tensor([[0.5, 0.5, 0], [0.5, 0.5, 0], [0, 0, 1]]), atol=1e-6)


@pytest.mark.parametrize("kind", [Contrast.CLIP, Contrast.SOFT])
def test_without_overlap_soft_and_hard_contrast_are_the_same_cross_entropy(kind):
    torch.manual_seed(0)
    image, text = F.normalize(torch.randn(6, 8), dim=1), F.normalize(torch.randn(6, 8), dim=1)
    logits = 10 * image @ text.T
    answer = torch.arange(6)
    by_hand = (F.cross_entropy(logits, answer) + F.cross_entropy(logits.T, answer)) / 2
    targets = soft_targets(torch.zeros(6, 6), torch.eye(6, dtype=torch.bool), 0.01)
    assert torch.allclose(
        contrastive_loss(kind, image, text, torch.tensor(10.0), targets), by_hand, atol=1e-5
    )


def test_siglip_judges_each_pair_alone():
    image = F.normalize(torch.eye(3), dim=1)
    scale = torch.tensor(20.0)
    right, wrong = math.log1p(math.exp(-10)), math.log1p(math.exp(-10))
    by_hand = (3 * right + 6 * wrong) / 3
    bias = torch.tensor(SIGLIP_BIAS, requires_grad=True)
    found = contrastive_loss(Contrast.SIGLIP, image, image, scale, torch.eye(3), bias)
    assert found.item() == pytest.approx(by_hand, rel=1e-4)
    found.backward()
    # Three right pairs ask for more, six wrong ones for less, each by sigmoid(-10).
    assert bias.grad.item() == pytest.approx((6 - 3) / (1 + math.exp(10)) / 3, rel=1e-3)


def test_supervised_contrastive_loss_is_least_where_similarity_follows_overlap():
    labels = torch.tensor([[1, 0], [1, 0], [0, 1], [0, 1]])
    overlap = statement_overlap(labels)
    like = torch.tensor([[1.0, 0], [1, 0], [0, 1], [0, 1]])
    unlike = torch.tensor([[1.0, 0], [0, 1], [1, 0], [0, 1]])
    args = (overlap, torch.tensor(10.0), 0.1)
    assert supervised_contrastive_loss(like, *args) < 0.1 < supervised_contrastive_loss(unlike, *args)


def test_statement_loss_of_undecided_logits_is_log_two_each():
    assert statement_loss(torch.zeros(4, 30), torch.ones(4, 30)).item() == pytest.approx(
        30 * math.log(2) / 10
    )


def test_each_photo_finds_its_page_and_each_page_its_photo():
    page, photo = torch.eye(4), torch.eye(4)[[1, 3]]
    place, scale = torch.tensor([1, 3]), torch.tensor(2.0)
    to_page, to_photo = math.log(1 + 3 * math.exp(-2)), math.log(1 + math.exp(-2))
    assert photo_view_loss(page, photo, place, scale).item() == pytest.approx((to_page + to_photo) / 2)
    assert photo_view_loss(page, photo.flip(0), place, scale).item() > 2

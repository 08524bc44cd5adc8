"""Losses against their closed forms."""

import math

import torch
from torch.nn import functional as F

from ecgclip.training.text.losses import anchor_loss, pair_loss, retrieval_loss, shares


def unit(*shape: int) -> torch.Tensor:
    return F.normalize(torch.randn(*shape, generator=torch.Generator().manual_seed(sum(shape))), dim=-1)


def test_shares_are_weights_of_the_right_rows() -> None:
    wanted = shares([torch.tensor([0, 2]), torch.tensor([1])], torch.tensor([1.0, 0.5, 0.5]))
    torch.testing.assert_close(wanted, torch.tensor([[2 / 3, 0, 1 / 3], [0, 1, 0]]))


def test_one_wanted_answer_is_cross_entropy() -> None:
    questions, answers = unit(3, 8), unit(5, 8)
    place = torch.tensor([4, 0, 2])
    loss = retrieval_loss(questions, answers, F.one_hot(place, 5).float(), 7.0)
    torch.testing.assert_close(loss, F.cross_entropy(7.0 * questions @ answers.T, place))


def test_alike_answers_are_found_by_chance() -> None:
    answers = unit(1, 8).expand(6, 8)
    loss = retrieval_loss(unit(2, 8), answers, torch.full((2, 6), 1 / 6), 20.0)
    assert math.isclose(loss.item(), math.log(6), rel_tol=1e-5)


def test_what_stays_costs_nothing_and_the_opposite_two() -> None:
    vectors = unit(4, 8)
    torch.testing.assert_close(anchor_loss(vectors, vectors), torch.tensor(0.0), atol=1e-6, rtol=0)
    torch.testing.assert_close(anchor_loss(-vectors, vectors), torch.tensor(2.0))


def test_pairs_without_equal_reports_are_clip() -> None:
    from open_clip.loss import ClipLoss

    pages, reports = unit(6, 8), unit(6, 9)[:, :8]
    loss = pair_loss(pages, reports, torch.eye(6, dtype=torch.bool), 10.0)
    torch.testing.assert_close(loss, ClipLoss()(pages, reports, torch.tensor(10.0)))


def test_equal_reports_are_right_alike() -> None:
    pages = unit(2, 8)
    reports = unit(1, 8).expand(2, 8)
    loss = pair_loss(pages, reports, torch.ones(2, 2, dtype=torch.bool), 1.0)
    swapped = pair_loss(pages.flip(0), reports, torch.ones(2, 2, dtype=torch.bool), 1.0)
    torch.testing.assert_close(loss, swapped)

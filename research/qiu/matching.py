"""Does this report belong to this image, and which of its words are hidden? Two losses on the fusion encoder.

Wrong pairs are drawn where the towers err most easily: in proportion to the softmax of their similarity, as
ALBEF draws them (Li et al. 2021). Words are hidden as in BERT (Devlin et al. 2019): of those chosen, 80 %
become [MASK], 10 % a random word, 10 % stay. Draws come from torch's global generator, as dropout's do: a
checkpoint keeps its state.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

from ecgclip.encoders.text import SPECIAL_TOKENS
from research.qiu.fusion import FusionEncoder


def hard_negatives(logits: Tensor, same: Tensor) -> tuple[Tensor, Tensor]:
    """(rows, columns) of wrong answers: one for each row that has any, drawn by softmax of the row's logits.

    logits: [n, m], scaled similarity; same: bool [n, m], the answers that are right.
    """
    rows = (~same).any(1).nonzero()[:, 0]
    chances = F.softmax(logits.detach().float().masked_fill(same, float("-inf"))[rows], dim=1)
    return rows, torch.multinomial(chances, 1)[:, 0] if len(rows) else rows


def matching_loss(
    fusion: FusionEncoder, states: Tensor, mask: Tensor, tokens: Tensor, logits: Tensor, same: Tensor
) -> Tensor:
    """Cross-entropy over all pairs, all images with a wrong report and all reports with a wrong image.

    states, mask: of the reports; tokens: of the images; logits: scaled similarity, images by reports.
    """
    own = torch.arange(len(states), device=states.device)
    image, wrong_report = hard_negatives(logits, same)
    report, wrong_image = hard_negatives(logits.T, same.T)
    reports = torch.cat([own, wrong_report, report])
    odds = fusion.matching(states[reports], mask[reports], tokens[torch.cat([own, image, wrong_image])])
    truth = torch.zeros_like(odds)
    truth[: len(own)] = 1
    return F.binary_cross_entropy_with_logits(odds, truth)


def hide_words(ids: Tensor, share: float, vocabulary: int) -> tuple[Tensor, Tensor]:
    """(ids with some words hidden, where to guess: bool), both [n, word]; special tokens are left alone."""
    chosen = (torch.rand(ids.shape, device=ids.device) < share) & (ids >= len(SPECIAL_TOKENS))
    fate = torch.rand(ids.shape, device=ids.device)
    hidden = ids.masked_fill(chosen & (fate < 0.8), SPECIAL_TOKENS.index("[MASK]"))
    replaced = chosen & (fate >= 0.8) & (fate < 0.9)
    others = torch.randint(len(SPECIAL_TOKENS), vocabulary, ids.shape, device=ids.device)
    return torch.where(replaced, others, hidden), chosen


def masking_loss(scores: Tensor, words: Tensor) -> Tensor:
    """Cross-entropy of guessed words, scores [place, vocabulary] and ids [place]; 0 where none was hidden."""
    return F.cross_entropy(scores, words, reduction="sum") / max(len(words), 1)

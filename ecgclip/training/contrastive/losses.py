"""The loss terms; every one takes the whole batch, gathered over all processes."""

import torch
from open_clip.loss import ClipLoss, SigLipLoss
from torch import Tensor
from torch.nn import functional as F

from ecgclip.training.contrastive.settings import Contrast


def statement_overlap(labels: Tensor) -> Tensor:
    """Jaccard overlap of statement sets: 0/1 [n, statement] -> float [n, n]; two empty sets overlap 0."""
    one = labels.float()
    both = one @ one.T
    either = one.sum(1)[:, None] + one.sum(1)[None] - both
    return both / either.clamp(min=1)


def soft_targets(overlap: Tensor, same_report: Tensor, temperature: float) -> Tensor:
    """Rows of probabilities over the batch: equal reports count 1, others .9 of their statement overlap."""
    likeness = torch.where(same_report, torch.ones_like(overlap), 0.9 * overlap)
    return F.softmax(likeness / temperature, dim=1)


SIGLIP_BIAS = -10.0
"""Where SigLIP's bias begins (Zhai et al. 2023): of n x n pairs nearly all are wrong."""


def contrastive_loss(
    kind: Contrast, image: Tensor, text: Tensor, scale: Tensor, targets: Tensor, bias: Tensor | None = None
) -> Tensor:
    """Image against report, both ways.

    image, text: unit-norm [n, dim]; scale: exp of the logit scale; bias: what SIGLIP adds to each logit.
    """
    match kind:
        case Contrast.CLIP:
            in_batch: Tensor = ClipLoss()(image, text, scale)
            return in_batch
        case Contrast.SIGLIP:
            pairwise: Tensor = SigLipLoss()(image, text, scale, bias)
            return pairwise
        case Contrast.SOFT:
            logits = scale * image @ text.T
            return (F.cross_entropy(logits, targets) + F.cross_entropy(logits.T, targets)) / 2


def neighbour_loss(image: Tensor, overlap: Tensor, scale: Tensor, temperature: float) -> Tensor:
    """Soft supervised contrast between images: similarity to the others follows the statement overlap."""
    logits = scale * image @ image.T
    itself = torch.eye(len(image), dtype=torch.bool, device=image.device)
    targets = F.softmax((overlap / temperature).masked_fill(itself, float("-inf")), dim=1)
    log_p = F.log_softmax(logits.masked_fill(itself, -1e4), dim=1)
    return -(targets * log_p).sum(1).mean()


def view_loss(image: Tensor, twin: Tensor, place: Tensor, scale: Tensor) -> Tensor:
    """Each photo finds its own record's page among all pages, and the page its photo among the photos.

    image: unit-norm [n, dim]; twin: [m, dim], the photos; place: int [m], the row of `image` each belongs to.
    """
    to_page = F.cross_entropy(scale * twin @ image.T, place)
    to_photo = F.cross_entropy(scale * image[place] @ twin.T, torch.arange(len(twin), device=twin.device))
    return (to_page + to_photo) / 2


def statement_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """Binary cross-entropy, summed over statements, averaged over the batch, a tenth of it."""
    return F.binary_cross_entropy_with_logits(logits, labels.float(), reduction="sum") / len(logits) / 10

"""The loss terms; every one takes the whole batch, gathered over all processes."""

from typing import Final

import torch
from open_clip.loss import ClipLoss, SigLipLoss
from torch import Tensor
from torch.nn import functional as F

from ecgclip.training.contrastive.settings import Contrast

SIGLIP_BIAS: Final = -10.0
"""SigLIP's bias at the beginning (Zhai et al. 2023): nearly all of the n x n pairs are wrong."""


def statement_overlap(labels: Tensor) -> Tensor:
    """Jaccard overlap of statement sets: 0/1 [n, statement] -> float [n, n]; two empty sets overlap 0."""
    one = labels.float()
    both = one @ one.T
    either = one.sum(1)[:, None] + one.sum(1)[None] - both
    return both / either.clamp(min=1)


def soft_targets(overlap: Tensor, same_report: Tensor, temperature: float) -> Tensor:
    """Rows of probabilities over the batch: equal reports count 1, others .9 of their statement overlap."""
    similarity = torch.where(same_report, torch.ones_like(overlap), 0.9 * overlap)
    return F.softmax(similarity / temperature, dim=1)


def contrastive_loss(
    kind: Contrast, image: Tensor, text: Tensor, scale: Tensor, targets: Tensor, bias: Tensor | None = None
) -> Tensor:
    """Image against report, both ways.

    image, text: unit-norm [n, dim]; scale: exp of the logit scale; targets: of SOFT, [n, n];
    bias: of SIGLIP, added to each logit.
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


def supervised_contrastive_loss(
    vectors: Tensor, overlap: Tensor, scale: Tensor, temperature: float
) -> Tensor:
    """Soft supervised contrastive loss: each vector's similarity to the others follows their overlap.

    vectors: unit-norm [n, dim]; overlap: [n, n], such as of statements; scale: of cosines;
    temperature: of the overlap, before the softmax that makes targets of it.
    """
    logits = scale * vectors @ vectors.T
    itself = torch.eye(len(vectors), dtype=torch.bool, device=vectors.device)
    targets = F.softmax((overlap / temperature).masked_fill(itself, float("-inf")), dim=1)
    log_p = F.log_softmax(logits.masked_fill(itself, -1e4), dim=1)
    return -(targets * log_p).sum(1).mean()


def photo_view_loss(pages: Tensor, photos: Tensor, page_of: Tensor, scale: Tensor) -> Tensor:
    """Each photo finds its own record's page among all pages, and that page its photo among the photos.

    pages: unit-norm [n, dim]; photos: unit-norm [m, dim]; page_of: int [m], the row in `pages` of each photo.
    """
    own = torch.arange(len(photos), device=photos.device)
    to_page = F.cross_entropy(scale * photos @ pages.T, page_of)
    to_photo = F.cross_entropy(scale * pages[page_of] @ photos.T, own)
    return (to_page + to_photo) / 2


def statement_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """A tenth of the binary cross-entropy, summed over the statements and averaged over the batch."""
    return F.binary_cross_entropy_with_logits(logits, labels.float(), reduction="sum") / len(logits) / 10

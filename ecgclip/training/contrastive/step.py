"""The loss of one training step, in one process or many."""

from typing import Final

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from ecgclip.training.contrastive.data import Batch, TextBatch
from ecgclip.training.contrastive.losses import (
    SIGLIP_BIAS,
    contrastive_loss,
    photo_view_loss,
    soft_targets,
    statement_loss,
    statement_overlap,
    supervised_contrastive_loss,
)
from ecgclip.training.contrastive.settings import Contrast, Losses
from ecgclip.training.contrastive.teachers import TeacherOutputs
from ecgclip.training.distributed import gathered, placed
from ecgclip.training.towers.model import EcgClip

PHOTO_VIEW_SCALE: Final = 14.0
"""Scale of the cosines between pages and photos: 1 / 0.07, CLIP's initial scale."""


class TrainingStep(torch.nn.Module):
    """Batch -> loss terms. A module of its own, so that DistributedDataParallel sees one forward pass."""

    def __init__(self, model: EcgClip, losses: Losses, teacher_dim: int = 0) -> None:
        """teacher_dim: width of the teachers' vectors; 0 without teachers."""
        super().__init__()
        self.model = model
        self.losses = losses
        # The comparison of images has a temperature of its own: 1 / 0.1 at the beginning.
        self.image_scale = torch.nn.Parameter(torch.tensor(2.3))
        by_pairs = losses.contrast is Contrast.SIGLIP
        self.pair_bias = torch.nn.Parameter(torch.tensor(SIGLIP_BIAS)) if by_pairs else None
        self.teacher_map = torch.nn.Linear(model.config.dim, teacher_dim) if teacher_dim else None

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        """The weighted loss ("total") and its terms, each a scalar."""
        images = self.model.encode_image(images_of(batch))
        return self.terms(batch, images, self.model.encode_text(*words_of(batch.reports)))

    @property
    def scale(self) -> Tensor:
        """Scale of the cosines between images and texts; as in CLIP at most 100."""
        return self.model.logit_scale.exp().clamp(max=100)

    def terms(self, batch: Batch, images: Tensor, text: Tensor) -> dict[str, Tensor]:
        """What `forward` gives, from the embeddings of `images_of(batch)` and of the batch's reports.

        Contrastive terms compare the records of all processes; statements and distillation are means over
        this process's own, whose gradients are averaged.
        """
        n, m = len(batch.pages), len(batch.photo_views)
        views = images[: n + m]
        labels = placed(batch.reports.labels)
        view_labels = torch.cat([labels, labels[:m]])
        terms = {"statements": self._statement_loss(views, view_labels, text, labels, batch.extra)}
        # A report is compared with the photo of its record where there is one, else with the page.
        photo_or_page = gathered(torch.cat([views[n:], views[m:n]]))
        views, text = gathered(views), gathered(text)
        terms["contrastive"] = self._contrastive_loss(photo_or_page, text, labels, placed(batch.group))
        overlap = statement_overlap(gathered(view_labels))
        terms["supervised_contrastive"] = self._compared(views, overlap)
        if m:
            terms["photo_views"] = self._photo_view_loss(views, n, m)
        if batch.teachers is not None:
            outputs = TeacherOutputs(placed(batch.teachers.vectors), placed(batch.teachers.statements))
            terms |= self._distillation_terms(images, outputs)
        return {**terms, "total": self._weighted(terms)}

    def _weighted(self, terms: dict[str, Tensor]) -> Tensor:
        first, *others = ("contrastive", "supervised_contrastive", "statements")
        others += [name for name in terms if name not in (first, *others)]
        total: Tensor = getattr(self.losses, first) * terms[first]
        for name in others:
            total = total + getattr(self.losses, name) * terms[name]
        return total

    def _contrastive_loss(self, image: Tensor, text: Tensor, labels: Tensor, group: Tensor) -> Tensor:
        overlap = statement_overlap(gathered(labels))
        group = gathered(group)
        targets = soft_targets(overlap, group[:, None] == group[None], self.losses.target_temperature)
        return contrastive_loss(self.losses.contrast, image, text, self.scale, targets, self.pair_bias)

    def _compared(self, images: Tensor, overlap: Tensor) -> Tensor:
        scale = self.image_scale.exp().clamp(max=100)
        return supervised_contrastive_loss(images, overlap, scale, self.losses.target_temperature)

    def _distillation_terms(self, images: Tensor, teachers: TeacherOutputs) -> dict[str, Tensor]:
        """Losses that make all images (pages, photos, mixtures) follow the teachers: three terms."""
        if self.teacher_map is None:
            raise RuntimeError("this step was made without teachers, but the batch comes with their outputs")
        vectors = gathered(teachers.vectors)
        return {
            "distilled_statements": statement_loss(self.model.classify(images), teachers.statements),
            "distilled_similarity": self._compared(gathered(images), vectors @ vectors.T),
            "distilled_vector": 1
            - F.cosine_similarity(self.teacher_map(images).float(), teachers.vectors).mean(),
        }

    def _photo_view_loss(self, views: Tensor, n: int, m: int) -> Tensor:
        """The term over the batches of all processes, each of n pages and then m photos."""
        each = views.view(-1, n + m, views.shape[1])
        page_of = torch.arange(len(each))[:, None] * n + torch.arange(m)
        pages, photos = each[:, :n].flatten(0, 1), each[:, n:].flatten(0, 1)
        return photo_view_loss(pages, photos, page_of.flatten(), torch.tensor(PHOTO_VIEW_SCALE))

    def _statement_loss(
        self, views: Tensor, view_labels: Tensor, text: Tensor, labels: Tensor, extra: TextBatch | None
    ) -> Tensor:
        """One head names the statements of images, of reports and of texts without a recording."""
        if self.model.statement_head is None:  # the data has no statements: only reports are learned from
            return views.new_zeros(())
        loss = statement_loss(self.model.classify(views), view_labels)
        loss = loss + 0.5 * statement_loss(self.model.classify(text), labels)
        if extra is not None:
            logits = self.model.classify(self.model.encode_text(*words_of(extra)))
            loss = loss + 0.5 * statement_loss(logits, placed(extra.labels))
        return loss


def images_of(batch: Batch) -> Tensor:
    """The batch's pages, photos and mixtures, one after the other."""
    return placed(np.concatenate([batch.pages, batch.photo_views, batch.mixtures]))


def words_of(batch: TextBatch) -> tuple[Tensor, Tensor]:
    """Token ids and mask."""
    return placed(batch.ids), placed(batch.mask)

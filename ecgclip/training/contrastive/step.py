"""One training step's loss, in one process or many."""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from ecgclip.training.contrastive.data import Batch, TextBatch
from ecgclip.training.contrastive.losses import (
    SIGLIP_BIAS,
    contrastive_loss,
    neighbour_loss,
    soft_targets,
    statement_loss,
    statement_overlap,
    view_loss,
)
from ecgclip.training.contrastive.settings import Contrast, Losses
from ecgclip.training.contrastive.teachers import Taught
from ecgclip.training.device import placed
from ecgclip.training.gather import gathered
from ecgclip.training.towers.model import EcgClip

VIEW_SCALE = 14.0
"""Of the two views of a record: 1 / 0.07, where CLIP begins."""


class TrainingStep(torch.nn.Module):
    """Batch -> loss terms. A module of its own, so that DistributedDataParallel sees one forward pass."""

    def __init__(self, model: EcgClip, losses: Losses, taught_dim: int = 0) -> None:
        """taught_dim: width of the teachers' vectors; 0 without teachers."""
        super().__init__()
        self.model = model
        self.losses = losses
        # Neighbouring images have a temperature of their own: 1 / 0.1.
        self.neighbour_scale = torch.nn.Parameter(torch.tensor(2.3))
        by_pairs = losses.contrast is Contrast.SIGLIP
        self.pair_bias = torch.nn.Parameter(torch.tensor(SIGLIP_BIAS)) if by_pairs else None
        self.taught_map = torch.nn.Linear(model.config.dim, taught_dim) if taught_dim else None

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        """The weighted loss ("total") and its terms, each a scalar."""
        images = self.model.encode_image(images_of(batch))
        return self.terms(batch, images, self.model.encode_text(*words_of(batch.reports)))

    @property
    def scale(self) -> Tensor:
        """Of cosines. As in CLIP it is kept below 100: beyond, a single pair takes the whole gradient."""
        return self.model.logit_scale.exp().clamp(max=100)

    def terms(self, batch: Batch, everything: Tensor, text: Tensor) -> dict[str, Tensor]:
        """What `forward` gives, of the embeddings of `images_of` the batch and of its reports.

        Contrasts see the records of all processes; statements and what is taught of them are means over this
        process's own, whose gradients are averaged.
        """
        n, twins = len(batch.pixels), len(batch.twins)
        views = everything[: n + twins]
        labels = placed(batch.reports.labels)
        seen = torch.cat([labels, labels[:twins]])
        terms = self._statement_terms(views, seen, text, labels, batch.extra)
        # Reports are told from photos where there is one: the page is what the other terms see.
        image = gathered(torch.cat([views[n:], views[twins:n]]))
        views, text = gathered(views), gathered(text)
        overlap = statement_overlap(gathered(labels))
        group = gathered(placed(batch.group))
        targets = soft_targets(overlap, group[:, None] == group[None], self.losses.target_temperature)
        terms["contrastive"] = contrastive_loss(
            self.losses.contrast, image, text, self.scale, targets, self.pair_bias
        )
        terms["neighbours"] = neighbour_loss(
            views,
            statement_overlap(gathered(seen)),
            self.neighbour_scale.exp().clamp(max=100),
            self.losses.target_temperature,
        )
        terms["total"] = (
            self.losses.contrastive * terms["contrastive"]
            + self.losses.neighbours * terms["neighbours"]
            + self.losses.statements * terms["statements"]
        )
        if twins:
            terms["views"] = self._views(views, n, twins)
            terms["total"] = terms["total"] + self.losses.views * terms["views"]
        if batch.taught is not None:
            taught = Taught(placed(batch.taught.vectors), placed(batch.taught.statements))
            terms |= self._taught_terms(everything, taught)
            for name in ("taught_statements", "taught_likeness", "taught_vector"):
                terms["total"] = terms["total"] + getattr(self.losses, name) * terms[name]
        return terms

    def _taught_terms(self, images: Tensor, taught: Taught) -> dict[str, Tensor]:
        """What the teachers say of the signals, asked of all images: pages, photos and mixtures."""
        if self.taught_map is None:
            raise RuntimeError("this step was made without teachers, but the batch comes with their words")
        vectors = gathered(taught.vectors)
        return {
            "taught_statements": statement_loss(self.model.classify(images), taught.statements),
            "taught_likeness": neighbour_loss(
                gathered(images),
                vectors @ vectors.T,
                self.neighbour_scale.exp().clamp(max=100),
                self.losses.target_temperature,
            ),
            "taught_vector": 1 - F.cosine_similarity(self.taught_map(images).float(), taught.vectors).mean(),
        }

    def _views(self, views: Tensor, n: int, twins: int) -> Tensor:
        """The view term over the batches of all processes, each of n pages and then `twins` photos."""
        each = views.view(-1, n + twins, views.shape[1])
        place = torch.arange(len(each))[:, None] * n + torch.arange(twins)
        pages, photos = each[:, :n].flatten(0, 1), each[:, n:].flatten(0, 1)
        return view_loss(pages, photos, place.flatten(), torch.tensor(VIEW_SCALE))

    def _statement_terms(
        self, image: Tensor, seen: Tensor, text: Tensor, labels: Tensor, extra: TextBatch | None
    ) -> dict[str, Tensor]:
        """One head names the statements of images, of reports and of texts without a recording alike."""
        if self.model.statement_head is None:  # data without a statement: reports alone teach
            return {"statements": image.new_zeros(())}
        loss = statement_loss(self.model.classify(image), seen)
        loss = loss + 0.5 * statement_loss(self.model.classify(text), labels)
        if extra is not None:
            logits = self.model.classify(self.model.encode_text(*words_of(extra)))
            loss = loss + 0.5 * statement_loss(logits, placed(extra.labels))
        return {"statements": loss}


def images_of(batch: Batch) -> Tensor:
    """The batch's pages, photos and mixtures, one after the other."""
    return placed(np.concatenate([batch.pixels, batch.twins, batch.mixed]))


def words_of(batch: TextBatch) -> tuple[Tensor, Tensor]:
    """Token ids and mask."""
    return placed(batch.ids), placed(batch.mask)

"""The matching head on candidates: every image's tokens and every report's states are computed once."""

from collections.abc import Iterable, Sequence

import numpy as np
import torch
from torch import Tensor

from ecgclip.encoders.text import ReportTokenizer
from ecgclip.errors import ModelError
from ecgclip.typing import Floats, Int64s, Uint8s
from research.qiu.fusion import FusionEncoder
from research.qiu.model import FusedClip
from research.qiu.views import tower_input

BATCH = 32


class Pairs:
    """The images and reports of some records as both towers see them.

    images, reports: unit vectors, float32 [n, dim].
    """

    @torch.inference_mode()
    def __init__(
        self,
        model: FusedClip,
        tokenizer: ReportTokenizer,
        pages: Iterable[Uint8s],
        reports: Sequence[str],
    ) -> None:
        """pages: each record as the image tower looks at it, [y, x] or [channel, y, x]."""
        self.model = model
        tower = model.config.image
        seen = [model.forward_image(torch.from_numpy(tower_input(batch, tower))) for batch in _stacked(pages)]
        ids, self._mask = map(torch.from_numpy, tokenizer(reports))
        starts = range(0, len(reports), BATCH)
        read = [model.forward_text(ids[at : at + BATCH], self._mask[at : at + BATCH]) for at in starts]
        self._tokens, self._states = (torch.cat([part[0] for part in parts]) for parts in (seen, read))
        self.images, self.reports = (torch.cat([part[1] for part in parts]).numpy() for parts in (seen, read))

    @property
    def scale(self) -> float:
        """What the model multiplies cosines with before it compares answers."""
        return float(self.model.logit_scale.detach().exp().clamp(max=100))

    def report_odds(self, image: int, reports: Int64s) -> Floats:
        """Log-odds that each of the reports belongs to the image, float32 [report]."""
        return self._odds(torch.full((len(reports),), image), torch.from_numpy(reports))

    def image_odds(self, report: int, images: Int64s) -> Floats:
        """Log-odds that the report belongs to each of the images, float32 [image]."""
        return self._odds(torch.from_numpy(images), torch.full((len(images),), report))

    @torch.inference_mode()
    def _odds(self, images: Tensor, reports: Tensor) -> Floats:
        mask = self._mask[reports]
        longest = int(mask.sum(1).max())
        states, mask = self._states[reports, :longest], mask[:, :longest]
        return self._fusion.matching(states, mask, self._tokens[images]).numpy()

    @property
    def _fusion(self) -> FusionEncoder:
        if self.model.fusion is None:
            raise ModelError("this model has no matching head; train one with model.fusion_depth above 0")
        return self.model.fusion


def _stacked(pages: Iterable[Uint8s]) -> Iterable[Uint8s]:
    batch: list[Uint8s] = []
    for page in pages:
        batch.append(page)
        if len(batch) == BATCH:
            yield np.stack(batch)
            batch = []
    if batch:
        yield np.stack(batch)

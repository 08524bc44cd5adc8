"""The three losses of Qiu et al. 2023 as one part of a training step: contrast, matching, masked words."""

from dataclasses import dataclass

from torch import Tensor, nn

from ecgclip.errors import ConfigError
from ecgclip.training.distributed import gathered
from research.qiu.matching import hide_words, masking_loss, matching_loss
from research.qiu.model import FusedClip
from research.qiu.momentum import MomentumContrast
from research.qiu.settings import Pairing


@dataclass(frozen=True, eq=False)
class PairBatch:
    """This process's records: what goes in, and what the towers make of it.

    pixels: [n, channel, y, x]; ids, mask: [n, word]; group: int [n], equal for equal reports.
    tokens, image: of `FusedClip.forward_image`; states, text: of `FusedClip.forward_text`.
    """

    pixels: Tensor
    ids: Tensor
    mask: Tensor
    group: Tensor
    tokens: Tensor
    image: Tensor
    states: Tensor
    text: Tensor


class PairTerms(nn.Module):
    """The terms that have a weight. The model is handed in at each step: its weights are not kept twice."""

    def __init__(self, model: FusedClip, settings: Pairing) -> None:
        super().__init__()
        if (settings.matching or settings.masking) and model.fusion is None:
            raise ConfigError("matching and masking need a fusion encoder; set model.fusion_depth above 0")
        self.settings = settings
        self.momentum = MomentumContrast(model, settings) if settings.momentum else None

    def forward(self, model: FusedClip, pairs: PairBatch, scale: Tensor) -> dict[str, Tensor]:
        """The terms by name, each a scalar: momentum over all processes' records, the others over its own."""
        terms = {}
        if self.momentum is not None:
            terms["momentum"] = self._contrast(self.momentum, model, pairs, scale)
        if self.settings.matching and model.fusion is not None:
            same = pairs.group[:, None] == pairs.group[None]
            logits = scale * pairs.image @ pairs.text.T
            terms["matching"] = matching_loss(
                model.fusion, pairs.states, pairs.mask, pairs.tokens, logits, same
            )
        if self.settings.masking and model.fusion is not None:
            ids, places = hide_words(pairs.ids, self.settings.mask_share, model.config.text.vocabulary)
            states, _ = model.forward_text(ids, pairs.mask)
            scores = model.fusion.words(states, pairs.mask, pairs.tokens, places)
            terms["masking"] = masking_loss(scores, pairs.ids[places])
        return terms

    def _contrast(
        self, momentum: MomentumContrast, model: FusedClip, pairs: PairBatch, scale: Tensor
    ) -> Tensor:
        if self.training:
            momentum.follow(model)
        image, text = momentum.vectors(pairs.pixels, pairs.ids, pairs.mask)
        loss: Tensor = momentum(
            gathered(pairs.image),
            gathered(pairs.text),
            (gathered(image), gathered(text)),
            gathered(pairs.group),
            scale,
        )
        return loss

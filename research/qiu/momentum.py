"""Contrast with a momentum encoder, soft labels and a queue, as Qiu et al. 2023 train (after ALBEF and BLIP).

The momentum encoder is a slow copy of both towers. Its vectors of past batches wait in a queue and serve as
further wrong answers; what it finds alike itself softens the labels. Sources: He et al. 2020 (arXiv
1911.05722), Li et al. 2021 (arXiv 2107.07651), Li et al. 2022 (arXiv 2201.12086).
"""

from copy import deepcopy

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ecgclip.training.towers.model import EcgClip
from research.qiu.settings import Pairing

EMPTY = -1


class MomentumContrast(nn.Module):
    """The slow copy and the queues of its vectors; all of it is state that a checkpoint keeps.

    group: equal numbers for equal reports, which are right answers to each other wherever they come from.
    """

    image_queue: Tensor
    text_queue: Tensor
    group_queue: Tensor
    steps: Tensor

    def __init__(self, model: EcgClip, settings: Pairing) -> None:
        super().__init__()
        self.settings = settings
        self.slow = deepcopy(model).requires_grad_(False)
        self.register_buffer("image_queue", torch.zeros(settings.queue, model.config.dim))
        self.register_buffer("text_queue", torch.zeros(settings.queue, model.config.dim))
        self.register_buffer("group_queue", torch.full((settings.queue,), EMPTY))
        self.register_buffer("steps", torch.zeros((), dtype=torch.int64))

    @torch.no_grad()
    def follow(self, model: EcgClip) -> None:
        """Move the slow copy a small part of the way to the model."""
        for slow, fast in zip(self.slow.parameters(), model.parameters(), strict=True):
            slow.lerp_(fast.to(slow.dtype), 1 - self.settings.decay)

    @torch.no_grad()
    def vectors(self, pixels: Tensor, ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """The slow copy's unit vectors of images and reports, [n, dim] each."""
        return self.slow.encode_image(pixels), self.slow.encode_text(ids, mask)

    def forward(
        self, image: Tensor, text: Tensor, slow: tuple[Tensor, Tensor], group: Tensor, scale: Tensor
    ) -> Tensor:
        """The loss of a batch, whose slow vectors then enter the queue; all of them of all processes.

        image, text: unit vectors [n, dim]; slow: the slow copy's; group: int [n]; scale: of the cosines.
        """
        waiting = self.group_queue != EMPTY
        images = torch.cat([slow[0], self.image_queue[waiting]])
        texts = torch.cat([slow[1], self.text_queue[waiting]])
        same = group[:, None] == torch.cat([group, self.group_queue[waiting]])[None]
        right = same / same.sum(1, keepdim=True)
        to_text = F.cross_entropy(scale * image @ texts.T, self._softened(right, slow[0], texts, scale))
        to_image = F.cross_entropy(scale * text @ images.T, self._softened(right, slow[1], images, scale))
        self._enqueue(*slow, group)
        return (to_text + to_image) / 2

    @torch.no_grad()
    def _softened(self, right: Tensor, slow: Tensor, answers: Tensor, scale: Tensor) -> Tensor:
        """Rows of probabilities: the right answers, and a share of what the slow copy finds alike."""
        # At first the slow copy knows nothing that could soften a label.
        share = self.settings.alpha * min(1.0, (int(self.steps) + 1) / (self.settings.alpha_steps + 1))
        return share * F.softmax(scale * slow @ answers.T, dim=1) + (1 - share) * right

    @torch.no_grad()
    def _enqueue(self, image: Tensor, text: Tensor, group: Tensor) -> None:
        n, size = len(group), self.settings.queue
        if size:
            places = (int(self.steps) * n + torch.arange(n, device=group.device)) % size
            self.image_queue[places] = image.to(self.image_queue.dtype)
            self.text_queue[places] = text.to(self.text_queue.dtype)
            self.group_queue[places] = group
        self.steps += 1

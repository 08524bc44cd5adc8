"""The text stage itself, to be read from top to bottom."""

import copy
import math
from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor, nn
from tqdm import trange

from ecgclip.encoders.text import ReportTokenizer, clean_report
from ecgclip.training.text.losses import finding_loss, keeping_loss, pair_loss, shares
from ecgclip.training.text.material import Material, embedded, encoded
from ecgclip.training.text.questions import Questions
from ecgclip.training.text.settings import TextStage
from ecgclip.training.text.validate import Figures, figures
from ecgclip.training.towers.model import EcgClip

BLENDS = (1.0, 0.75, 0.5, 0.25)
"""Shares of the learned weights that are tried at the end: the best of both may lie between old and new."""
Log = Callable[[str], object]


def learn(
    model: EcgClip,
    tokenizer: ReportTokenizer,
    records: Material,
    questions: Questions,
    further: Sequence[str],
    config: TextStage,
    log: Log = lambda line: None,
) -> EcgClip:
    """A copy of the model whose text tower has learned the questions; the image tower is the same.

    further: reports without a recording, which keep their place like the others.
    """
    torch.manual_seed(config.seed)
    torch.set_num_threads(config.threads)
    learner = _Learner(copy.deepcopy(model), tokenizer, records, questions, further, config)
    rng = np.random.default_rng(config.seed)
    for step in trange(config.steps, desc="text stage", disable=None):
        loss = learner.step(rng, config.learning_rate * schedule(step, config))
        if (step + 1) % 50 == 0:
            log(f"step {step + 1}: loss {loss:.3f}")
    return learner.model.eval()


class _Learner:
    """The model being trained, its optimiser, and everything that it is compared with."""

    def __init__(
        self,
        model: EcgClip,
        tokenizer: ReportTokenizer,
        records: Material,
        questions: Questions,
        further: Sequence[str],
        config: TextStage,
    ) -> None:
        self.model, self.tokenizer, self.config = model, tokenizer, config
        self.records, self.questions = records, questions
        # Many reports are the same words: each further one once.
        texts = [*records.reports, *dict.fromkeys(map(clean_report, further))]
        self.texts = texts
        self.before = torch.from_numpy(embedded(model, tokenizer, texts))
        self.pages = torch.from_numpy(records.pages)
        self.reports = self.before[: len(records.reports)]
        # A record with few statements is a clearer example of each.
        self.weight = torch.tensor([1 / max(1, len(codes)) for codes in records.codes])
        self.parameters = [*model.text.parameters(), *model.text_projection.parameters()]
        self.optimizer = torch.optim.AdamW(self.parameters, weight_decay=config.weight_decay)
        model.eval().text.train()

    def step(self, rng: np.random.Generator, learning_rate: float) -> float:
        """Learn from one step's texts; returns the loss."""
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate
        loss = self._asked(rng) + self._kept(rng)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.parameters, self.config.clip_norm)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        return loss.item()

    def _asked(self, rng: np.random.Generator) -> Tensor:
        """Questions find the pages and the reports that answer them."""
        config = self.config
        drawn = self.questions.draw(config.questions, config.names_share, config.misspelt, rng)
        asked = encoded(self.model, self.tokenizer, [one.text for one in drawn])
        wanted = shares([torch.from_numpy(one.rows) for one in drawn], self.weight)
        by_page = finding_loss(asked, self.pages, wanted, config.scale)
        return (by_page + finding_loss(asked, self.reports, wanted, config.scale)) / 2

    def _kept(self, rng: np.random.Generator) -> Tensor:
        """Half the reports have a page of their own and look for it; all stay near where they were."""
        config, paired = self.config, self.config.reports // 2
        own = rng.integers(len(self.reports), size=paired)
        rows = np.concatenate([own, rng.integers(len(self.texts), size=config.reports - paired)])
        now = encoded(self.model, self.tokenizer, [self.texts[row] for row in rows])
        said = np.array([self.texts[row] for row in own])
        same = torch.from_numpy(said[:, None] == said[None])
        pairs = pair_loss(self.pages[own], now[:paired], same, config.scale)
        return config.keep * keeping_loss(now, self.before[rows]) + config.pairs * pairs


def schedule(step: int, config: TextStage) -> float:
    """Warm-up, then half a cosine down to 0."""
    warm = min(1.0, (step + 1) / max(1, config.warmup_steps))
    return warm * 0.5 * (1 + math.cos(math.pi * step / config.steps))


def best_blend(
    before: EcgClip, learned: EcgClip, tokenizer: ReportTokenizer, held_out: Material, log: Log
) -> tuple[EcgClip, Figures]:
    """Of the mixtures of old and new text tower the one of most merit on held-out records."""
    old = figures(before, tokenizer, held_out)
    log(f"before: {old}")
    best, best_figures = before, old
    for share in BLENDS:
        mixed = blended(before, learned, share)
        found = figures(mixed, tokenizer, held_out)
        log(f"{share:.0%} of what was learned: {found}")
        if found.merit > best_figures.merit:
            best, best_figures = mixed, found
    return best, best_figures


def blended(before: EcgClip, learned: EcgClip, share: float) -> EcgClip:
    """The model whose weights are `share` of the learned and the rest of the earlier ones."""
    mixed = copy.deepcopy(before)
    state, new = mixed.state_dict(), learned.state_dict()
    mixed.load_state_dict(
        {
            name: torch.lerp(value, new[name], share) if value.is_floating_point() else value
            for name, value in state.items()
        }
    )
    return mixed.eval()

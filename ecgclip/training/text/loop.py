"""The training loop of the text stage, to be read from top to bottom."""

import copy
from collections.abc import Sequence
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn
from tqdm import trange

from ecgclip.encoders.text import ReportTokenizer, clean_report
from ecgclip.training.optimizer import warmed_cosine
from ecgclip.training.run_folder import LogLine
from ecgclip.training.text.data import TextData, embedded, encoded
from ecgclip.training.text.losses import anchor_loss, pair_loss, retrieval_loss, shares
from ecgclip.training.text.questions import Questions
from ecgclip.training.text.settings import TextTraining
from ecgclip.training.text.validate import TextScores, scored
from ecgclip.training.towers.model import EcgClip

BLENDS: Final = (1.0, 0.75, 0.5, 0.25)
"""Shares of the new weights that are tried at the end; the best model may lie between old and new."""


def learn(
    model: EcgClip,
    tokenizer: ReportTokenizer,
    records: TextData,
    questions: Questions,
    further: Sequence[str],
    config: TextTraining,
    log: LogLine = lambda line: None,
) -> EcgClip:
    """A copy of the model with a trained text tower; the image tower is the same.

    further: reports without a recording, which have to stay where they were like the others.
    """
    torch.manual_seed(config.seed)
    torch.set_num_threads(config.threads)
    learner = _Learner(copy.deepcopy(model), tokenizer, records, questions, further, config)
    rng = np.random.default_rng(config.seed)
    for step in trange(config.steps, desc="text stage", disable=None):
        rate = warmed_cosine(step, config.steps, config.warmup_steps)
        loss = learner.step(rng, config.learning_rate * rate)
        if (step + 1) % 50 == 0:
            log(f"step {step + 1}: loss {loss:.3f}")
    return learner.model.eval()


class _Learner:
    """The model being trained, its optimiser, and the pages and reports that it is compared with."""

    def __init__(
        self,
        model: EcgClip,
        tokenizer: ReportTokenizer,
        records: TextData,
        questions: Questions,
        further: Sequence[str],
        config: TextTraining,
    ) -> None:
        self.model, self.tokenizer, self.config = model, tokenizer, config
        self.records, self.questions = records, questions
        # Many reports are equal: each of the further ones is taken once.
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
        loss = self._question_loss(rng) + self._report_loss(rng)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.parameters, self.config.clip_norm)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        return loss.item()

    def _question_loss(self, rng: np.random.Generator) -> Tensor:
        """Questions have to find the pages and the reports that answer them."""
        config = self.config
        drawn = self.questions.draw(config.questions, config.names_share, config.misspelt, rng)
        queries = encoded(self.model, self.tokenizer, [one.text for one in drawn])
        wanted = shares([torch.from_numpy(one.rows) for one in drawn], self.weight)
        by_page = retrieval_loss(queries, self.pages, wanted, config.scale)
        return (by_page + retrieval_loss(queries, self.reports, wanted, config.scale)) / 2

    def _report_loss(self, rng: np.random.Generator) -> Tensor:
        """Half of the reports have to find their own pages; all have to stay near where they were."""
        config, paired = self.config, self.config.reports // 2
        own = rng.integers(len(self.reports), size=paired)
        rows = np.concatenate([own, rng.integers(len(self.texts), size=config.reports - paired)])
        now = encoded(self.model, self.tokenizer, [self.texts[row] for row in rows])
        words = np.array([self.texts[row] for row in own])
        same = torch.from_numpy(words[:, None] == words[None])
        pairs = pair_loss(self.pages[own], now[:paired], same, config.scale)
        return config.keep * anchor_loss(now, self.before[rows]) + config.pairs * pairs


def best_blend(
    before: EcgClip, learned: EcgClip, tokenizer: ReportTokenizer, held_out: TextData, log: LogLine
) -> tuple[EcgClip, TextScores]:
    """The best of the old model and its blends with the new one, by their `merit` on held-out records."""
    best, best_scores = before, scored(before, tokenizer, held_out)
    log(f"before: {best_scores}")
    for share in BLENDS:
        blend = blended(before, learned, share)
        found = scored(blend, tokenizer, held_out)
        log(f"{share:.0%} of the new weights: {found}")
        if found.merit > best_scores.merit:
            best, best_scores = blend, found
    return best, best_scores


def blended(before: EcgClip, learned: EcgClip, share: float) -> EcgClip:
    """The model whose weights are `share` of the learned and the rest of the earlier ones."""
    blend = copy.deepcopy(before)
    state, new = blend.state_dict(), learned.state_dict()
    blend.load_state_dict(
        {
            name: torch.lerp(value, new[name], share) if value.is_floating_point() else value
            for name, value in state.items()
        }
    )
    return blend.eval()

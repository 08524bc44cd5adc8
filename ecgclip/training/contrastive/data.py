"""Batches of the contrastive stage: pages drawn from cached signals, reports as tokens, statements as 0/1.

Every random choice comes from (seed, epoch, record): a resumed run sees exactly the batches of an unbroken
one, on any number of processes. Only the mixtures of `[distillation]` differ: each process draws its own.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ecgclip.encoders.preprocess import image_input
from ecgclip.encoders.settings import ModelConfig
from ecgclip.encoders.text import ReportTokenizer, clean_report
from ecgclip.training.augment import augmented, photo_view
from ecgclip.training.cache import CACHE_RATE_HZ, SignalCache
from ecgclip.training.contrastive.photo_views import PhotoPool
from ecgclip.training.contrastive.settings import ContrastiveTraining
from ecgclip.training.contrastive.teachers import TeacherOutputs, Teachers
from ecgclip.training.settings import Augment
from ecgclip.training.texts import LabelledText
from ecgclip.typing import Float32s, Ink, Int64s, Rows, Signal


@dataclass(frozen=True, eq=False)
class TextBatch:
    """ids, mask: int64 [n, token]; labels: float32 [n, statement]."""

    ids: Int64s
    mask: Int64s
    labels: Float32s


@dataclass(frozen=True, eq=False)
class Batch:
    """What one step of one process learns from.

    pages: float32 [n, channel, y, x], one drawn page of each record.
    photo_views: float32 [m, channel, y, x], m <= n: a photo of the print of each of the first m records.
    mixtures: float32 [k, channel, y, x], pages of two mixed signals each (mixup); k is 0 without teachers.
    teachers: their outputs for all n + m + k images; None without teachers.
    reports: of the n records; group: int64 [n], equal numbers where reports are equal.
    extra: texts without a recording; None where there are none.
    """

    pages: Float32s
    photo_views: Float32s
    mixtures: Float32s
    teachers: TeacherOutputs | None
    reports: TextBatch
    group: Int64s
    extra: TextBatch | None


@dataclass
class BatchMaker:
    """Draws the batches of one process: every `world`-th record of each global batch, beginning at `rank`."""

    config: ContrastiveTraining
    model: ModelConfig
    cache: SignalCache
    tokenizer: ReportTokenizer
    extra_texts: Sequence[LabelledText] = ()
    pool: PhotoPool | None = None
    teachers: Teachers | None = None
    rank: int = 0
    world: int = 1

    def __post_init__(self) -> None:
        self.train_rows = self.cache.in_folds(self.config.folds)
        self.column = {code: i for i, code in enumerate(self.model.statements)}
        groups = {
            text: i for i, text in enumerate(sorted({clean_report(row.report) for row in self.cache.rows}))
        }
        self.group = np.array([groups[clean_report(row.report)] for row in self.cache.rows])

    @property
    def steps_per_epoch(self) -> int:
        return len(self.train_rows) // self.config.batch_size

    def epoch(self, epoch: int) -> Iterator[Batch]:
        """The batches of an epoch; the records of an incomplete last batch have to wait for another epoch."""
        order = np.random.default_rng([self.config.seed, epoch]).permutation(self.train_rows)
        for step in range(self.steps_per_epoch):
            rows = order[step * self.config.batch_size : (step + 1) * self.config.batch_size]
            yield self.batch(rows[self.rank :: self.world], epoch, step)

    def batch(self, rows: Rows, epoch: int, step: int) -> Batch:
        """The batch of these records, in their order."""
        n, m = len(rows), self._photo_view_count(len(rows))
        pages = [self._page(int(row), epoch, beside_photo=i < m) for i, row in enumerate(rows)]
        photos = [(self._signal(int(row)), self._photo(int(row), epoch)) for row in rows[:m]]
        views = [*pages, *photos, *self._mixtures(rows, epoch, step)]
        pixels = self.pixels(np.stack([ink for _, ink in views]))
        teachers = self.teachers(np.stack([signal for signal, _ in views])) if self.teachers else None
        known = [self.cache.rows[row] for row in rows]
        reports = self.text_batch([row.report for row in known], [row.codes for row in known])
        extra = self._extra(epoch, step)
        return Batch(
            pixels[:n], pixels[n : n + m], pixels[n + m :], teachers, reports, self.group[rows], extra
        )

    def varied(self, signal_mv: Signal, settings: Augment, rng: np.random.Generator) -> tuple[Signal, Ink]:
        """One random view of a record: the signal as it was varied, and the page that shows it, [y, x]."""
        return augmented(signal_mv, CACHE_RATE_HZ, settings, rng)

    def pixels(self, views: Ink) -> Float32s:
        """Views as the image tower takes them: uint8 [n, y, x] -> float32 [n, 1, y, x]."""
        return image_input(views, self.model.image)

    def _photo_view_count(self, records: int) -> int:
        return round(self.config.photo_views.share * records) if self.pool is not None else 0

    def _page(self, row: int, epoch: int, *, beside_photo: bool = False) -> tuple[Signal, Ink]:
        """The record's signal and page, varied; beside a photo it shows the same seconds as the photo."""
        rng = np.random.default_rng([self.config.seed, epoch, row])
        settings = replace(self.config.augment, roll=0.0) if beside_photo else self.config.augment
        return self.varied(self._signal(row), settings, rng)

    def _photo(self, row: int, epoch: int) -> Ink:
        """A photo of the record's print as it was read; another drawing of its page where none was."""
        rng = np.random.default_rng([self.config.seed, epoch, row, 1])
        traces_mv = self.pool.view(row, rng) if self.pool is not None else None
        if traces_mv is None:
            still = replace(self.config.augment, roll=0.0)
            return self.varied(self._signal(row), still, rng)[1]
        return photo_view(traces_mv, self.config.augment, rng)

    def _mixtures(self, rows: Rows, epoch: int, step: int) -> list[tuple[Signal, Ink]]:
        """This process's share of the mixtures, each of two of the batch's records."""
        if self.teachers is None:
            return []
        rng = np.random.default_rng([self.config.seed, epoch, step, 2, self.rank])
        pairs = rng.choice(rows, (self.config.distillation.mixup // self.world, 2))
        return [self._mixture(int(one), int(other), rng) for one, other in pairs]

    def _mixture(self, one: int, other: int, rng: np.random.Generator) -> tuple[Signal, Ink]:
        """The weighted sum of two records, the first with at least half of the weight, and its page."""
        share = np.float32(rng.uniform(0.5, 1))
        beside = np.roll(self._signal(other), rng.integers(self.cache.signals_mv.shape[2]), axis=1)
        signal = share * self._signal(one) + (1 - share) * beside
        return self.varied(signal, self.config.augment, rng)

    def _signal(self, row: int) -> Signal:
        return np.asarray(self.cache.signals_mv[row], np.float32)

    def _extra(self, epoch: int, step: int) -> TextBatch | None:
        if not self.extra_texts or not self.config.text_batch_size:
            return None
        rng = np.random.default_rng([self.config.seed, epoch, step, 1, 0])
        drawn = rng.integers(len(self.extra_texts), size=self.config.text_batch_size)
        chosen = [self.extra_texts[i] for i in drawn[self.rank :: self.world]]
        return self.text_batch([one.text for one in chosen], [one.codes for one in chosen])

    def text_batch(self, texts: Sequence[str], codes: Sequence[Sequence[str]]) -> TextBatch:
        ids, mask = self.tokenizer(texts)
        labels = np.zeros((len(texts), len(self.column)), np.float32)
        for i, row in enumerate(codes):
            labels[i, [self.column[code] for code in row if code in self.column]] = 1
        return TextBatch(ids, mask, labels)

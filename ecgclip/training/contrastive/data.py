"""Batches: views drawn on the fly from the cache, reports as tokens, statements as 0/1.

Every random choice comes from (seed, epoch, record), so that a resumed run sees exactly what the unbroken one
would have seen; whatever the number of processes, but for the mixtures of `[teaching]`: each process draws
its own.
"""

import queue
import threading
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from ecgclip.encoders.preprocess import image_input
from ecgclip.encoders.settings import ModelConfig
from ecgclip.encoders.text import ReportTokenizer, clean_report
from ecgclip.training.cache import CACHE_RATE_HZ, SignalCache
from ecgclip.training.contrastive.augment import augmented, photographed_view
from ecgclip.training.contrastive.photographs import PhotoPool
from ecgclip.training.contrastive.settings import Augment, TrainConfig
from ecgclip.training.contrastive.teachers import Taught, Teachers

Signal = npt.NDArray[np.float32]
View = npt.NDArray[np.uint8]
Drawn = TypeVar("Drawn")


@dataclass(frozen=True)
class LabelledText:
    """A report or a statement's name with its statements, without a recording."""

    text: str
    codes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class TextBatch:
    """ids, mask: int64 [n, token]; labels: float32 [n, statement]."""

    ids: npt.NDArray[np.int64]
    mask: npt.NDArray[np.int64]
    labels: npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Batch:
    """pixels: float32 [n, channel, y, x]; reports of the same records; group: equal numbers = equal reports.

    twins: float32 [m, channel, y, x], m <= n, a second view of each of the first m records: a photo of its
    print.
    mixed: float32 [k, channel, y, x], pages of two records' mixed signals, 0 of them without teachers.
    taught: what the teachers say of the n + m + k images; None without teachers.
    """

    pixels: npt.NDArray[np.float32]
    twins: npt.NDArray[np.float32]
    mixed: npt.NDArray[np.float32]
    taught: Taught | None
    reports: TextBatch
    group: npt.NDArray[np.int64]
    extra: TextBatch | None


@dataclass
class BatchMaker:
    """Draws the batches of one process: every `world`-th record of each global batch, beginning at `rank`."""

    config: TrainConfig
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
        """The batches of an epoch; incomplete last ones are left for another epoch's order."""
        order = np.random.default_rng([self.config.seed, epoch]).permutation(self.train_rows)
        for step in range(self.steps_per_epoch):
            rows = order[step * self.config.batch_size : (step + 1) * self.config.batch_size]
            yield self.batch(rows[self.rank :: self.world], epoch, step)

    def batch(self, rows: npt.NDArray[np.int64], epoch: int, step: int) -> Batch:
        n, twins = len(rows), self._twins(len(rows))
        pages = [self._page(int(row), epoch, twin=i < twins) for i, row in enumerate(rows)]
        photos = [self._photo(int(row), epoch) for row in rows[:twins]]
        mixed = self._mixed(rows, epoch, step)
        ink = [*(page[1] for page in pages), *photos, *(page[1] for page in mixed)]
        pixels = self.pixels(np.stack(ink))
        taught = None
        if self.teachers is not None:
            plain = [self._signal(int(row)) for row in rows[:twins]]
            heard = [*(page[0] for page in pages), *plain, *(page[0] for page in mixed)]
            taught = self.teachers(np.stack(heard))
        known = [self.cache.rows[row] for row in rows]
        reports = self.text_batch([row.report for row in known], [row.codes for row in known])
        return Batch(
            pixels[:n],
            pixels[n : n + twins],
            pixels[n + twins :],
            taught,
            reports,
            self.group[rows],
            self._extra(epoch, step),
        )

    def varied(self, signal_mv: Signal, settings: Augment, rng: np.random.Generator) -> tuple[Signal, View]:
        """One random view of a record: the signal as it was varied, and the page that shows it, [y, x]."""
        return augmented(signal_mv, CACHE_RATE_HZ, settings, rng)

    def pixels(self, views: View) -> npt.NDArray[np.float32]:
        """Views as the image tower takes them: uint8 [n, y, x] -> float32 [n, 1, y, x]."""
        return image_input(views, self.model.image)

    def _twins(self, records: int) -> int:
        return round(self.config.photographs.share * records) if self.pool is not None else 0

    def _page(self, row: int, epoch: int, *, twin: bool = False) -> tuple[Signal, View]:
        """The record's signal and page, varied; beside a photo they show the same seconds as the photo."""
        rng = np.random.default_rng([self.config.seed, epoch, row])
        settings = replace(self.config.augment, roll=0.0) if twin else self.config.augment
        return self.varied(self._signal(row), settings, rng)

    def _photo(self, row: int, epoch: int) -> View:
        """A photo of the record's print as it was read; another variant of its page where none was."""
        rng = np.random.default_rng([self.config.seed, epoch, row, 1])
        traces_mv = self.pool.view(row, rng) if self.pool is not None else None
        if traces_mv is None:
            still = replace(self.config.augment, roll=0.0)
            return self.varied(self._signal(row), still, rng)[1]
        return photographed_view(traces_mv, self.config.augment, rng)

    def _mixed(self, rows: npt.NDArray[np.int64], epoch: int, step: int) -> list[tuple[Signal, View]]:
        """This process's mixed pages: two of the batch's records each, added up by random shares."""
        if self.teachers is None:
            return []
        rng = np.random.default_rng([self.config.seed, epoch, step, 2, self.rank])
        pairs = rng.choice(rows, (self.config.teaching.mixed // self.world, 2))
        return [self._mixture(int(one), int(other), rng) for one, other in pairs]

    def _mixture(self, one: int, other: int, rng: np.random.Generator) -> tuple[Signal, View]:
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


def prefetched(batches: Iterator[Drawn], depth: int = 2) -> Generator[Drawn, None, None]:
    """Draw batches of any kind ahead in a thread: OpenCV and numpy let go of the interpreter."""
    waiting: queue.Queue[Drawn | BaseException | None] = queue.Queue(depth)
    stop = threading.Event()

    def put(item: Drawn | BaseException | None) -> None:
        while not stop.is_set():
            try:
                waiting.put(item, timeout=0.2)
                return
            except queue.Full:  # the trainer is slower than we: look again whether it has stopped
                continue

    def work() -> None:
        try:
            for batch in batches:
                put(batch)
                if stop.is_set():
                    return
            put(None)
        except Exception as error:
            put(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        while (item := waiting.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stop.set()
        thread.join()

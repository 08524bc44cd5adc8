"""The classification protocol: what can be told from embeddings, by whom, and for whom?

Train on the training folds, test on another; the test fold chooses nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import numpy as np
import numpy.typing as npt

from ecgclip.evaluation.bootstrap import RESAMPLES
from ecgclip.evaluation.classify.bench import make_bench
from ecgclip.evaluation.classify.draws import DRAWS
from ecgclip.evaluation.classify.labels import Taxonomy
from ecgclip.evaluation.classify.photos import Photos, photo_levels
from ecgclip.evaluation.classify.prompts import read_prompts
from ecgclip.evaluation.classify.results import ClassifyReport, Transfer
from ecgclip.evaluation.classify.subgroups import subgroups
from ecgclip.evaluation.classify.supervised import supervised, tasks
from ecgclip.evaluation.classify.transfer import read_strangers, transfer
from ecgclip.evaluation.classify.zero_shot import zero_shot
from ecgclip.evaluation.retrieval.baselines.heart_rate import HeartRate
from ecgclip.evaluation.retrieval.baselines.random_encoder import RandomEncoder
from ecgclip.evaluation.retrieval.baselines.spectrum import Spectrum
from ecgclip.evaluation.retrieval.corpus import Method, Progress, read_corpus
from ecgclip.evaluation.retrieval.protocol import GALLERY_FOLDS, QUERIES_FOLD, EmbeddingModel, ModelMethod
from ecgclip.evaluation.statements import Statements
from ecgclip.paper.page import CanonicalPage
from ecgclip.records.source import RecordSource


class PageModel(EmbeddingModel, Protocol):
    """A model that takes canonical pages, too."""

    def embed_pages(self, pages: Iterable[CanonicalPage]) -> npt.NDArray[np.float32]: ...


@dataclass(frozen=True)
class Folds:
    """Of the patient-wise split."""

    train: tuple[int, ...] = GALLERY_FOLDS
    test: int = QUERIES_FOLD


class Part(StrEnum):
    """What can be asked for alone."""

    PROBE = "probe"
    """Linear probes and 20 neighbours, the baselines beside the model."""
    ZERO_SHOT = "zero-shot"
    SUBGROUPS = "subgroups"


@dataclass(frozen=True)
class ClassifyOptions:
    """draws: of each share of the training labels below the whole. resamples: of the test patients."""

    draws: int = DRAWS
    resamples: int = RESAMPLES
    folds: Folds = Folds()
    parts: tuple[Part, ...] = tuple(Part)


def evaluate_classify(
    model: PageModel,
    source: RecordSource,
    statements: Statements,
    taxonomy: Taxonomy,
    *,
    rng: np.random.Generator,
    options: ClassifyOptions = ClassifyOptions(),
    more: Sequence[Method] = (),
    strangers: RecordSource | None = None,
    photos: Photos | None = None,
    on_progress: Progress | None = None,
) -> ClassifyReport:
    """Probes, neighbours, zero-shot, transfer, subgroups and photos of one model, baselines beside them.

    more: further methods to measure, such as a network over the digital signal; strangers: the Challenge's
    records; photos: which simulated photos to read. rng: draws the random encoder, labels and resamples.
    Errors: RecordError where a side of the split is empty or no stranger can be read.
    """
    encoder_rng, bench_rng, probe_rng, transfer_rng, photo_rng = rng.spawn(5)
    own = ModelMethod(model)
    random = RandomEncoder(encoder_rng)
    folds, parts = options.folds, options.parts
    baselines = [*more, random, Spectrum(), HeartRate()] if Part.PROBE in parts else []
    methods: list[Method] = [own, *baselines]
    corpus = read_corpus(source, methods, (*folds.train, folds.test), on_progress)
    bench = make_bench(
        corpus,
        methods,
        taxonomy,
        folds.test,
        rng=bench_rng,
        draw_count=options.draws,
        resamples=options.resamples,
    )
    vectors, similarity = bench.entries[0].test, bench.entries[0].similarity
    views = {own.name: lambda pages: model.embed_pages(pages), random.name: random.embed_pages}
    return ClassifyReport(
        source.name,
        len(bench.test),
        len({case.patient for case in bench.test}),
        len(bench.train),
        options.resamples,
        tasks(bench),
        tuple(supervised(bench, probe_rng)) if Part.PROBE in parts else (),
        tuple(zero_shot(bench, vectors, model.embed_reports)) if Part.ZERO_SHOT in parts else (),
        tuple(subgroups(bench, similarity, statements)) if Part.SUBGROUPS in parts else (),
        _transfer(model, strangers, transfer_rng, options) if strangers is not None else (),
        tuple(photo_levels(bench, photos, views, statements, photo_rng)) if photos is not None else (),
        corpus.skipped,
    )


def _transfer(
    model: EmbeddingModel, strangers: RecordSource, rng: np.random.Generator, options: ClassifyOptions
) -> tuple[Transfer, ...]:
    read = read_strangers(strangers, model.embed_records)
    prompts = read_prompts("challenge")
    return tuple(transfer(read, prompts, model.embed_reports, rng, options.resamples))

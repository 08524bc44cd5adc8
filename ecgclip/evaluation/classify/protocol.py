"""The classification protocol: which statements can be predicted from embeddings, by which method, for whom?

Train on the training folds, test on another; the test fold chooses nothing.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol

import numpy as np

from ecgclip.evaluation.classify.labels import Taxonomy
from ecgclip.evaluation.classify.photos import Photos, photo_levels
from ecgclip.evaluation.classify.results import ClassifyResults, Transfer
from ecgclip.evaluation.classify.settings import ClassifySettings, Part
from ecgclip.evaluation.classify.split import split_cases
from ecgclip.evaluation.classify.subgroups import subgroups
from ecgclip.evaluation.classify.supervised import supervised, tasks
from ecgclip.evaluation.classify.transfer import read_external, transfer
from ecgclip.evaluation.classify.zero_shot import read_prompts, zero_shot
from ecgclip.evaluation.retrieval.baselines.heart_rate import HeartRate
from ecgclip.evaluation.retrieval.baselines.random_encoder import RandomEncoder
from ecgclip.evaluation.retrieval.baselines.spectrum import Spectrum
from ecgclip.evaluation.retrieval.corpus import Method, Progress, read_corpus
from ecgclip.evaluation.retrieval.protocol import EmbeddingModel, ModelMethod
from ecgclip.evaluation.statements import Statements
from ecgclip.paper.page import CanonicalPage
from ecgclip.records.source import RecordSource
from ecgclip.typing import Float32s


class PageModel(EmbeddingModel, Protocol):
    """An embedding model that also embeds canonical pages, as those of photos."""

    def embed_pages(self, pages: Iterable[CanonicalPage]) -> Float32s: ...


def evaluate_classify(
    model: PageModel,
    source: RecordSource,
    statements: Statements,
    taxonomy: Taxonomy,
    *,
    rng: np.random.Generator,
    settings: ClassifySettings,
    more: Sequence[Method] = (),
    external: RecordSource | None = None,
    photos: Photos | None = None,
    on_progress: Progress | None = None,
) -> ClassifyResults:
    """Probes, neighbours, zero-shot, transfer, subgroups and photos of one model, baselines beside them.

    more: further methods to measure, such as a network over the digital signal; external: records of
    other hospitals; photos: which simulated photos to read.
    rng: draws the random encoder, the known labels and the resamples.
    Errors: RecordError where a side of the split is empty or no external record can be read.
    """
    encoder_rng, split_rng, probe_rng, transfer_rng, photo_rng = rng.spawn(5)
    own = ModelMethod(model)
    random = RandomEncoder(encoder_rng)
    folds, parts = settings.folds, settings.parts
    baselines = [*more, random, Spectrum(), HeartRate()] if Part.PROBE in parts else []
    methods: list[Method] = [own, *baselines]
    corpus = read_corpus(source, methods, (*folds.train, folds.test), on_progress)
    split = split_cases(
        corpus,
        methods,
        taxonomy,
        folds.test,
        rng=split_rng,
        draw_count=settings.draws,
        resamples=settings.resamples,
    )
    vectors, similarity = split.methods[0].test, split.methods[0].similarity
    views = {own.name: lambda pages: model.embed_pages(pages), random.name: random.embed_pages}
    return ClassifyResults(
        source.name,
        len(split.test),
        len({case.patient for case in split.test}),
        len(split.train),
        settings.resamples,
        tasks(split),
        tuple(supervised(split, probe_rng)) if Part.PROBE in parts else (),
        tuple(zero_shot(split, vectors, model.embed_reports)) if Part.ZERO_SHOT in parts else (),
        tuple(subgroups(split, similarity, statements)) if Part.SUBGROUPS in parts else (),
        _transfer(model, external, transfer_rng, settings) if external is not None else (),
        tuple(photo_levels(split, photos, views, statements, photo_rng)) if photos is not None else (),
        corpus.skipped,
    )


def _transfer(
    model: EmbeddingModel, external: RecordSource, rng: np.random.Generator, settings: ClassifySettings
) -> tuple[Transfer, ...]:
    read = read_external(external, model.embed_records)
    prompts = read_prompts("challenge")
    return tuple(transfer(read, prompts, model.embed_reports, rng, settings.resamples))

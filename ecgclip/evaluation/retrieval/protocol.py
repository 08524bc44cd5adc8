"""The retrieval protocol: does the model find the right report and similar cases better than simple means do?

Queries are one fold and the gallery others, so no patient is on both sides. Strict pair recall saturates
low where many reports are the same text; collapsed and label-based figures stand beside it.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from ecgclip.errors import ConfigError, RecordError
from ecgclip.evaluation.bootstrap import RESAMPLES, generator, patient_weights
from ecgclip.evaluation.metrics import cosine, ndcg_per_query
from ecgclip.evaluation.retrieval.baselines import tfidf
from ecgclip.evaluation.retrieval.baselines.heart_rate import HeartRate
from ecgclip.evaluation.retrieval.baselines.random_encoder import RandomEncoder
from ecgclip.evaluation.retrieval.baselines.spectrum import Spectrum
from ecgclip.evaluation.retrieval.corpus import (
    EXPECTED_DATA,
    Corpus,
    LabelledCase,
    Method,
    Progress,
    read_corpus,
)
from ecgclip.evaluation.retrieval.relevance import (
    RelevanceJudgements,
    judge_relevance,
    label_scores,
    pair_scores,
)
from ecgclip.evaluation.retrieval.results import MethodScores, RetrievalResults
from ecgclip.evaluation.statements import Statements, read_statements, statements_file
from ecgclip.records.ecg import Ecg
from ecgclip.records.source import RecordSource
from ecgclip.typing import Bools, Float32s, Floats

QUERIES_FOLD = 9
GALLERY_FOLDS = (1, 2, 3, 4, 5, 6, 7, 8)


class EmbeddingModel(Protocol):
    """Records and reports as unit-norm float32 vectors of one space."""

    def embed_records(self, records: Iterable[Ecg]) -> Float32s: ...
    def embed_reports(self, reports: Sequence[str]) -> Float32s: ...


class ModelMethod:
    """The image tower of a model as a `Method`."""

    def __init__(self, model: EmbeddingModel, name: str = "model") -> None:
        self._model = model
        self.name = name

    def features(self, records: Sequence[Ecg]) -> Floats:
        return self._model.embed_records(records)

    def similarity(self, queries: Floats, gallery: Floats) -> Floats:
        return cosine(queries, gallery)

    def embed_reports(self, reports: Sequence[str]) -> Float32s:
        return self._model.embed_reports(reports)


def run_retrieval(
    data: str | Path,
    models: Sequence[str | Path] = (),
    *,
    signal_network: str | Path | None = None,
    seed: int = 0,
    on_progress: Progress | None = None,
) -> RetrievalResults:
    """`ecgclip evaluate retrieval`: models on a PTB-XL folder or a table; fold 9 asks, folds 1-8 answer.

    models: folders or names, none for the shipped weights; several (a recipe's seeds) are measured side by
    side, with mean and range. signal_network: a network over the digital signal, measured beside them.
    Errors: ConfigError for a seed below 0, RecordError, ModelError, MissingExtraError without torch.
    """
    from ecgclip.engine.model import load_model
    from ecgclip.evaluation.retrieval.baselines.signal_network import load_signal_features
    from ecgclip.records.reading import open_source

    rng = generator(seed)
    statements = read_statements(statements_file(data))
    source = open_source(data)
    if len(models) > 1:
        methods = [ModelMethod(load_model(model), str(model)) for model in models]
    else:
        methods = [ModelMethod(load_model(models[0] if models else None))]
    beside = [load_signal_features(signal_network)] if signal_network else []
    return evaluate_retrieval(methods, source, statements, beside=beside, rng=rng, on_progress=on_progress)


def evaluate_retrieval(
    models: Sequence[ModelMethod],
    source: RecordSource,
    statements: Statements,
    *,
    beside: Sequence[Method] = (),
    queries_fold: int = QUERIES_FOLD,
    gallery_folds: Sequence[int] = GALLERY_FOLDS,
    rng: np.random.Generator,
    resamples: int = RESAMPLES,
    on_progress: Progress | None = None,
) -> RetrievalResults:
    """Measure models and baselines on one source; without models, the baselines alone.

    models: several are measured side by side, with mean and range; their names differ.
    beside: further methods, such as a network over the digital signal.
    queries_fold, gallery_folds: which folds ask and which answer.
    rng: draws the random encoder and the resamples.
    Errors: RecordError where either side of the split is empty, ConfigError where two methods share a name.
    """
    encoder_rng, resample_rng = rng.spawn(2)
    methods: list[Method] = [*models, *beside, RandomEncoder(encoder_rng), Spectrum(), HeartRate()]
    _refuse_namesakes(methods)
    corpus = read_corpus(source, methods, (*gallery_folds, queries_fold), on_progress)
    is_query = corpus.folds([queries_fold])
    queries, gallery = _sides(corpus, is_query)
    patients = [case.patient for case in queries]
    judged = judge_relevance(queries, gallery, statements, patient_weights(patients, resample_rng, resamples))
    return RetrievalResults(
        source.name,
        len(queries),
        len(set(patients)),
        len(gallery),
        queries_fold,
        tuple(gallery_folds),
        resamples,
        len({case.report for case in queries}),
        _all_scores(methods, corpus, is_query, judged),
        corpus.skipped,
    )


def _refuse_namesakes(methods: Sequence[Method]) -> None:
    names = [method.name for method in methods]
    if twice := [name for name in names if names.count(name) > 1]:
        raise ConfigError(
            f"two methods are called {twice[0]!r}; expected a name for each: rename one of the model folders"
        )


def _sides(corpus: Corpus, is_query: Bools) -> tuple[list[LabelledCase], list[LabelledCase]]:
    """Queries and gallery; RecordError where one is empty."""
    queries = [case for case, query in zip(corpus.cases, is_query, strict=True) if query]
    gallery = [case for case, query in zip(corpus.cases, is_query, strict=True) if not query]
    if not queries or not gallery:
        raise RecordError(
            f"{len(queries)} queries and {len(gallery)} gallery records were found; {EXPECTED_DATA}"
        )
    return queries, gallery


def _all_scores(
    methods: Sequence[Method], corpus: Corpus, is_query: Bools, judged: RelevanceJudgements
) -> tuple[MethodScores, ...]:
    """The methods' scores and the text oracle's, the spectrum first measured as everyone's reference."""

    def similarity(method: Method) -> Floats:
        features = corpus.features[method.name]
        return method.similarity(features[is_query], features[~is_query])

    reference = ndcg_per_query(
        similarity(next(m for m in methods if isinstance(m, Spectrum))), judged.relevance
    )
    reports = np.array([case.report for case in corpus.cases], dtype=object)
    scores = []
    for method in methods:
        pairs = None
        if isinstance(method, ModelMethod | RandomEncoder):
            words = method.embed_reports(reports[is_query].tolist())
            pairs = pair_scores(corpus.features[method.name][is_query], words, judged)
        labels = label_scores(similarity(method), judged, reference)
        scores.append(MethodScores(method.name, labels, pairs, isinstance(method, ModelMethod)))
    oracle = tfidf.tfidf_similarity(reports[is_query].tolist(), reports[~is_query].tolist())
    return (*scores, MethodScores(tfidf.NAME, label_scores(oracle, judged, reference)))

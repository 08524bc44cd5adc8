"""The test cases on simulated photos instead of drawn pages: how much is lost?

Training cases stay drawn pages, as in an index. Refused photos are counted and have no figures. Photos and
drawn pages of the same cases are compared, so that a difference comes from the picture alone.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ecgclip.evaluation.bootstrap import mean_interval
from ecgclip.evaluation.classify.auroc import macro_auroc
from ecgclip.evaluation.classify.probe import probe
from ecgclip.evaluation.classify.results import PhotoLevel, PhotoScore
from ecgclip.evaluation.classify.split import MethodFeatures, Split
from ecgclip.evaluation.metrics import cosine, knn_scores, ndcg_per_query
from ecgclip.evaluation.retrieval.relevance import judge_relevance
from ecgclip.evaluation.statements import Statements
from ecgclip.paper.page import CanonicalPage
from ecgclip.typing import Bools, Float32s, Floats, Int64s

LEVELS: Final = ("S2", "S3")
Rows = Int64s
View = Callable[[Sequence[CanonicalPage]], Float32s]
"""Canonical pages -> unit vectors [page, dim]."""


@dataclass(frozen=True)
class Photos:
    """Which photos are read: levels; count: of test cases, spread evenly, None for all of them.

    read: a level and case_ids -> what was read of each photo, None where it was refused.
    """

    read: Callable[[str, Sequence[str]], Sequence[CanonicalPage | None]]
    levels: tuple[str, ...] = LEVELS
    count: int | None = None


@dataclass(frozen=True, eq=False)
class _Seen:
    """One method's vectors of the accepted photos of one level; rows: their test cases."""

    rows: Rows
    vectors: Float32s


def photo_levels(
    split: Split, photos: Photos, views: Mapping[str, View], statements: Statements, rng: np.random.Generator
) -> Iterator[PhotoLevel]:
    """The figures of every level; views: by name of the methods that look at pages.

    rng: deals the probes' inner folds, the same for all levels, so that one page has one figure.
    """
    wanted = spread(len(split.test), photos.count)
    seed = int(rng.integers(2**32))
    for level in photos.levels:
        inks = photos.read(level, [split.test[row].case_id for row in wanted])
        read = [(row, ink) for row, ink in zip(wanted, inks, strict=True) if ink is not None]
        rows = np.array([row for row, _ in read], np.int64)
        scores: list[PhotoScore] = []
        for method in split.methods if read else ():
            if method.name in views:
                seen = _Seen(rows, views[method.name]([ink for _, ink in read]))
                scores += _by_similarity(split, level, method, seen, statements)
                scores += _probes(split, level, method, seen, np.random.default_rng(seed))
        yield PhotoLevel(level, len(wanted), len(wanted) - len(read), tuple(scores))


def spread(count: int, wanted: int | None) -> list[int]:
    """That many of `count` rows, evenly spread; all where None.

    >>> spread(9, 3)
    [0, 4, 8]
    """
    if wanted is None or wanted >= count:
        return list(range(count))
    return [round(row) for row in np.linspace(0, count - 1, wanted).tolist()]


def _by_similarity(
    split: Split, level: str, method: MethodFeatures, seen: _Seen, statements: Statements
) -> Iterator[PhotoScore]:
    """nDCG@10 and superclasses by neighbours."""
    weights = split.weights[:, seen.rows]
    judged = judge_relevance([split.test[row] for row in seen.rows], split.train, statements, weights)
    page = method.similarity[seen.rows]
    photo = cosine(seen.vectors, method.train)
    gains = [ndcg_per_query(similarity, judged.relevance) for similarity in (photo, page)]
    yield PhotoScore(
        level,
        method.name,
        "nDCG@10",
        mean_interval(gains[0], weights),
        mean_interval(gains[1], weights),
        mean_interval(gains[0] - gains[1], weights),
    )
    votes = [knn_scores(similarity, judged.gallery_classes) for similarity in (photo, page)]
    yield _auroc(level, method, "superclass, 20 neighbours", judged.query_classes, votes, weights)


def _probes(
    split: Split, level: str, method: MethodFeatures, seen: _Seen, rng: np.random.Generator
) -> Iterator[PhotoScore]:
    """Each label set by one probe of all training labels, applied to photos and to pages."""
    for train, test in split.pairs:
        counted = test.counted[seen.rows]
        if not counted.any():
            continue
        rows = seen.rows[counted]
        known = np.flatnonzero(train.counted)
        asked = np.concatenate([seen.vectors[counted], method.test[rows]])
        patients = [split.train[row].patient for row in known]
        probed = probe(method.train[known], train.truth[known], patients, asked, rng)
        scores = np.split(probed.probability, 2)
        yield _auroc(level, method, f"{test.name}, probe", test.truth[rows], scores, split.weights[:, rows])


def _auroc(
    level: str,
    method: MethodFeatures,
    figure: str,
    truth: Bools,
    scores: Sequence[Floats],
    weights: Floats,
) -> PhotoScore:
    photo, page = (macro_auroc(truth, [one], weights) for one in scores)
    return PhotoScore(level, method.name, figure, photo.interval, page.interval, photo.minus(page))

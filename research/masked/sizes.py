"""What vocabularies of several sizes are worth, before anything is trained on one."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from ecgclip.evaluation.bootstrap import Interval, auroc_interval, patient_weights
from ecgclip.records.source import RecordSource
from ecgclip.training.sources import prepared_cache
from ecgclip.typing import Float32s
from research.masked.codebook import Codebook, learn_codebook, quality
from research.masked.data import PageMaker
from research.masked.labels import COLUMNS, Labelled, Task, labelled, patients
from research.masked.patches import token_grid
from research.masked.probe import ridge_scores
from research.masked.settings import MaskedTraining

RARE = 20
"""Uses among the training patches below which a code is hardly learned."""


def vocabulary_table(
    config: MaskedTraining,
    sources: Sequence[RecordSource],
    folders: Sequence[Path],
    out: Path,
    sizes: Sequence[int],
) -> str:
    """Vocabularies learned on the training folds, judged on the validation fold; Markdown.

    The last column asks what the codes keep of a diagnosis: superclasses by a linear map of how often each
    code occurs on a page.
    """
    known = labelled(prepared_cache(sources, out / "cache"), folders)
    maker = PageMaker(config, known.cache)
    seen = maker.descriptions(known.cache.in_folds(config.folds), config.vocabulary.views)
    fresh = maker.descriptions(known.cache.in_folds([config.valid_fold]), 1)
    lines = [
        f"| codes | variance explained | perplexity | used | below {RARE} uses | superclass AUROC |",
        "|---" * 6 + "|",
    ]
    for size in sizes:
        codebook = learn_codebook(seen, replace(config.vocabulary, codes=size), config.seed)
        judged = quality(codebook, fresh)
        uses = np.bincount(codebook.nearest(codebook.project(seen)), minlength=size)
        auroc = auroc_by_counts(codebook, maker, known, seen, fresh)
        lines.append(
            f"| {size} | {judged.explained:.3f} | {judged.perplexity:.0f} | {judged.used} "
            f"| {int((uses < RARE).sum())} | {auroc.text()} |"
        )
    return "\n".join(lines)


def auroc_by_counts(
    codebook: Codebook, maker: PageMaker, known: Labelled, seen: Float32s, fresh: Float32s
) -> Interval:
    """Macro AUROC of the superclasses; seen, fresh: the patches of the training and validation folds."""
    config, rows = maker.config, maker.cache.in_folds(maker.config.folds)
    tokens = int(np.prod(token_grid(config.model.image)))
    valid = maker.cache.in_folds([config.valid_fold])
    columns = COLUMNS[Task.SUPERCLASS]
    # roots of counts: the hundredth use of a code says less than the first
    features = np.sqrt(counts(codebook, seen, tokens * config.vocabulary.views))
    asked = np.sqrt(counts(codebook, fresh, tokens)) * np.sqrt(np.float32(config.vocabulary.views))
    scores = ridge_scores(features, known.labels[rows][:, columns], asked)
    weights = patient_weights(patients(maker.cache, valid), np.random.default_rng(config.seed))
    return auroc_interval(known.labels[valid][:, columns], scores, weights)


def counts(codebook: Codebook, descriptions: Float32s, per_record: int) -> Float32s:
    """How often each code occurs among a record's patches, [record, code]."""
    codes = codebook.nearest(codebook.project(descriptions)).reshape(-1, per_record)
    return np.stack([np.bincount(row, minlength=len(codebook)) for row in codes]).astype(np.float32)

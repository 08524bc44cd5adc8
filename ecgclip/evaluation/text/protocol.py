"""Free-text search: are the right cases found, and the same ones whatever the wording?

24 statements in five wordings (`queries.csv`: English, German, abbreviation, misspelt, a phrase of other
words). Cases are ranked as `ecgclip search` ranks them, by the mean cosine with page and report. Every figure
is measured with the glossary, which puts names and their spelling right, and without.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from ecgclip.engine.model import load_model
from ecgclip.engine.question import embed_question
from ecgclip.errors import RecordError
from ecgclip.evaluation.metrics import cosine, ndcg_per_query, top_k
from ecgclip.evaluation.retrieval.corpus import EXPECTED_DATA, LabelledCase, Progress, read_corpus
from ecgclip.evaluation.retrieval.protocol import GALLERY_FOLDS, QUERIES_FOLD, ModelMethod
from ecgclip.evaluation.text.results import ModelScores, TextResults, WordingScores
from ecgclip.records.ecg import Ecg
from ecgclip.records.reading import open_source
from ecgclip.records.resample import resampled
from ecgclip.records.tables.files import table_rows
from ecgclip.training.cache import CACHE_RATE_HZ
from ecgclip.typing import Bools, Float64s, Floats, Rows, Vectors

QUERIES: Final = Path(__file__).with_name("queries.csv")
"""A statement's code and its wordings, one row a statement."""
WORDINGS: Final = ("english", "german", "abbreviation", "misspelt", "phrase")
FOUND: Final = 20
"""Number of first cases that are judged."""

Ask = Callable[[Sequence[str]], Vectors]
"""Questions -> unit vectors [question, dim]."""


@dataclass(frozen=True, eq=False)
class Gallery:
    """The cases.

    pages, reports: [case, dim]; right: bool [query, case], who carries the statement; held_out: bool [case].
    """

    pages: Vectors
    reports: Vectors
    right: Bools
    held_out: Bools


@dataclass(frozen=True, eq=False)
class Neighbours:
    """What one wording of every query finds.

    precision, ndcg, ndcg_pages: [query], NaN where the folds have no such case.
    rows: the first cases, [query, 20].
    """

    precision: Float64s
    ndcg: Float64s
    ndcg_pages: Float64s
    rows: Sequence[Rows]


class _AsTrained(ModelMethod):
    """Pages of the signals as training keeps them: at 100 Hz and in half precision."""

    def features(self, records: Sequence[Ecg]) -> Floats:
        return super().features([_as_trained(record) for record in records])


def _as_trained(ecg: Ecg) -> Ecg:
    signal = resampled(ecg, CACHE_RATE_HZ).signal_mv.astype(np.float16)
    return Ecg(signal.astype(np.float32), CACHE_RATE_HZ)


def run_text(
    data: str | Path, models: Sequence[str | Path] = (), *, on_progress: Progress | None = None
) -> TextResults:
    """`ecgclip evaluate text`: on a PTB-XL folder or a table of records with folds.

    models: folders or names, none for the shipped weights.
    Errors: RecordError where no record has one of the folds of either side, ModelError.
    """
    source = open_source(data)
    loaded = [load_model(model, threads=1) for model in models] if models else [load_model(threads=1)]
    methods = [_AsTrained(model, f"{number}") for number, model in enumerate(loaded)]
    corpus = read_corpus(source, methods, (*GALLERY_FOLDS, QUERIES_FOLD), on_progress)
    queries = read_queries()
    held_out = corpus.folds([QUERIES_FOLD])
    if held_out.all() or not held_out.any():
        asked, prior = held_out.sum(), (~held_out).sum()
        raise RecordError(f"{asked} held out and {prior} prior cases were found; {EXPECTED_DATA}")
    scores_of: list[ModelScores] = []
    for method, model in zip(methods, loaded, strict=True):
        reports = model.embed_reports([case.report for case in corpus.cases])
        right = carries(corpus.cases, [query["code"] for query in queries])
        gallery = Gallery(corpus.features[method.name], reports, right, held_out)
        with_glossary = lambda texts, model=model: np.stack([embed_question(model, text) for text in texts])
        for glossary, ask in ((False, model.embed_reports), (True, with_glossary)):
            scores, weakest = wording_scores(ask, gallery, queries)
            scores_of.append(ModelScores(model.folder.name, glossary, scores, weakest))
    return TextResults(source.name, len(corpus.cases), tuple(scores_of), corpus.skipped)


def read_queries() -> list[dict[str, str]]:
    """The code and the wordings of every query."""
    columns = ("code", *WORDINGS)
    return [{name: str(row[name]) for name in columns} for row in table_rows(QUERIES, columns)]


def carries(cases: Sequence[LabelledCase], codes: Sequence[str]) -> Bools:
    """Which case carries which statement, bool [code, case]."""
    return np.array([[code in case.codes for case in cases] for code in codes], np.bool_)


def wording_scores(
    ask: Ask, gallery: Gallery, queries: Sequence[dict[str, str]]
) -> tuple[tuple[WordingScores, ...], tuple[tuple[str, float], ...]]:
    """The scores of every wording, and the eight statements whose English names find fewest right cases."""
    found = {wording: search(ask([query[wording] for query in queries]), gallery) for wording in WORDINGS}
    english = found[WORDINGS[0]]
    scores = tuple(
        WordingScores(
            wording,
            _mean(one.precision),
            same_cases(one, english),
            _mean(one.ndcg),
            _mean(one.ndcg_pages),
        )
        for wording, one in found.items()
    )
    each = zip(english.precision.tolist(), [query["code"] for query in queries], strict=True)
    weakest = sorted((value, code) for value, code in each if not np.isnan(value))
    return scores, tuple((code, value) for value, code in weakest[:8])


def search(queries: Vectors, gallery: Gallery) -> Neighbours:
    """Search by vectors [query, dim]."""
    by_page = cosine(queries, gallery.pages)
    similarity = (by_page + cosine(queries, gallery.reports)) / 2
    known = np.flatnonzero(~gallery.held_out)
    found = top_k(similarity[:, known], FOUND)
    right = gallery.right[:, known]
    precision = [
        hits[rows[: hits.sum()]].mean() if hits.any() else np.nan
        for hits, rows in zip(right, found, strict=True)
    ]
    wanted = gallery.right[:, gallery.held_out].astype(np.float64)
    return Neighbours(
        np.array(precision),
        ndcg_per_query(similarity[:, gallery.held_out], wanted, FOUND),
        ndcg_per_query(by_page[:, gallery.held_out], wanted, FOUND),
        list(known[found]),
    )


def same_cases(one: Neighbours, other: Neighbours) -> float:
    """Mean share of the first cases that both have."""
    pairs = zip(one.rows, other.rows, strict=True)
    return float(np.mean([len(set(a) & set(b)) / len(a) for a, b in pairs]))


def _mean(values: Float64s) -> float:
    """The mean of the finite values; NaN where there is none."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else float("nan")

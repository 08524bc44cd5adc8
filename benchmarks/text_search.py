"""Words in, cases out: are they the right ones, and the same in whatever words they are asked for?

    python benchmarks/text_search.py CACHE [--model DIR ...]

24 statements in five wordings (`text_queries.csv`: English, German, abbreviation, misspelt, a phrase of other
words). Cases are ranked as `ecgclip search` ranks them, by the mean cosine with page and report. In the
training folds: precision among the first 20 (or as many as there are), and how many of the 20 are those of
the English name. In the held-out fold: nDCG@20, with reports and by the pages alone. Every figure with the
glossary, which puts names and their spelling right, and without. CACHE is a training run's.
"""

import argparse
import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ecgclip.engine.glossary import shipped_glossary
from ecgclip.engine.model import Model, load_model
from ecgclip.evaluation.metrics import cosine, ndcg_per_query, top_k
from ecgclip.records.ecg import Ecg
from ecgclip.training.cache import CACHE_RATE_HZ, SignalCache, open_cache

QUERIES = Path(__file__).with_name("text_queries.csv")
WORDINGS = ("english", "german", "abbreviation", "misspelt", "phrase")
FOUND = 20
HELD_OUT = 9

Vectors = npt.NDArray[np.float32]
Ask = Callable[[Sequence[str]], Vectors]


@dataclass(frozen=True, eq=False)
class Gallery:
    """pages, reports: [case, dim]; right: bool [query, case]; held_out: bool [case]."""

    pages: Vectors
    reports: Vectors
    right: npt.NDArray[np.bool_]
    held_out: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Line:
    """One row of the table; each query's value, NaN where the fold has no such case."""

    precision: npt.NDArray[np.float64]
    ndcg: npt.NDArray[np.float64]
    ndcg_pages: npt.NDArray[np.float64]
    rows: npt.NDArray[np.int64]


def page_vectors(model: Model, cache: SignalCache) -> Vectors:
    signals = (np.asarray(signal, np.float32) for signal in cache.signals_mv)
    return model.embed_records(Ecg(signal, CACHE_RATE_HZ) for signal in signals)


def gallery(model: Model, cache: SignalCache, codes: Sequence[str]) -> Gallery:
    return Gallery(
        page_vectors(model, cache),
        model.embed_reports([row.report for row in cache.rows]),
        np.array([[code in row.codes for row in cache.rows] for code in codes]),
        np.array([row.fold == HELD_OUT for row in cache.rows]),
    )


def plain(model: Model) -> Ask:
    return model.embed_reports


def with_glossary(model: Model) -> Ask:
    """As `ecgclip search` asks."""
    from ecgclip.engine.words import words_vector

    return lambda texts: np.stack([words_vector(model, text) for text in texts])


def line(asked: Vectors, cases: Gallery) -> Line:
    by_page = cosine(asked, cases.pages)
    similarity = (by_page + cosine(asked, cases.reports)) / 2
    known = np.flatnonzero(~cases.held_out)
    found = top_k(similarity[:, known], FOUND)
    right = cases.right[:, known]
    precision = [
        hits[rows[: hits.sum()]].mean() if hits.any() else np.nan
        for hits, rows in zip(right, found, strict=True)
    ]
    wanted = cases.right[:, cases.held_out].astype(float)
    return Line(
        np.array(precision),
        ndcg_per_query(similarity[:, cases.held_out], wanted, FOUND),
        ndcg_per_query(by_page[:, cases.held_out], wanted, FOUND),
        known[found],
    )


def same_cases(a: Line, b: Line) -> float:
    pairs = zip(a.rows, b.rows, strict=True)
    return float(np.mean([len(set(x) & set(y)) / len(x) for x, y in pairs]))


def show(title: str, ask: Ask, cases: Gallery, queries: Sequence[dict[str, str]]) -> None:
    print(f"{title}\n{'':14} precision@20  same as English  nDCG@20 held out  by pages alone")
    lines = {wording: line(ask([query[wording] for query in queries]), cases) for wording in WORDINGS}
    for wording, one in lines.items():
        same = same_cases(one, lines[WORDINGS[0]])
        ndcg, pages = np.nanmean(one.ndcg), np.nanmean(one.ndcg_pages)
        print(f"{wording:14} {np.nanmean(one.precision):12.3f} {same:16.2f} {ndcg:17.3f} {pages:15.3f}")
    english = lines[WORDINGS[0]]
    codes = [query["code"] for query in queries]
    each = sorted((p, code) for p, code in zip(english.precision, codes, strict=True) if not np.isnan(p))
    print("weakest: " + ", ".join(f"{code} {value:.2f}" for value, code in each[:8]), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("cache", type=Path)
    parser.add_argument("--model", nargs="+", default=[None], help="folders of exported models")
    args = parser.parse_args()
    cache = open_cache(args.cache)
    shipped_glossary()
    queries = list(csv.DictReader(QUERIES.open(encoding="utf-8")))
    for folder in args.model:
        model = load_model(folder, threads=1)
        cases = gallery(model, cache, [query["code"] for query in queries])
        show(f"{model.folder.name}, as the text tower reads it", plain(model), cases, queries)
        show(f"{model.folder.name}, with the glossary", with_glossary(model), cases, queries)


if __name__ == "__main__":
    main()

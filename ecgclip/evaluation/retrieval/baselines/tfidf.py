"""Text oracle: nearest cases by TF-IDF of the true reports, a ceiling that no image method may look at."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ecgclip.typing import Float32s, Float64s

if TYPE_CHECKING:
    from scipy.sparse import csr_array

NAME = "text oracle (TF-IDF)"
_WORD = re.compile(r"\b\w\w+\b")


def tfidf_similarity(queries: Sequence[str], gallery: Sequence[str]) -> Float32s:
    """Cosine of TF-IDF vectors, [query, gallery]; vocabulary and document frequencies from the gallery.

    Words and pairs of words, (1 + log count) * (1 + log((1 + n) / (1 + documents with it))), unit norm:
    scikit-learn's TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True).
    """
    documents = [Counter(terms(text)) for text in gallery]
    frequency = Counter(term for document in documents for term in document)
    column = {term: i for i, term in enumerate(frequency)}
    share = np.array(list(frequency.values()), np.float64)
    weight = 1 + np.log((1 + len(gallery)) / (1 + share))
    query_vectors = _vectors((Counter(terms(text)) for text in queries), column, weight)
    return np.asarray((query_vectors @ _vectors(documents, column, weight).T).toarray(), np.float32)


def terms(text: str) -> list[str]:
    """Words of two letters or more and their neighbouring pairs, in lower case.

    >>> terms("Sinus rhythm. Normal")
    ['sinus', 'rhythm', 'normal', 'sinus rhythm', 'rhythm normal']
    """
    words: list[str] = _WORD.findall(text.lower())
    return words + [f"{a} {b}" for a, b in pairwise(words)]


def _vectors(
    documents: Iterable[Counter[str]], column: dict[str, int], weight: Float64s
) -> "csr_array[np.float64, tuple[int, int]]":
    from scipy.sparse import csr_array

    data: list[float] = []
    columns: list[int] = []
    starts = [0]
    for document in documents:
        known = [(column[term], count) for term, count in document.items() if term in column]
        values = np.array([(1 + np.log(count)) * weight[i] for i, count in known])
        data.extend(values / max(float(np.linalg.norm(values)), 1e-12))
        columns.extend(i for i, _ in known)
        starts.append(len(data))
    return csr_array((data, columns, starts), shape=(len(starts) - 1, len(column)))

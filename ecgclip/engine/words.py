"""Search by words: a case answers with its page and with its report."""

import numpy as np
import numpy.typing as npt

from ecgclip.engine.glossary import shipped_glossary
from ecgclip.engine.model import Model
from ecgclip.errors import ConfigError
from ecgclip.retrieval.store.snapshot import Hit, Side, Snapshot

MOST_CHARACTERS = 2000
"""Of a question: the glossary looks for names in it word by word."""
POOL = 200
"""Cases that each side proposes; a case must be among the best of one side to be found."""


def words_vector(model: Model, question: str) -> npt.NDArray[np.float32]:
    """Unit vector [dim] of a question: the mean of how it is said in both languages, see `glossary`.

    Errors: ConfigError where it is too long, or has no word of Latin letters or digits, which is all that the
    glossary reads.
    """
    if len(question) > MOST_CHARACTERS:
        raise ConfigError(
            f"the text has {len(question)} characters; expected a question of at most {MOST_CHARACTERS}"
        )
    glossary = shipped_glossary()
    if not glossary.pieces(question):
        raise ConfigError(
            f"the text is {question[:40]!r}; expected English or German words such as 'atrial fibrillation'"
        )
    vector = model.embed_reports(glossary.readings(question)).mean(axis=0)
    return np.asarray(vector / np.linalg.norm(vector), np.float32)


def search_words(index: Snapshot, words: npt.NDArray[np.float32], k: int, where: str | None) -> list[Hit]:
    """The k cases nearest to a text's vector [dim], best first.

    A case's score is the mean of the cosines with its page and with its report; with its page alone where
    it has no report.
    """
    allowed = index.allowed(where)
    pools = [index.search(words, max(k, POOL), allowed, side=side)[0] for side in Side]
    found = {hit.row: hit.case_id for pool in pools for hit in pool}
    rows = np.array(sorted(found), np.int64)
    pages, reports = index.vectors[rows] @ words, index.report_vectors[rows] @ words
    has_report = index.report_vectors[rows].any(axis=1)
    scores = np.where(has_report, (pages + reports) / 2, pages)
    best = np.argsort(-scores, kind="stable")[:k]
    return [Hit(found[rows[i]], float(scores[i]), int(rows[i])) for i in best]

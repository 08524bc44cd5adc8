"""Scores of a text tower on held-out records: pairs found, and names of statements answered."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ecgclip.encoders.text import ReportTokenizer
from ecgclip.engine.glossary import Language, shipped_glossary
from ecgclip.evaluation.metrics import RECALL_KS, cosine, first_hit_rank, hits_at, ndcg_per_query, same_text
from ecgclip.training.text.data import TextData, embedded
from ecgclip.training.towers.model import EcgClip
from ecgclip.typing import Bools, Floats

FOUND: Final = 20
"""Results of a search that are judged."""


@dataclass(frozen=True)
class TextScores:
    """rsum: sum of six recalls in percent, only the own report or page being right.

    collapsed: the same, equal reports being right for each other; search: nDCG@20 of the usual names of
    statements in both languages, by pages and reports as a search does it; pages: by pages alone.
    """

    rsum: float
    collapsed: float
    search: float
    pages: float

    def __str__(self) -> str:
        return (
            f"RSUM {self.rsum:.1f}, equal reports as one {self.collapsed:.1f}; "
            f"names nDCG@{FOUND} {self.search:.3f}, by pages alone {self.pages:.3f}"
        )

    @property
    def merit(self) -> float:
        """One number to choose by: the mean recall and `search`, each from 0 to 1."""
        return self.rsum / 600 + self.search


def scored(model: EcgClip, tokenizer: ReportTokenizer, held_out: TextData) -> TextScores:
    """The text tower's scores on held-out records."""
    reports = embedded(model, tokenizer, held_out.reports)
    own = np.eye(len(reports), dtype=np.bool_)
    texts, right = named_questions(held_out)
    queries = embedded(model, tokenizer, texts)
    by_page, by_report = cosine(queries, held_out.pages), cosine(queries, reports)
    return TextScores(
        rsum(held_out.pages, reports, own),
        rsum(held_out.pages, reports, same_text(held_out.reports, held_out.reports)),
        mean_ndcg(by_page + by_report, right),
        mean_ndcg(by_page, right),
    )


def named_questions(records: TextData) -> tuple[list[str], Bools]:
    """The usual names of statements that some record has, and which record has it, bool [name, record]."""
    texts: list[str] = []
    have_it: list[Bools] = []
    for statement in shipped_glossary().statements:
        have = np.array([statement.code in codes for codes in records.codes])
        if have.any():
            texts += [statement.usual(language) for language in (Language.ENGLISH, Language.GERMAN)]
            have_it += [have, have]
    return texts, np.stack(have_it) if have_it else np.zeros((0, len(records.codes)), np.bool_)


def mean_ndcg(similarity: Floats, right: Bools) -> float:
    """Mean nDCG@20 over the questions; 0 where there is none."""
    return float(ndcg_per_query(similarity, right.astype(np.float64), FOUND).mean()) if len(right) else 0.0


def rsum(pages: Floats, reports: Floats, right: Bools) -> float:
    """Recall at 1, 5 and 10 in percent, page to report and back, added up. right: bool [page, report]."""
    similarity = cosine(pages, reports)
    ranks = [first_hit_rank(similarity, right), first_hit_rank(similarity.T, right.T)]
    return float(sum(hits_at(rank, k).mean() for rank in ranks for k in RECALL_KS))

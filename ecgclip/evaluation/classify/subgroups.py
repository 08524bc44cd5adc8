"""Figures by language of the report, age and sex: for whom does it work?"""

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np

from ecgclip.evaluation.bootstrap import mean_interval
from ecgclip.evaluation.classify.auroc import macro_auroc
from ecgclip.evaluation.classify.language import language_of
from ecgclip.evaluation.classify.results import Subgroup
from ecgclip.evaluation.classify.split import Split
from ecgclip.evaluation.metrics import knn_scores, ndcg_per_query
from ecgclip.evaluation.retrieval.corpus import LabelledCase
from ecgclip.evaluation.retrieval.relevance import judge_relevance
from ecgclip.evaluation.statements import Statements
from ecgclip.typing import Floats

AGES: Final = ((0, 40, "under 40"), (40, 60, "40-59"), (60, 80, "60-79"), (80, 200, "80 and over"))
"""Years from, up to and without, name; records of people over 89 are kept as 90."""


def subgroups(split: Split, similarity: Floats, statements: Statements) -> Iterator[Subgroup]:
    """Every group of the test cases, the whole first; similarity: [test case, training case]."""
    judged = judge_relevance(split.test, split.train, statements, split.weights)
    votes = knn_scores(similarity, judged.gallery_classes)
    ndcg = ndcg_per_query(similarity, judged.relevance)
    traits = [traits_of(case) for case in split.test]
    groups = sorted({pair for one in traits for pair in one.items()}, key=_order)
    for trait, value in groups:
        rows = np.array([one[trait] == value for one in traits])
        weights = split.weights[:, rows]
        auroc = macro_auroc(judged.query_classes[rows], [votes[rows]], weights)
        patients = {case.patient for case, inside in zip(split.test, rows, strict=True) if inside}
        interval = mean_interval(ndcg[rows], weights)
        yield Subgroup(trait, value, int(rows.sum()), len(patients), auroc.classes, auroc.interval, interval)


def traits_of(case: LabelledCase) -> Mapping[str, str]:
    """The groups of a case."""
    return {
        "all": "",
        "language": language_of(case.report).value,
        "age": _age_group(case.age),
        "sex": case.sex or "unknown",
    }


def _age_group(age: float | None) -> str:
    if age is None:
        return "unknown"
    return next((name for low, high, name in AGES if low <= age < high), "unknown")


def _order(group: tuple[str, str]) -> tuple[int, int, str]:
    trait, value = group
    ages = [name for _, _, name in AGES]
    place = ages.index(value) if value in ages else len(ages)
    return ["all", "language", "age", "sex"].index(trait), place, value

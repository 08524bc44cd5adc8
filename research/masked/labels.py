"""What the comparison asks for, and the draws of few labels."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

import numpy as np

from ecgclip.evaluation.classify.labels import CODE_SIX
from ecgclip.evaluation.statements import FILE_NAME, SUPERCLASSES, one_hot, read_statements
from ecgclip.training.cache import SignalCache
from ecgclip.typing import Bools, Int64s

SIX: Final = tuple(CODE_SIX)
"""PTB-XL's names of the six abnormalities of CODE (Ribeiro et al. 2020)."""


class Task(StrEnum):
    """The two sets of labels; one head learns both at once."""

    SUPERCLASS = "superclass"
    SIX = "six"


COLUMNS: Final = {
    Task.SUPERCLASS: slice(0, len(SUPERCLASSES)),
    Task.SIX: slice(len(SUPERCLASSES), len(SUPERCLASSES) + len(SIX)),
}
"""Where each task's labels stand among all."""
LABELS: Final = len(SUPERCLASSES) + len(SIX)


@dataclass(frozen=True, eq=False)
class Labelled:
    """The records of a cache with their labels, bool [record, label]."""

    cache: SignalCache
    labels: Bools


def labelled(cache: SignalCache, folders: Sequence[Path]) -> Labelled:
    """Labels by the `scp_statements.csv` of the first folder that has one; RecordError where none has."""
    having = [folder for folder in folders if (folder / FILE_NAME).is_file()] or list(folders)
    statements = read_statements(having[0] / FILE_NAME)
    classes = one_hot([statements.superclasses(row.codes) for row in cache.rows], SUPERCLASSES)
    six = one_hot([row.codes for row in cache.rows], SIX)
    return Labelled(cache, np.concatenate([classes, six], axis=1))


def patients(cache: SignalCache, rows: Int64s) -> list[str]:
    """The patient of each record; one without a patient is its own."""
    return [cache.rows[row].patient_id or cache.rows[row].case_id for row in rows]


def drawn_rows(cache: SignalCache, folds: Sequence[int], percent: int, rng: np.random.Generator) -> Int64s:
    """Records of randomly drawn patients, as few as reach the percentage of the folds' records."""
    rows = cache.in_folds(folds)
    wanted = max(1, round(len(rows) * percent / 100))
    of = np.unique(patients(cache, rows), return_inverse=True)[1]
    place = rng.permutation(of.max() + 1)[of]  # the turn at which each record's patient is drawn
    order = np.argsort(place, kind="stable")
    last = place[order[wanted - 1]]
    chosen: Int64s = rows[place <= last]
    return chosen

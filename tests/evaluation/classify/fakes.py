"""A made-up source, a model that knows its kinds, and a table of statements."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ecgclip.evaluation.classify.labels import CODE_SIX
from ecgclip.evaluation.classify.zero_shot import Phrases, Words, read_prompts
from ecgclip.records.ecg import Ecg

KINDS = ("NORM", "IMI", "LVH", "AFIB")
REPORTS = ("sinus rhythm. normal ecg", "inferiorer infarkt lagetyp normal", "linkshypertrophie", "afib")
TABLE = """,description,diagnostic,form,rhythm,diagnostic_class,diagnostic_subclass
NORM,normal,1.0,,,NORM,NORM
IMI,inferior infarct,1.0,,,MI,IMI
LVH,hypertrophy,1.0,,,HYP,LVH
PVC,extrasystole,,1.0,,,
AFIB,atrial fibrillation,,,1.0,,
SR,sinus rhythm,,,1.0,,
"""


@dataclass(frozen=True)
class MadeUp:
    """Records 0..n-1: kind = number % 4, fold = number % 3 + 8, two records a patient and fold."""

    count: int = 84
    name: str = "made-up"

    @property
    def ids(self) -> Sequence[str]:
        return [f"{i:05d}" for i in range(self.count)]

    def read(self, record_id: str) -> Ecg:
        number = int(record_id)
        kind = number % 4
        signal = np.random.default_rng(number).normal(0, 0.1, (12, 1000)).astype(np.float32)
        signal[kind] += 2 * np.sin(np.arange(1000) / 8).astype(np.float32)
        return Ecg(
            signal,
            100.0,
            record_id,
            self.name,
            REPORTS[kind],
            {KINDS[kind]: 100.0, "SR" if kind != 3 else "AFIB": 0.0},
            age=float(number),
            sex="male" if number % 2 else None,
            patient_id=f"{number // 6}",
            fold=number % 3 + 8,
        )


class Oracle:
    """Unit vectors of the kind: records tell it by codes, pages by a pixel, prompts by their class."""

    def embed_records(self, records):
        return np.eye(5, dtype=np.float32)[
            [next(KINDS.index(code) for code in record.codes if code in KINDS) for record in records]
        ]

    def embed_pages(self, pages):
        return np.eye(5, dtype=np.float32)[[int(page.ink[0, 0]) for page in pages]]

    def embed_reports(self, reports):
        kinds = np.array([self._kind(report) for report in reports])
        return np.eye(5, dtype=np.float32)[kinds]

    def _kind(self, report):
        return next((i for i, phrases in enumerate(PHRASES) if report in phrases), 4)


def _phrases(code: str) -> set[str]:
    """All that the shipped prompts say for a kind."""
    names = {code, {"IMI": "MI", "LVH": "HYP"}.get(code, code), CODE_SIX.get(code, code)}
    found: set[str] = set()
    for labels in ("superclass", "subclass", "rhythm", "code six"):
        classes = read_prompts(labels).classes
        chosen: list[Phrases] = [classes[name] for name in names if name in classes]
        found |= {phrase for phrases in chosen for phrase in phrases.of(Words.BOTH)}
    return found


PHRASES = tuple(_phrases(code) for code in KINDS)

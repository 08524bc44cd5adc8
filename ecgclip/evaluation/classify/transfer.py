"""Transfer zero-shot: records of hospitals that training never saw, by the words for their diagnoses."""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np

from ecgclip.errors import RecordError
from ecgclip.evaluation.bootstrap import RESAMPLES, patient_weights
from ecgclip.evaluation.classify.auroc import macro_auroc
from ecgclip.evaluation.classify.results import Transfer, TransferClass
from ecgclip.evaluation.classify.zero_shot import Embed, Prompts, Words, class_vectors
from ecgclip.evaluation.metrics import cosine
from ecgclip.evaluation.statements import one_hot
from ecgclip.paper.coverage import read_shown
from ecgclip.records.ecg import Ecg
from ecgclip.records.source import RecordSource, Skipped, result_or_skipped
from ecgclip.typing import Bools, Floats

POOLED: Final = "all sources"
LEAST_POSITIVES: Final = 3
_BATCH: Final = 32
_SOURCES: Final = {
    "A": "CPSC2018",
    "Q": "CPSC-Extra",
    "E": "Georgia",
    "JS": "Chapman/Ningbo",
    "S": "PTB",
    "I": "St Petersburg",
}
"""The Challenge's sources by the letters their records begin with; HR is PTB-XL, which training saw."""


@dataclass(frozen=True, eq=False)
class ExternalRecords:
    """Records of hospitals outside of training; diagnoses: of each; vectors: [record, dim]."""

    names: tuple[str, ...]
    diagnoses: tuple[frozenset[str], ...]
    vectors: Floats
    skipped: tuple[Skipped, ...] = ()


def read_external(source: RecordSource, embed: Callable[[Sequence[Ecg]], Floats]) -> ExternalRecords:
    """Embed the records of all sources but PTB-XL; RecordError where none is left."""
    skipped: list[Skipped] = []
    known: list[tuple[str, frozenset[str]]] = []
    vectors: list[Floats] = []
    ids = [record_id for record_id in source.ids if source_of(record_id) is not None]
    for start in range(0, len(ids), _BATCH):
        batch = list(_readable(source, ids[start : start + _BATCH], skipped))
        known += [(ecg.name, frozenset(ecg.codes)) for ecg in batch]
        vectors += [embed(batch)] if batch else []
    if not known:
        raise RecordError(
            f"{source.name}: none of {len(source.ids)} records could be read as one of "
            f"{', '.join(_SOURCES.values())}; expected the Challenge's names, such as JS00002"
        )
    names, diagnoses = zip(*known, strict=True)
    return ExternalRecords(names, diagnoses, np.concatenate(vectors), tuple(skipped))


def _readable(source: RecordSource, ids: Sequence[str], skipped: list[Skipped]) -> Iterator[Ecg]:
    for record_id in ids:
        read = result_or_skipped(record_id, partial(read_shown, source, record_id))
        if isinstance(read, Skipped):
            skipped.append(read)
        else:
            yield read


def source_of(name: str) -> str | None:
    """The source of a record by its name; None for PTB-XL and for names of no source.

    >>> source_of("training/georgia/g1/E00001"), source_of("HR00001")
    ('Georgia', None)
    """
    letters = re.match(r"[A-Z]+(?=\d)", name.rpartition("/")[2])
    return _SOURCES.get(letters.group()) if letters else None


def transfer(
    records: ExternalRecords,
    prompts: Prompts,
    embed: Embed,
    rng: np.random.Generator,
    resamples: int = RESAMPLES,
) -> Iterator[Transfer]:
    """Macro AUROC of each source and of all together, over the classes with enough positives there.

    Each record counts as a patient of its own: the Challenge names none.
    """
    sources = [source_of(name) for name in records.names]
    classes = tuple(prompts.classes)
    truth = one_hot(merged(records.diagnoses, prompts), classes)
    groups = [name for name in _SOURCES.values() if name in sources] + [POOLED]
    inside = {name: np.array([name in (POOLED, own) for own in sources]) for name in groups}
    # The same resamples for all phrases of a source: their differences are paired.
    weights = {name: patient_weights(range(int(inside[name].sum())), rng, resamples) for name in groups}
    for words in Words:
        scores = cosine(records.vectors, class_vectors(prompts, classes, words, embed))
        for name in groups:
            rows = inside[name]
            yield _transfer(name, words, classes, truth[rows], scores[rows], weights[name])


def merged(diagnoses: Sequence[Collection[str]], prompts: Prompts) -> list[set[str]]:
    """Diagnoses under the name that the prompts have for them; those without a prompt are left out."""
    name_of = {same: name for name, phrases in prompts.classes.items() for same in (name, *phrases.same)}
    return [{name_of[one] for one in case if one in name_of} for case in diagnoses]


def _transfer(
    source: str, words: str, classes: Sequence[str], truth: Bools, scores: Floats, weights: Floats
) -> Transfer:
    enough = (truth.sum(axis=0) >= LEAST_POSITIVES) & ~truth.all(axis=0)
    each = tuple(
        TransferClass(
            classes[c],
            int(truth[:, c].sum()),
            macro_auroc(truth[:, [c]], [scores[:, [c]]], weights).interval,
        )
        for c in np.flatnonzero(enough).tolist()
    )
    whole = macro_auroc(truth[:, enough], [scores[:, enough]], weights)
    return Transfer(source, len(truth), words, whole.interval, each)

"""Transfer zero-shot on made-up records of the Challenge's names."""

from dataclasses import dataclass

import numpy as np
import pytest

from ecgclip.errors import RecordError
from ecgclip.evaluation.classify.transfer import (
    POOLED,
    ExternalRecords,
    merged,
    read_external,
    source_of,
    transfer,
)
from ecgclip.evaluation.classify.zero_shot import Phrases, Prompts, Words
from ecgclip.records.ecg import Ecg

PROMPTS = Prompts(
    {
        "af": Phrases(("fibrillation",), ("flimmern",), same=("afib",)),
        "sr": Phrases(("sinus",), ("sinus",)),
        "rare": Phrases(("rare",), ("selten",)),
    }
)
SPACE = {"fibrillation": 0, "flimmern": 0, "sinus": 1, "rare": 2, "selten": 2}


def embed(texts):
    return np.eye(3, dtype=np.float32)[[SPACE[text] for text in texts]]


@dataclass(frozen=True)
class MadeUp:
    ids: tuple[str, ...]
    name: str = "challenge"

    def read(self, record_id):
        if record_id == "E00009":
            raise RecordError("broken")
        samples = 10 if record_id == "E00008" else 1000
        return Ecg(np.zeros((12, samples), np.float32), 100.0, record_id, codes={record_id[-1]: 100.0})


def test_sources_are_told_by_name():
    assert [source_of(name) for name in ("A0001", "g1/Q3", "E1", "JS1", "S0001", "HR00001", "x", "1")] == [
        "CPSC2018",
        "CPSC-Extra",
        "Georgia",
        "Chapman/Ningbo",
        "PTB",
        None,
        None,
        None,
    ]


def test_records_of_ptbxl_are_left_out():
    seen = []
    ids = ("A1", "HR2", "JS3", "E00009", "E00008")
    read = read_external(MadeUp(ids), lambda ecgs: seen.append(ecgs) or np.eye(2))
    assert read.names == ("A1", "JS3")
    assert read.diagnoses == ({"1"}, {"3"})
    assert [one.record for one in read.skipped] == ["E00009", "E00008"]
    assert len(seen) == 1
    with pytest.raises(RecordError, match="none of 1 records"):
        read_external(MadeUp(("HR2",)), lambda ecgs: np.eye(2))


def test_names_of_one_diagnosis_are_merged():
    assert merged([{"afib", "other"}, {"af", "sr"}, set()], PROMPTS) == [{"af"}, {"af", "sr"}, set()]


def test_figures_of_a_space_where_words_and_records_agree():
    kinds = [{"af"}, {"sr"}, {"afib"}, {"sr"}, {"af"}, {"sr"}, {"rare"}]
    vectors = np.eye(3, dtype=np.float32)[[0, 1, 0, 1, 0, 1, 2]]
    names = ("A1", "A2", "A3", "A4", "A5", "E1", "E2")
    records = ExternalRecords(names, tuple(map(frozenset, kinds)), vectors)
    found = list(transfer(records, PROMPTS, embed, np.random.default_rng(0), resamples=20))
    assert [(one.source, one.words) for one in found[:3]] == [
        ("CPSC2018", Words.ENGLISH),
        ("Georgia", Words.ENGLISH),
        (POOLED, Words.ENGLISH),
    ]
    cpsc, georgia, pooled = found[:3]
    assert [(one.name, one.positives) for one in cpsc.classes] == [("af", 3)]  # of sr there are two
    assert georgia.classes == ()
    assert np.isnan(georgia.auroc.value)
    assert [(one.name, one.positives) for one in pooled.classes] == [("af", 3), ("sr", 3)]
    assert (pooled.auroc.low, pooled.auroc.value) == (1, 1)

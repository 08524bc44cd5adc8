"""Each ranker follows its own evidence."""

from types import SimpleNamespace

import numpy as np

from ecgclip.errors import RecordError
from ecgclip.evaluation.photos.rankers import EmbeddingAlone, TracesAlone, WholeEngine, random_ink
from ecgclip.paper.page import CanonicalPage
from ecgclip.paper.raster import ink_page
from ecgclip.records.ecg import Ecg

CASES = ("ptbxl/00012", "ptbxl/01103", "signals/01185_hr", "signals/17583_hr", "ptbxl/00077")


class Index:
    """Cases as unit vectors."""

    def search(self, vectors, k):
        order = np.argsort(-(vectors[0] @ np.eye(len(CASES))), kind="stable")[:k]
        return [[SimpleNamespace(case_id=CASES[i]) for i in order]]


class Model:
    """Takes the ink for the vector."""

    def embed_pages(self, pages):
        return np.stack([page.ink for page in pages]).astype(np.float32)


def page_of(vector_case, trace_case):
    ink = np.eye(len(CASES), dtype=np.uint8)[vector_case]
    return SimpleNamespace(page=CanonicalPage(ink, np.full((4, 1000), trace_case, np.float32)))


def test_each_judge_alone_follows_its_own_evidence():
    likeness = lambda query, candidates: -np.abs(candidates - query).mean(axis=(1, 2))
    traces = np.stack([np.full((4, 1000), i, np.float32) for i in range(len(CASES))])
    page = page_of(vector_case=1, trace_case=3)
    by_vector = EmbeddingAlone(Model(), Index()).rank(page, 2)
    by_traces = TracesAlone(CASES, traces, likeness).rank(page, 3)
    assert by_vector[0] == CASES[1]
    assert len(by_vector) == 2
    assert by_traces[0] == CASES[3]
    assert set(by_traces[1:]) == {CASES[2], CASES[4]}


def test_the_engine_is_asked_for_as_many_as_count():
    class Engine:
        def answer(self, query_input, k):
            return SimpleNamespace(matches=[SimpleNamespace(case_id=case) for case in CASES[:k]])

    assert WholeEngine(Engine()).rank(page_of(0, 0), 3) == CASES[:3]


def test_the_random_encoder_finds_a_page_that_was_read_perfectly():
    class Three:
        name = "three"
        ids = ("00001", "00002", "broken", "00003")

        def read(self, record_id):
            if record_id == "broken":
                raise RecordError("broken")
            signal = np.random.default_rng(int(record_id)).normal(0, 0.4, (12, 1000))
            return Ecg(signal.astype(np.float32), 100.0, record_id, "three")

    ink = ink_page(Three().read("00002"), px_per_mm=4.0)
    page = SimpleNamespace(page=CanonicalPage(ink, np.zeros((4, 1000), np.float32)))
    ranker = random_ink([Three()], np.random.default_rng(0))
    assert ranker.case_ids == ("three/00001", "three/00002", "three/00003")
    assert ranker.rank(page, 2)[0] == "three/00002"
    assert len(ranker.rank(page, 2)) == 2

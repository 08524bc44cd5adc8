"""The photo protocol with an engine whose answers are known."""

import json
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pytest

from ecgclip.errors import ImageError, RecordError
from ecgclip.evaluation.photo_rankers import EmbeddingAlone, RandomInk, TracesAlone, WholeEngine, random_ink
from ecgclip.evaluation.photos_protocol import Kind, evaluate_photos, read_paired_photos
from ecgclip.paper.raster import ink_page
from ecgclip.records.ecg import Ecg

CASES = ("ptbxl/00012", "ptbxl/01103", "signals/01185_hr", "signals/17583_hr", "ptbxl/00077")
PHOTOS = """file,ecg_id,kind
paired/p2p_00012_hr.jpg,12,photo
paired/p2p_01103_hr.jpg,1103.0,photo
paired/p2p_01185_hr.jpg,1185,photo
paired/p2p_04444_hr.jpg,4444,photo
paired/sara_90054.png,17583,scan
real/clinic.jpg,12,photo
paired/sara_90099.png,,scan
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "photos.csv").write_text(PHOTOS)
    return tmp_path


@dataclass
class Fake:
    """Answers by the photo's name; counts how often it was asked."""

    asked: int = 0

    def query(self, source, k):
        self.asked += 1
        if "01185" in source.name:
            raise ImageError(f"{source}: not an image")
        if "01103" in source.name:
            verdict = SimpleNamespace(accepted=False, reason="no grid found")
            return SimpleNamespace(input=verdict, matches=())
        order = CASES if "00012" in source.name else CASES[::-1]
        matches = [SimpleNamespace(case_id=case) for case in order[:k]]
        return SimpleNamespace(input=SimpleNamespace(accepted=True, reason=""), matches=matches)


def test_paired_photos_are_those_with_a_known_record(folder):
    photos = read_paired_photos(folder)
    assert [photo.ecg_id for photo in photos] == ["00012", "01103", "01185", "04444", "17583"]
    assert photos[-1].kind is Kind.SCAN
    assert photos[0].path == folder / "paired/p2p_00012_hr.jpg"


def test_ranks_and_refusals_are_counted(folder):
    engine = Fake()
    report = evaluate_photos([WholeEngine(engine)], folder, CASES, source="all")
    phone, scan = report.scores
    assert (phone.photos, phone.refused, scan.photos, scan.refused) == (3, 2, 1, 0)
    assert [i.value for i in (phone.recall_at_1, phone.recall_at_5)] == pytest.approx([1 / 3, 1 / 3])
    assert [i.value for i in (scan.recall_at_1, scan.recall_at_5)] == [0, 1]
    assert [(f.photo, f.rank) for f in report.found] == [
        ("p2p_00012_hr.jpg", 1),
        ("p2p_01103_hr.jpg", None),
        ("p2p_01185_hr.jpg", None),
        ("sara_90054.png", 2),
    ]
    assert report.left_out == 1
    assert engine.asked == 5  # one untimed


def test_the_report_is_json_and_a_table(folder):
    report = evaluate_photos([WholeEngine(Fake())], folder, CASES, source="all")
    document = json.loads(json.dumps(report.to_json(), allow_nan=False))
    assert document["protocol"] == "photos"
    assert document["scores"][0]["recall_at_1"]["value"] == pytest.approx(1 / 3)
    assert document["ms_p50"] <= document["ms_p95"]
    table = report.table()
    assert "p2p_01103_hr.jpg: refused: no grid found" in table
    assert "sara_90054.png: rank 2" in table
    assert "p2p_00012_hr.jpg:" not in table


class Index:
    """Cases as unit vectors and constant traces; rows are numbered backwards to catch mix-ups."""

    def __len__(self):
        return len(CASES)

    def search(self, vectors, k):
        scores = vectors[0] @ np.eye(len(CASES))
        order = np.argsort(-scores, kind="stable")[:k]
        return [[SimpleNamespace(case_id=CASES[i], row=len(CASES) - 1 - i) for i in order]]

    def traces(self, rows):
        return np.stack([np.full((4, 1000), len(CASES) - 1 - row, np.float32) for row in rows])


class Model:
    """Takes the ink for the vector."""

    def embed_ink(self, pages):
        return np.stack(list(pages)).astype(np.float32)


def subject_of(vector_case, trace_case, accepted=True):
    ink = np.eye(len(CASES), dtype=np.uint8)[vector_case]
    verdict = SimpleNamespace(accepted=accepted, reason="" if accepted else "blurred")
    return SimpleNamespace(input=verdict, ink=ink, traces_mv=np.full((4, 1000), trace_case, np.float32))


def likeness(query, candidates):
    return -np.abs(candidates - query).mean(axis=(1, 2))


def test_each_judge_alone_follows_its_own_evidence(folder):
    read = lambda path: subject_of(vector_case=1, trace_case=3)
    by_vector = EmbeddingAlone(read, Model(), Index()).rank(folder, 2)
    by_traces = TracesAlone(read, Model(), Index(), likeness).rank(folder, 3)
    assert by_vector.case_ids[0] == CASES[1]
    assert len(by_vector.case_ids) == 2
    assert by_traces.case_ids[0] == CASES[3]
    assert set(by_traces.case_ids[1:]) == {CASES[2], CASES[4]}


def test_the_random_encoder_finds_a_page_that_was_read_perfectly(folder):
    class Three:
        name = "three"
        ids = ("00001", "00002", "broken", "00003")

        def read(self, record_id):
            if record_id == "broken":
                raise RecordError("broken")
            signal = np.random.default_rng(int(record_id)).normal(0, 0.4, (12, 1000))
            return Ecg(signal.astype(np.float32), 100.0, record_id, "three")

    page = ink_page(Three().read("00002"), px_per_mm=4.0)
    read = lambda path: SimpleNamespace(input=SimpleNamespace(accepted=True, reason=""), ink=page)
    ranker = random_ink(read, [Three()], np.random.default_rng(0))
    assert ranker.case_ids == ("three/00001", "three/00002", "three/00003")
    assert ranker.rank(folder, 2).case_ids[0] == "three/00002"
    assert len(ranker.rank(folder, 2).case_ids) == 2


def test_refusals_reach_every_judge(folder):
    refuse = lambda path: subject_of(0, 0, accepted=False)
    broken = lambda path: (_ for _ in ()).throw(ImageError("empty file"))
    for read, reason in ((refuse, "blurred"), (broken, "empty file")):
        assert EmbeddingAlone(read, Model(), Index()).rank(folder, 5).refused == reason
        assert TracesAlone(read, Model(), Index(), likeness).rank(folder, 5).refused == reason
        assert RandomInk(read, None, None, ()).rank(folder, 5).refused == reason


def test_missing_tables_columns_and_records_are_told(tmp_path, folder):
    with pytest.raises(RecordError, match="is missing"):
        read_paired_photos(tmp_path / "nowhere")
    with pytest.raises(RecordError, match="of 5 paired photos none"):
        evaluate_photos([WholeEngine(Fake())], folder, ["ptbxl/09999"])
    (folder / "photos.csv").write_text("name\nx\n")
    with pytest.raises(RecordError, match="file and ecg_id"):
        read_paired_photos(folder)

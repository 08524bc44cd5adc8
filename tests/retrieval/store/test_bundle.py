"""Bundles: what goes in comes out, and searches agree with brute force."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from ecgclip.errors import ConfigError, FilterError, IndexStoreError
from ecgclip.retrieval.backends.registry import Backend
from ecgclip.retrieval.store.bundle import Side, open_bundle


def test_cases_vectors_and_traces_round_trip(made, tmp_path):
    bundle = made.bundle(tmp_path / "ix")
    assert len(bundle) == len(bundle.cases) == 20
    assert list(bundle.cases) == made.cases(20)
    assert bundle.case("made/00007") == made.cases(20)[7]
    np.testing.assert_array_equal(bundle.vectors, made.unit(20, 1))
    np.testing.assert_array_equal(bundle.report_vectors, made.unit(20, 2))
    np.testing.assert_array_equal(bundle.traces([3, 0, 3]), made.traces(20)[[3, 0, 3]])
    assert bundle.traces([]).shape == (0, 4, 1000)
    assert bundle.verify() == []


def test_the_manifest_says_what_was_built(made, tmp_path):
    manifest = made.bundle(tmp_path / "ix").manifest
    found = (manifest.model_hash, manifest.geometry, manifest.metric, manifest.dim, manifest.count)
    assert found == ("model-one", "page-one", "inner product", 16, 20)
    assert set(manifest.files) == {"vectors.npy", "report_vectors.npy", "sketches.npy", "cases.sqlite"}


@pytest.mark.parametrize("backend", list(Backend))
@pytest.mark.parametrize("side", list(Side))
def test_search_agrees_with_brute_force(made, tmp_path, backend, side):
    bundle = made.bundle(tmp_path / "ix", 50, replace(made.spec, backend=backend))
    vectors = made.unit(50, 1 if side is Side.IMAGE else 2)
    queries = made.unit(3, 9)
    hits = bundle.search(queries, 5, side=side)
    truth = np.argsort(-(queries @ vectors.T), axis=1)[:, :5]
    assert [[hit.row for hit in line] for line in hits] == truth.tolist()
    assert [[hit.case_id for hit in line] for line in hits] == [
        [f"made/{row:05d}" for row in line] for line in truth
    ]
    np.testing.assert_allclose(hits[1][2].score, queries[1] @ vectors[truth[1, 2]], atol=1e-6)


def test_a_filter_limits_the_hits(made, tmp_path):
    bundle = made.bundle(tmp_path / "ix", 50)
    hits = bundle.search(made.unit(1, 9)[0], 50, "age > 60 and fold in (1, 2)")[0]
    expected = {case.case_id for case in made.cases(50) if (case.age or 0) > 60 and case.fold in (1, 2)}
    assert {hit.case_id for hit in hits} == expected
    assert bundle.search(made.unit(1), 3, "fold = 77") == [[]]


def test_questions_that_cannot_be_asked(made, tmp_path):
    bundle = made.bundle(tmp_path / "ix")
    with pytest.raises(ConfigError, match="k is 0"):
        bundle.search(made.unit(1), 0)
    with pytest.raises(IndexStoreError, match=r"expected finite ones \[query, 16\]"):
        bundle.search(made.unit(1, dim=8), 1)
    with pytest.raises(IndexStoreError, match="expected finite"):
        bundle.search(np.full((1, 16), np.nan, np.float32), 1)
    with pytest.raises(FilterError, match="did you mean age"):
        bundle.search(made.unit(1), 1, "agee > 3")
    with pytest.raises(IndexStoreError, match="has no case 'made/99'"):
        bundle.case("made/99")


def test_cases_are_added_replaced_and_removed(made, tmp_path):
    bundle = made.bundle(tmp_path / "ix")
    bundle.add(made.cases(3, "other"), made.unit(3, 5), made.unit(3, 6), made.traces(3, 7))
    changed = replace(made.cases(20)[4], report="changed")
    bundle.add([changed], made.unit(1, 8))
    assert bundle.remove(["made/00000", "absent"], ["p5"]) == 3
    again = open_bundle(tmp_path / "ix")
    kept = [case for i, case in enumerate(made.cases(20)) if i not in (0, 4, 10, 11)]
    assert list(again.cases) == list(bundle.cases) == [*kept, *made.cases(3, "other"), changed]
    rows = [i for i in range(20) if i not in (0, 4, 10, 11)]
    truth = np.concatenate([made.unit(20, 1)[rows], made.unit(3, 5), made.unit(1, 8)])
    np.testing.assert_array_equal(again.vectors, truth)
    reports = np.concatenate([made.unit(20, 2)[rows], made.unit(3, 6), np.zeros((1, 16))])
    np.testing.assert_array_equal(again.report_vectors, reports)
    np.testing.assert_array_equal(again.traces(range(16, 19)), made.traces(3, 7))
    assert np.isnan(again.traces([19])).all()
    assert again.verify() == []


def test_nothing_of_a_removed_patient_stays_in_the_files(made, tmp_path):
    secret = replace(made.cases(1)[0], case_id="made/secret", report="unspeakable " * 900, patient_id="gone")
    bundle = made.bundle(tmp_path / "ix")
    vector, traces = made.unit(1, 99), np.full((1, 4, 1000), 1.2345)
    bundle.add([secret], vector, vector, traces)
    needles = [b"unspeakable", b"secret", vector.tobytes(), traces.astype("<f2").tobytes()[:64]]
    joined = b"".join(made.snapshot(tmp_path / "ix").values())
    assert all(needle in joined for needle in needles)
    assert bundle.remove(patient_ids=["gone"]) == 1
    joined = b"".join(made.snapshot(tmp_path / "ix").values())
    assert not any(needle in joined for needle in needles)
    assert [path.name for path in tmp_path.iterdir()] == ["ix"]


def test_all_cases_can_go_and_the_index_stays(made, tmp_path):
    bundle = made.bundle(tmp_path / "ix", 4)
    assert bundle.remove([case.case_id for case in made.cases(4)]) == 4
    assert len(open_bundle(tmp_path / "ix")) == 0
    assert bundle.search(made.unit(2), 3) == [[], []]
    assert bundle.verify() == []
    bundle.add(made.cases(2), made.unit(2))
    assert len(bundle) == 2


def test_removing_nobody_writes_nothing(made, tmp_path):
    bundle = made.bundle(tmp_path / "ix")
    before = made.snapshot(tmp_path / "ix")
    assert bundle.remove(["absent"]) == 0
    assert made.snapshot(tmp_path / "ix") == before


def test_an_open_bundle_follows_its_index_and_a_question_under_way_does_not(made, tmp_path):
    reader = made.bundle(tmp_path / "ix")
    asked = reader.snapshot()
    open_bundle(tmp_path / "ix").remove(["made/00000"])
    assert len(reader) == 19
    assert reader.search(made.unit(20, 1)[:1], 19)[0][0].case_id != "made/00000"
    with pytest.raises(IndexStoreError, match="has no case 'made/00000'"):
        reader.case("made/00000")
    assert len(asked) == 20
    assert asked.case("made/00000").report == "report 0"
    assert asked.search(made.unit(20, 1)[:1], 1)[0][0].case_id == "made/00000"


@pytest.mark.parametrize("name", ["vectors.npy", "report_vectors.npy", "sketches.npy", "cases.sqlite"])
def test_verify_finds_one_changed_bit(made, tmp_path, name):
    made.bundle(tmp_path / "ix").close()
    path = tmp_path / "ix" / name
    content = bytearray(path.read_bytes())
    content[-200] ^= 64
    path.write_bytes(content)
    assert f"{name} differs from its checksum" in open_bundle(tmp_path / "ix").verify()


def test_opening_loads_neither_faiss_nor_pandas_nor_torch(made, tmp_path):
    made.bundle(tmp_path / "ix").close()
    code = (
        "import sys, numpy as np; from ecgclip.retrieval.store.bundle import open_bundle;"
        "open_bundle(sys.argv[1]).search(np.eye(16)[0], 3, 'age > 1');"
        "heavy = {'faiss', 'pandas', 'torch', 'cv2', 'scipy', 'wfdb', 'matplotlib'} & set(sys.modules);"
        "sys.exit(', '.join(heavy) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code, tmp_path / "ix"], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")

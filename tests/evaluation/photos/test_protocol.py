"""The protocol with a reader and rankers whose answers are known."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from ecgclip.errors import ImageError, RecordError
from ecgclip.evaluation.photos.outcome import read_photo
from ecgclip.evaluation.photos.pictures import PictureGroup, RealPicture
from ecgclip.evaluation.photos.protocol import Bench, evaluate_level, evaluate_real, summarise
from ecgclip.evaluation.photos.saved_run import SavedRun

from .fakes import LAYOUT, Fixed, asked, sheet_page, turned

CASES = ("ptbxl/00012", "ptbxl/01103", "signals/01185_hr", "signals/17583_hr", "ptbxl/00077")


def picture(tmp_path, name, group, ecg_id=None):
    (tmp_path / name).write_bytes(name.encode())
    return RealPicture(tmp_path / name, group, ecg_id)


def read(image):
    """By the file's name; a picture in memory says how far it is turned in its first pixel."""
    if isinstance(image, np.ndarray):
        return asked(rotation_deg=float({0: 0, 1: 90, 2: 180, 3: 270}[np.argmax(corners(image))]))
    if "broken" in image.name:
        raise ImageError(f"{image.name}: not an image")
    if "blurred" in image.name:
        return asked(accepted=False, reason="no grid found", confidence=0.1)
    warned = ("only part of the recording is in the picture",) if "strip" in image.name else ()
    return asked(confidence=0.8, warnings=warned)


def corners(rgb):
    return [rgb[0, 0, 0], rgb[0, -1, 0], rgb[-1, -1, 0], rgb[-1, 0, 0]]


def pixels(path):
    rgb = np.zeros((4, 6, 3), np.uint8)
    rgb[0, 0] = 255
    return rgb


def bench(*rankers):
    return Bench(read, pixels, rankers or (Fixed("engine", lambda page: CASES),), CASES)


def real(bench, pictures, tell=lambda words: None, folder=None):
    with SavedRun(folder).group("real") as saved:
        return evaluate_real(bench, pictures, tell, saved)


def level(bench, case_ids, folder=None):
    with SavedRun(folder).group("S2") as saved:
        return list(evaluate_level(bench, case_ids, "S2", simulated, saved))


@pytest.fixture
def pictures(tmp_path):
    return [
        picture(tmp_path, "a.jpg", PictureGroup.PHONE, "00012"),
        picture(tmp_path, "blurred.jpg", PictureGroup.PHONE, "01103"),
        picture(tmp_path, "broken.jpg", PictureGroup.PHONE, "01185"),
        picture(tmp_path, "absent.jpg", PictureGroup.PHONE, "04444"),
        picture(tmp_path, "b.png", PictureGroup.SCAN, "17583"),
        picture(tmp_path, "clinic.jpg", PictureGroup.REAL),
        picture(tmp_path, "strip.png", PictureGroup.PARTIAL),
        picture(tmp_path, "blurred-cat.jpg", PictureGroup.NEGATIVE),
    ]


def test_ranks_and_refusals_are_counted(pictures):
    engine = Fixed("engine", lambda page: CASES)
    backwards = Fixed("backwards", lambda page: CASES[::-1])
    told = []
    results = real(bench(engine, backwards), pictures, told.append)
    assert [(o.photo, o.ranks, o.refused) for o in results.outcomes] == [
        ("a.jpg", {"engine": 1, "backwards": 5}, ""),
        ("blurred.jpg", {"engine": None, "backwards": None}, "no grid found"),
        ("broken.jpg", {"engine": None, "backwards": None}, "broken.jpg: not an image"),
        ("b.png", {"engine": 4, "backwards": 2}, ""),
    ]
    assert results.left_out == 1
    assert engine.asked == 3  # of two accepted photos, one once before the clock
    assert all(o.query_ms is None or o.query_ms >= o.read_ms for o in results.outcomes)
    assert len(told) == len(pictures)


def test_every_picture_is_judged_and_accepted_sheets_are_turned(pictures):
    results = real(bench(), pictures)
    assert [(one.group, one.accepted) for one in results.judged] == [
        (p.group, "blurred" not in p.path.name and "broken" not in p.path.name) for p in pictures
    ]
    assert [t.photo for t in results.turns] == ["a.jpg", "absent.jpg", "b.png", "clinic.jpg"]
    assert all(t.right == (True,) * 4 for t in results.turns)


def test_the_results_are_json_and_tables(pictures):
    results = real(bench(), pictures)
    found = summarise(results, [], source="all", gallery=5, rng=np.random.default_rng(0))
    document = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert document["protocol"] == "photos"
    assert document["found"][0]["recall_at_1"]["value"] == pytest.approx(1 / 3)
    assert document["gate"]["ecgs_refused"]["value"] == pytest.approx(2 / 6)
    assert document["turns"]["right"]["value"] == 1
    assert document["strips"]["warned"] == 1
    table = found.table()
    assert "blurred.jpg: refused: no grid found" in table
    assert "b.png: rank 4" in table
    assert "1 photos left out" in table
    assert "a.jpg: rank" not in table


def simulated(case_id, level):
    """A photo at 4 px/mm whose reader believes it is 1 % larger; the last case is read upside down."""
    scale = 4.0 * 1.01
    turn = 180.0 if case_id.endswith("00077") else 0.0
    page = sheet_page(
        lambda mm: turned(mm * scale, turn) + 900, input_px_per_mm=scale, rotation_deg=turn, layout="12x1"
    )
    photo = SimpleNamespace(image=page, to_page=lambda px: px / 4.0)
    return SimpleNamespace(photo=photo, layout=SimpleNamespace(label=LAYOUT))


def test_simulated_photos_are_compared_with_the_truth():
    compared = Bench(asked, pixels, (Fixed("engine", lambda page: CASES),), CASES)
    outcomes = level(compared, ["ptbxl/00012", "ptbxl/00077"])
    assert [o.ranks["engine"] for o in outcomes] == [1, 5]
    assert [o.deviation.period_error for o in outcomes] == pytest.approx([0.01, 0.01], abs=1e-5)
    assert [o.deviation.upright for o in outcomes] == [True, False]
    assert not outcomes[0].deviation.layout_right
    found = summarise(real(compared, []), outcomes, source="x", gallery=5, rng=np.random.default_rng(0))
    assert found.truth[0].upright.value == 0.5
    assert found.gate is None
    assert found.strips is None
    assert "period error %" in found.table()


def test_a_gallery_without_the_photographed_records_is_told(pictures):
    empty = Bench(read, pixels, (Fixed("engine", lambda page: CASES),), ["ptbxl/09999"])
    with pytest.raises(RecordError, match="of 5 paired photos none"):
        real(empty, pictures)


def test_a_reading_without_a_reason_says_so(tmp_path):
    silent = read_photo(lambda image: asked(accepted=False, confidence=0.2), tmp_path / "x")
    assert (silent.query_input, silent.refused, silent.confidence) == (None, "no reason was given", 0.2)
    assert np.isnan(silent.rotation_deg)


def test_what_is_saved_is_neither_read_nor_ranked_again(pictures, tmp_path):
    folder = tmp_path / "run"
    folder.mkdir()
    cases = ["ptbxl/00012", "ptbxl/00077"]
    ranker = Fixed("engine", lambda page: CASES)
    first = real(bench(ranker), pictures, folder=folder)
    outcomes = level(Bench(asked, pixels, (ranker,), CASES), cases, folder)

    def never(*args):
        raise AssertionError("read again")

    closed = Bench(never, never, (Fixed("engine", never),), CASES)
    assert real(closed, pictures, folder=folder) == first
    assert level(closed, cases, folder) == outcomes
    pictures[0].path.write_bytes(b"another photo of the same name")
    with pytest.raises(AssertionError, match="read again"):
        real(closed, pictures, folder=folder)


def test_only_the_first_of_each_kind_is_made_twice():
    taken = []

    def read(image):
        taken.append(image)
        return asked(image)

    ranker = Fixed("engine", lambda page: CASES)
    warm = Bench(read, pixels, (ranker,), CASES)
    level(warm, ["ptbxl/00012"])
    level(warm, ["ptbxl/00012", "ptbxl/00077"])
    assert (len(taken), ranker.asked) == (4, 4)

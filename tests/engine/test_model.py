"""Whatever road an image takes, the model gives one unit vector a row, in order, and refuses in words."""

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from ecgclip.engine.model import BATCH, Model, batched, load_model
from ecgclip.errors import ConfigError, ImageError, ModelError, RefusedImageError, RefusedImageWarning
from ecgclip.paper.geometry import CANONICAL, CANONICAL_PX_PER_MM
from ecgclip.paper.page import CanonicalPage
from ecgclip.paper.raster import ink_page
from ecgclip.paper.render import render
from ecgclip.photo.page import Page
from ecgclip.photo.rectify import rectify
from ecgclip.records.ecg import Ecg
from ecgclip.simulation.ecg import SyntheticSource


def noise(seed: int) -> Ecg:
    rng = np.random.default_rng(seed)
    return Ecg(rng.standard_normal((12, 1000)).astype(np.float32) * 0.2, 100.0, str(seed), "s")


def page(ecg: Ecg) -> Page:
    ink = ink_page(ecg, CANONICAL, CANONICAL_PX_PER_MM)
    return Page(
        True,
        "",
        1.0,
        ink,
        CanonicalPage(ink, np.zeros((4, 1000), np.float32)),
        np.zeros((4, 2), np.float32),
        4.0,
        8.0,
        0.0,
        "3x4+1R(II)",
    )


def test_many_records_are_the_single_ones_in_order(model: Model) -> None:
    records = [noise(seed) for seed in range(BATCH + 3)]
    together = model.embed_records(iter(records))
    assert together.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-6)
    alone = np.concatenate([model.embed_records([record]) for record in records])
    np.testing.assert_allclose(together, alone, atol=1e-6)


def test_one_alone_is_a_list_of_one(model: Model, tmp_path: Path) -> None:
    ecg = SyntheticSource(1).read("00001")
    rgb = render(ecg, "3x4+1R", "pink").array
    image, path = Image.fromarray(rgb), tmp_path / "page.png"
    image.save(path)
    truth = model.embed_images([rgb])
    assert truth.shape == (1, model.dim)
    for alone in (rgb, image, path, str(path), path.read_bytes(), rectify(rgb)):
        np.testing.assert_array_equal(model.embed_images(alone), truth)
    two = model.embed_images(np.stack([rgb, rgb]))
    np.testing.assert_allclose(two, np.repeat(truth, 2, axis=0), atol=1e-6)
    np.testing.assert_array_equal(model.embed_records(ecg), model.embed_records([ecg]))
    np.testing.assert_array_equal(model.embed_reports("a b"), model.embed_reports(["a b"]))
    assert model.embed_reports(iter(["a", "b"])).shape == (2, model.dim)


@pytest.mark.parametrize("wrong", [None, float("nan"), 7, b"sinus"])
def test_a_report_that_is_no_text_is_told(model: Model, wrong: object) -> None:
    with pytest.raises(ConfigError, match=r"report 2 is .*; expected text"):
        model.embed_reports(["sinus", wrong])


@pytest.mark.parametrize("wrong", [None, 3, "a/record.hea", Path("a"), [None], ["a"], [noise(0), 5]])
def test_a_record_that_is_none_is_told(model: Model, wrong: object) -> None:
    with pytest.raises(ConfigError, match="expected an Ecg, such as read_ecg returns"):
        model.embed_records(wrong)


@pytest.mark.parametrize("wrong", [None, 3])
def test_reports_that_are_none_are_told(model: Model, wrong: object) -> None:
    with pytest.raises(ConfigError, match="expected a report, or several"):
        model.embed_reports(wrong)


def test_pages_and_reports_have_unit_vectors(model: Model) -> None:
    vectors = model.embed_images([page(noise(0)), page(noise(1))])
    assert vectors.shape == (2, model.dim)
    words = model.embed_reports(["a b", "b a", "c"])
    np.testing.assert_allclose(words[0], words[1], atol=1e-6)
    assert abs(float(words[0] @ words[2])) < 0.9


def test_nothing_has_no_vectors(model: Model) -> None:
    for vectors in (model.embed_records([]), model.embed_images([]), model.embed_reports([])):
        assert vectors.shape == (0, model.dim)
        assert vectors.dtype == np.float32


def test_a_refused_page_says_why(model: Model) -> None:
    refused = replace(page(noise(0)), accepted=False, reason="no grid lines were found")
    with pytest.raises(RefusedImageError, match="refused: no grid lines were found"):
        model.embed_images(refused)


def test_a_refused_image_among_others_is_a_row_of_nan_and_a_warning(model: Model, tmp_path: Path) -> None:
    good, refused = page(noise(0)), replace(page(noise(1)), accepted=False, reason="no grid")
    with pytest.warns(RefusedImageWarning) as told:
        vectors = model.embed_images([good, refused, tmp_path / "absent.png", good])
    assert np.isnan(vectors).all(axis=1).tolist() == [False, True, True, False]
    np.testing.assert_array_equal(vectors[[0, 3]], model.embed_images([good, good]))
    words = [str(warning.message) for warning in told]
    assert len(words) == 2
    assert words[0].startswith("image 2 has no vector")
    assert "absent.png" in words[1]


def test_an_open_file_is_read_like_its_path(model: Model, tmp_path: Path) -> None:
    path = tmp_path / "page.png"
    Image.fromarray(render(SyntheticSource(1).read("00001")).array).save(path)
    with path.open("rb") as file:
        np.testing.assert_array_equal(model.embed_images(file), model.embed_images(path))
    with path.open(encoding="latin-1") as text, pytest.raises(ImageError, match="mode 'rb'"):
        model.embed_images(text)


class Broken:
    """A file whose disk went away."""

    def read(self, size: int) -> bytes:
        raise OSError(5, "Input/output error")


def unreadable(tmp_path: Path) -> list[Any]:
    (tmp_path / "closed").write_bytes(b"x")
    with (tmp_path / "closed").open("rb") as closed:
        pass
    with (tmp_path / "written").open("wb") as written:
        pass
    return [Broken(), closed, written, None, 3]


def test_what_cannot_be_read_is_an_error_alone_and_a_row_of_nan_among_others(
    model: Model, tmp_path: Path
) -> None:
    wrong = unreadable(tmp_path)
    for image in wrong:
        with pytest.raises(ImageError, match=r"cannot be read \(|was given; expected a path"):
            model.embed_images(image)
    with pytest.warns(RefusedImageWarning) as told:
        vectors = model.embed_images([*wrong, page(noise(0))])
    assert np.isnan(vectors).all(axis=1).tolist() == [True] * 5 + [False]
    assert len(told) == 5


def test_a_picture_opened_as_utf8_text_says_so(model: Model, tmp_path: Path) -> None:
    (tmp_path / "p.png").write_bytes(b"\x89PNG")
    with (tmp_path / "p.png").open(encoding="utf-8") as text, pytest.raises(ImageError, match="mode 'rb'"):
        model.embed_images(text)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", [bytearray, memoryview])
def test_bytes_of_any_kind_are_one_picture(model: Model, kind: type) -> None:
    file = io.BytesIO()
    Image.fromarray(render(SyntheticSource(1).read("00001")).array).save(file, "PNG")
    data = file.getvalue()
    np.testing.assert_array_equal(model.embed_images(kind(data)), model.embed_images(data))


def test_a_generator_that_fails_ends_the_work_with_its_own_error(model: Model) -> None:
    def pages() -> Iterator[Page]:
        yield page(noise(0))
        raise RuntimeError("mine")

    with pytest.raises(RuntimeError, match="mine"):
        model.embed_images(pages())


def test_a_missing_model_folder_says_so(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no such model folder") as refusal:
        load_model(tmp_path / "nowhere")
    assert str(refusal.value).endswith("ecgclip-tiny")  # what can be had instead
    assert "\n" not in str(refusal.value)


def test_a_shipped_model_is_found_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_model("ecgclip-tiny").folder == load_model().folder
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelError, match=r"ecgclip-tinny: .* expected .* ecgclip-tiny"):
        load_model("ecgclip-tinny")
    with pytest.raises(ModelError, match="no such model folder"):
        load_model("sheet-reader")  # weights of another kind, shipped beside them
    (tmp_path / "ecgclip-tiny").mkdir()
    with pytest.raises(ModelError, match=r"ecgclip-tiny holds no config\.json"):
        load_model("ecgclip-tiny")  # the reader's own folder goes first


def test_batched_keeps_everything() -> None:
    assert list(batched(range(7), 3)) == [[0, 1, 2], [3, 4, 5], [6]]
    assert list(batched([], 3)) == []

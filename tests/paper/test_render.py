from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from PIL import Image

from ecgclip.errors import ConfigError
from ecgclip.paper.geometry import Layout
from ecgclip.paper.png import palette_png
from ecgclip.paper.render import render
from ecgclip.paper.styles import style_names
from ecgclip.records.ecg import Ecg


@pytest.mark.parametrize("style", style_names())
def test_a_saved_png_shows_the_same_pixels(ecg: Ecg, tmp_path: Path, style: str) -> None:
    page = render(ecg, "6x2", style, px_per_mm=3.0)
    with Image.open(page.save(tmp_path / "page.png")) as read:
        assert np.array_equal(np.asarray(read.convert("RGB")), page.array)
        assert np.asarray(page.image).shape == page.array.shape
        assert read.info["dpi"][0] == pytest.approx(3.0 * 25.4, rel=1e-3)


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1), (7, 5)])
def test_png_of_any_size_reads_back(tmp_path: Path, shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(0)
    page, colours = rng.integers(0, 256, shape, np.uint8), rng.integers(0, 256, (256, 3), np.uint8)
    (tmp_path / "x.png").write_bytes(palette_png(page, colours, 8.0))
    with Image.open(tmp_path / "x.png") as read:
        read.load()
        assert np.array_equal(np.asarray(read.convert("RGB")), colours[page])


def test_letter_paper_at_200_dots_an_inch_has_2200_by_1700_pixels(ecg: Ecg) -> None:
    assert render(ecg).array.shape == (1700, 2200, 3)


def test_jpeg_keeps_the_picture(ecg: Ecg, tmp_path: Path) -> None:
    page = render(ecg, style="pink", px_per_mm=4.0)
    with Image.open(page.save(tmp_path / "page.JPG")) as read:
        assert np.abs(np.asarray(read, float) - page.array).mean() < 4


def test_pdf_and_svg_have_the_papers_size(ecg: Ecg, tmp_path: Path) -> None:
    page = render(ecg, Layout.L3X4, "green")
    document = pypdfium2.PdfDocument(page.save(tmp_path / "page.pdf"))
    assert [size / 72 * 25.4 for size in document[0].get_size()] == pytest.approx([297.0, 210.0], abs=0.01)
    document.close()
    head = page.save(tmp_path / "page.svg").read_text(encoding="utf-8")[:1500]
    points = 297.0 / 25.4 * 72
    assert f'width="{points:.4f}'[:13] in head


def test_the_same_record_gives_the_same_file(ecg: Ecg, tmp_path: Path) -> None:
    for suffix in ("png", "pdf", "svg"):
        first, second = (render(ecg).save(tmp_path / f"{i}.{suffix}").read_bytes() for i in range(2))
        assert first == second


def test_wrong_wishes_are_refused_in_words(ecg: Ecg, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"\.bmp; use \.png, \.jpg, \.pdf or \.svg"):
        render(ecg).save(tmp_path / "page.bmp")
    with pytest.raises(ConfigError, match="did you mean '6x2'"):
        render(ecg, "6x3")
    with pytest.raises(ConfigError, match="no style"):
        render(ecg, style="fax")
    with pytest.raises(ConfigError, match="px_per_mm is 0"):
        render(ecg, px_per_mm=0)
    assert list(tmp_path.iterdir()) == []

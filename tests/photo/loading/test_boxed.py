"""Hostile files keep to the time and memory of a box, and no other question waits for them."""

import io
import math
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ecgclip.box.limits import MEMORY_MB, SECONDS
from ecgclip.errors import ImageError
from ecgclip.photo.loading import decoder_program
from ecgclip.photo.loading.boxed_decoder import BoxedDecoder
from ecgclip.photo.loading.formats import FileKind
from ecgclip.photo.loading.frame import Bare
from ecgclip.photo.loading.load import load, open_document
from ecgclip.photo.loading.opened import PlainDecoder, open_bytes
from tests.photo.loading import hostile

SLOW: dict[str, Callable[[], bytes]] = {
    "nested forms": hostile.nested_forms,
    "lines": lambda: hostile.many_lines(5_000_000),
    "inflated": hostile.inflated,
    "scans": lambda: hostile.many_scans(scans=1500),
    "run-length rows": hostile.run_length_bmp,
}


@pytest.fixture
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tenth of the time that files are given otherwise."""
    monkeypatch.setenv(SECONDS, "1.5")
    monkeypatch.setenv(MEMORY_MB, "700")


@pytest.mark.usefixtures("brief")
@pytest.mark.parametrize("kind", SLOW)
def test_what_is_slow_or_large_is_refused_in_one_line(kind: str) -> None:
    data = SLOW[kind]()
    with pytest.raises(ImageError) as caught:
        load(data)
    words = str(caught.value)
    assert "\n" not in words
    assert "save it as JPEG or PNG, or allow more by ECGCLIP_BOX_" in words


def test_pages_are_counted_only_as_far_as_somebody_looks() -> None:
    with open_document(hostile.many_pages()) as document:
        assert document.pages == 21
        assert document.picture(29).rgb.shape == (1, 1, 3)
    with pytest.raises(ImageError, match="page 41 was asked for; the TIFF has 40"):
        load(hostile.many_pages(40), page=40)


def test_a_million_strips_are_read_within_the_limits() -> None:
    assert load(hostile.many_strips(20_000)).rgb.shape == (2000, 6, 3)


@pytest.mark.usefixtures("brief")
def test_a_slow_pdf_keeps_no_other_waiting() -> None:
    """PDFium takes one question at a time; each file has a PDFium of its own."""
    good = hostile.pdf(
        hostile.CATALOGUE, hostile.PAGES, b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 6] >>"
    )
    ended: list[str] = []

    def ask(name: str, data: bytes) -> None:
        with suppress(ImageError):
            load(data)
        ended.append(name)

    with ThreadPoolExecutor(2) as pool:
        slow = pool.submit(ask, "slow", hostile.many_lines(5_000_000))
        pool.submit(ask, "good", good).result()
        slow.result()
    assert ended == ["good", "slow"]


@pytest.mark.usefixtures("brief")
def test_a_page_that_breaks_the_box_hides_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SECONDS, "8")  # its memory ends first
    data = hostile.forms_before_a_page()
    with open_document(data) as document:
        with pytest.raises(ImageError, match=r"the decoder of this PDF failed|takes more than"):
            document.picture(0)
        assert document.picture(1).rgb.shape[1] == 2000


def test_a_box_ends_when_its_document_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "scan.tiff"
    Image.new("L", (500, 400)).save(path)
    opened = open_bytes(path.read_bytes(), "a scan")
    assert isinstance(opened.frames, BoxedDecoder)
    box = opened.frames._box
    with open_document(opened) as document:
        document.picture(0)
    assert box is not None
    assert box._child.returncode is not None


def test_what_a_decoder_says_of_its_picture_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A box whose decoder was taken over could answer anything."""
    right = {"mode": "RGB", "size": [2, 1], "original": [2, 1], "orientation": 1, "pages": 3}
    lies: list[dict[str, object]] = [{"mode": "RGBX"}, {"mode": "L"}, {"mode": None}, {"mode": []}]
    lies += [{"size": size} for size in ([3, 1], [-2, -1], [0, 0], [2], "ab", None, [2, math.inf], [2.0, 1])]
    lies += [{"original": size} for size in ([10**300, 10], [10], "x", {})]
    lies += [{"orientation": value} for value in (9, 0, "1", math.inf, None)]
    counts: list[object] = ["x", math.inf, -3, 10**12, None]

    def answering(answer: dict[str, object]) -> BoxedDecoder:
        decoder = BoxedDecoder(b"", FileKind.BMP, "a scan")
        monkeypatch.setattr(decoder, "_ask", lambda request, most=0: (answer, b"abcdef"))
        return decoder

    shown = answering(right).frame(0).image
    assert isinstance(shown, Bare)
    assert (shown.size, shown.data, answering(right).pages) == ((2, 1), b"abcdef", 3)
    for lie in lies:
        with pytest.raises(ImageError, match="a scan: the decoder of this BMP failed"):
            answering(right | lie).frame(0)
    for count in counts:
        with pytest.raises(ImageError, match="a scan: the decoder of this BMP failed"):
            _ = answering({"pages": count}).pages


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P", "1", "I;16", "CMYK", "F"])
def test_a_picture_from_the_box_is_that_of_this_process(mode: str) -> None:
    """To the bit, transparency included; more rows than are handed out at once."""
    rng = np.random.default_rng(0)
    values = rng.integers(0, 256, (2600, 900), np.uint8)
    if mode in ("I;16", "F"):
        image = Image.fromarray(
            values.astype(np.uint16) * 200 if mode == "I;16" else values.astype(np.float32)
        )
    else:
        image = Image.fromarray(np.dstack([values, values[::-1], 255 - values])).convert(mode)
    file = io.BytesIO()
    image.save(file, "TIFF")
    boxed = load(file.getvalue()).rgb
    with Image.open(io.BytesIO(file.getvalue())) as opened:
        np.testing.assert_array_equal(boxed, load(opened).rgb)


def test_the_transparency_of_a_boxed_png_is_white_paper() -> None:
    image = Image.new("RGB", (64, 64), (10, 20, 30))
    file = io.BytesIO()
    image.save(file, "PNG", transparency=(10, 20, 30))
    data = file.getvalue()
    crowded = data[:33] + hostile.chunk(b"juNk", b"") * 50_000 + data[33:]
    assert isinstance(open_bytes(crowded, "a picture").frames, BoxedDecoder)
    assert (load(crowded).rgb == 255).all()
    assert (load(data).rgb == 255).all()


def test_plain_photos_are_decoded_here_and_all_others_in_a_box() -> None:
    assert isinstance(open_bytes(hostile.jpeg(), "a photo").frames, PlainDecoder)
    for data in (hostile.jpeg(hostile.exif_of_tags(201)), hostile.many_chunks()):
        opened = open_bytes(data, "a photo")
        assert isinstance(opened.frames, BoxedDecoder)
        opened.frames.close()
        assert load(data).rgb.shape in ((480, 640, 3), (64, 64, 3))


def test_a_heic_without_its_package_says_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pi_heif", None)
    data = (Path(__file__).parent / "data" / "synthetic_page.heic").read_bytes()
    with pytest.raises(ImageError, match=r"^a\.heic: a HEIC needs another package: type  pip install"):
        decoder_program.opened(data, FileKind.HEIF, "a.heic")

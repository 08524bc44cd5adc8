"""Hostile files keep to the time and memory of a box, and no other question waits for them."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ecgclip.box.limits import MEMORY_MB, SECONDS
from ecgclip.errors import ImageError
from ecgclip.photo.decoder import Decoder
from ecgclip.photo.formats import Kind
from ecgclip.photo.load import load, open_document
from ecgclip.photo.opened import Inside, open_bytes
from tests.photo import hostile

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


def test_a_box_ends_when_its_document_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "scan.tiff"
    Image.new("L", (500, 400)).save(path)
    opened = open_bytes(path.read_bytes(), "a scan")
    assert isinstance(opened.frames, Decoder)
    with open_document(opened) as document:
        document.picture(0)
    assert opened.frames._box._child.returncode is not None


def test_what_a_decoder_says_of_its_picture_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A box whose decoder was taken over could answer anything."""
    right = {"mode": "RGB", "size": [2, 1], "original": [2, 1], "orientation": 1}
    lies = [{"mode": "RGBX"}, {"mode": "L"}, {"size": [3, 1]}, {"size": [-2, -1]}, {"size": [0, 0]}]
    lies += [{"size": [2]}, {"size": "ab"}, {"size": None}, {"orientation": 9}, {"original": [10**9]}]

    def answering(answer: dict[str, object]) -> Decoder:
        decoder = Decoder(b"", Kind.BMP, "a scan")
        monkeypatch.setattr(decoder, "_ask", lambda request, most: (answer, bytearray(b"abcdef")))
        return decoder

    assert np.asarray(answering(right).frame(0).image).tobytes() == b"abcdef"
    for lie in lies:
        with pytest.raises(ImageError, match="a scan: the decoder of this BMP failed"):
            answering(right | lie).frame(0)


def test_plain_photos_are_decoded_here_and_all_others_in_a_box() -> None:
    assert isinstance(open_bytes(hostile.jpeg(), "a photo").frames, Inside)
    for data in (hostile.jpeg(hostile.exif_of_tags(201)), hostile.many_chunks()):
        opened = open_bytes(data, "a photo")
        assert isinstance(opened.frames, Decoder)
        opened.frames.close()
        assert load(data).rgb.shape in ((480, 640, 3), (64, 64, 3))

"""PDFs that draw too much, too deep or nothing at all: bounded, and read as pictures or not at all."""

import io

import numpy as np
import pytest
from PIL import Image

from ecgclip.errors import ImageError
from ecgclip.photo.loading.load import open_document
from ecgclip.photo.rectify import rectify
from ecgclip.photo.vector import walk
from ecgclip.photo.vector.paths import PagePaths
from ecgclip.photo.vector.reading import read_page
from ecgclip.records.ecg import Ecg
from tests.photo.loading import hostile
from tests.photo.vector.drawn import Look, Sheet, drawn, file_of


def paths_of(data: bytes, page: int = 0) -> PagePaths | None:
    with open_document(data) as document:
        return document.paths(page)


def reads_nothing(data: bytes) -> bool:
    paths = paths_of(data)
    return paths is None or read_page(paths) is None


def test_a_picture_has_no_paths() -> None:
    assert paths_of(hostile.png(9, 9)) is None


def test_a_scan_in_a_pdf_is_read_as_a_picture() -> None:
    file = io.BytesIO()
    Image.new("RGB", (600, 400), "white").save(file, "PDF")
    paths = paths_of(file.getvalue())
    assert paths is not None
    assert paths.lines == 0
    assert read_page(paths) is None
    assert not rectify(file.getvalue()).accepted


def test_text_alone() -> None:
    sheet = Sheet()
    for number in range(40):
        sheet.text(10, 10 + 4 * number, "I II III aVR aVL aVF V1 V2 V3 V4 V5 V6 25 mm/s 10 mm/mV")
    assert reads_nothing(file_of(sheet))


def test_traces_set_from_a_font(ecg: Ecg) -> None:
    sheet = Sheet()
    for k in range(2000):
        sheet.text(20 + 0.1 * k, 100 - 10 * float(ecg.signal_mv[1, k]), "-", 0.5)
    assert reads_nothing(file_of(sheet))


@pytest.mark.parametrize("bound", ["MOST_OBJECTS", "MOST_POINTS"])
def test_more_than_is_listed(bound: str) -> None:
    most = getattr(walk, bound)
    objects = most + 1 if bound == "MOST_OBJECTS" else 1
    points = 1 if bound == "MOST_OBJECTS" else most + 1
    sheet = Sheet()
    stroke = b"0 0 m 9 9 l S\n" if objects > 1 else b"0 0 m" + b" 9 9 l" * points + b" S"
    sheet.parts.append(stroke * objects)
    assert paths_of(file_of(sheet)) is None


def test_millions_of_lines_and_forms_of_forms() -> None:
    for data in (hostile.many_lines(), hostile.nested_forms()):
        assert paths_of(data) is None


def test_deep_forms_are_left_out() -> None:
    assert reads_nothing(hostile.nested_forms(depth=3))


def test_a_thousand_pages(ecg: Ecg) -> None:
    sheet = Sheet()
    sheet.text(10, 10, "nothing")
    page = rectify(file_of(*[drawn(ecg, Look()), *[sheet] * 1000]))
    assert page.accepted
    assert page.warnings[0] == "page 1 of more than 20 was read"


def test_numbers_that_overflow() -> None:
    sheet = Sheet()
    sheet.add("1e30 0 0 1e30 0 0 cm " + " ".join(f"{k}e30 {k} {'l' if k else 'm'}" for k in range(50)) + " S")
    assert reads_nothing(file_of(sheet))


def test_a_broken_page_says_so_as_a_picture() -> None:
    with pytest.raises(ImageError) as told:
        rectify(file_of(Sheet())[:200], page=0)
    assert len(str(told.value).splitlines()) == 1


def test_many_labels_and_curves_end(ecg: Ecg) -> None:
    sheet = drawn(ecg, Look())
    for k in range(3000):
        sheet.text(10 + k % 270, 10 + k % 190, "V1")
    for k in range(300):
        sheet.line(np.arange(0, 280, 2.0), 20 + k / 2 + np.sin(np.arange(140)))
    paths = paths_of(file_of(sheet))
    assert paths is not None
    read_page(paths)

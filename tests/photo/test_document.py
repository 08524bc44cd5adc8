"""Which page of a document is taken."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from ecgclip.errors import ImageError
from ecgclip.photo.page import Page
from ecgclip.photo.rectify import MOST_PAGES, first_readable, rectify

REFUSED = rectify(np.full((9, 9), 255, np.uint8))


def reading(confidences: list[float | None], seen: list[int]) -> Callable[[int], Page]:
    """Pages of these confidences, accepted from .5; None: broken."""

    def read(number: int) -> Page:
        seen.append(number)
        confidence = confidences[number]
        if confidence is None:
            raise ImageError(f"page {number} is broken")
        accepted = confidence >= 0.5
        return replace(REFUSED, accepted=accepted, reason="" if accepted else "no", confidence=confidence)

    return read


def test_the_first_accepted_page_and_no_further() -> None:
    seen: list[int] = []
    page = first_readable(5, reading([0.4, None, 0.6, 0.9, 0.1], seen))
    assert (page.accepted, page.confidence) == (True, 0.6)
    assert page.warnings == ("page 3 of 5 was read",)
    assert seen == [0, 1, 2]


def test_the_likeliest_of_refused_pages_speaks_for_all() -> None:
    page = first_readable(4, reading([0.1, 0.3, None, 0.3], []))
    assert (page.accepted, page.confidence) == (False, 0.3)
    assert "none of the 4 pages" in page.warnings[0]
    assert "page 2" in page.warnings[0]


def test_long_documents_are_bounded() -> None:
    seen: list[int] = []
    page = first_readable(500, reading([0.0] * 500, seen))
    assert seen == list(range(MOST_PAGES))
    assert f"none of the first {MOST_PAGES} pages" in page.warnings[0]
    accepted = first_readable(MOST_PAGES + 1, reading([0.9], []))
    assert accepted.warnings == (f"page 1 of more than {MOST_PAGES} was read",)


def test_broken_throughout() -> None:
    with pytest.raises(ImageError, match="page 0 is broken"):
        first_readable(2, reading([None, None], []))

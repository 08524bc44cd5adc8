"""The page of a document that is a readable ECG: reports put a cover sheet before it."""

from collections.abc import Callable
from typing import Final

from ecgclip.errors import ImageError
from ecgclip.photo.loading.boxed_decoder import COUNTED
from ecgclip.photo.page import Page

MOST_PAGES: Final = COUNTED - 1
"""Pages that are looked at: text takes some tenths of a second each."""


def first_readable(pages: int, read: Callable[[int], Page]) -> Page:
    """The first page that `read` accepts, or the likeliest of the refused ones; a warning says which.

    pages: more than `MOST_PAGES` where there are more, however many.

    Errors: ImageError of the first page where not a single one can be drawn.
    """
    refused: list[tuple[int, Page]] = []
    broken: list[ImageError] = []
    for number in range(min(pages, MOST_PAGES)):
        try:
            page = read(number)
        except ImageError as error:
            broken.append(error)
            continue
        if page.accepted:
            return _with_warning(page, f"page {number + 1} of {_number_words(pages)} was read")
        refused.append((number, page))
    if not refused:
        raise broken[0]
    number, page = max(refused, key=lambda found: (found[1].confidence, -found[0]))
    looked = f"the first {MOST_PAGES} pages" if pages > MOST_PAGES else f"the {pages} pages"
    return _with_warning(
        page, f"none of {looked} is a readable ECG; what is said here is about page {number + 1}"
    )


def _number_words(pages: int) -> str:
    return str(pages) if pages <= MOST_PAGES else f"more than {MOST_PAGES}"


def _with_warning(page: Page, words: str) -> Page:
    return page.with_warnings((words, *page.warnings))

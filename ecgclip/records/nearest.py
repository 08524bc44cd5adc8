"""The nearest valid choice, for error texts."""

from collections.abc import Iterable
from difflib import get_close_matches
from itertools import islice

_MOST = 25_000  # the search is linear and slow; a list of a million records is not worth the wait


def did_you_mean(word: str, choices: Iterable[str]) -> str:
    """Return "; did you mean 'x'?" or nothing where no choice resembles the word.

    >>> did_you_mean("ptbx", ["ptbxl", "wfdb"]), did_you_mean("qqq", ["wfdb"])
    ("; did you mean 'ptbxl'?", '')
    """
    by_lower = {choice.lower(): choice for choice in islice(choices, _MOST)}
    found = get_close_matches(word.lower(), by_lower, n=1)
    return f"; did you mean {by_lower[found[0]]!r}?" if found else ""

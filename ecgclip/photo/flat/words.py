"""The words that the sheet network distinguishes: names of leads, speeds and gains."""

from typing import Final

from ecgclip.units import LEADS

OTHER: Final = "other"
"""A lead beyond the twelve, such as V3R, or a speed beyond the three."""
WORDS: Final = (
    *(("lead", lead) for lead in (*LEADS, "-aVR", OTHER)),
    *(("speed", speed) for speed in ("12.5", "25", "50", OTHER)),
    *(("gain", gain) for gain in ("2.5", "5", "10", "20")),
)
"""(kind, value) of each class, in the order of the network's output."""
NO_WORD: Final = len(WORDS)
"""The class of a cell without a word."""
_CLASSES: Final = {word: number for number, word in enumerate(WORDS)}


def word_class(kind: str, value: str) -> int | None:
    """The class of a word such as ("lead", "aVR"); None where there is none for it, as for a gain of 40."""
    known = _CLASSES.get((kind, value))
    return _CLASSES.get((kind, OTHER)) if known is None else known

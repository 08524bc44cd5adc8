"""What several makers have in common; lengths in mm."""

from typing import Final

from ecgclip.simulation.prints.grid import GridKind
from ecgclip.simulation.prints.marks import Separator
from ecgclip.simulation.prints.typeface import Face
from ecgclip.simulation.prints.wishes import OneOf, Span, Tint

SHEETS: Final = {"A4": 0.4, "Letter": 0.4, "screen": 0.2}
BLACK: Final = OneOf({(0, 0, 0): 0.6, (20, 20, 22): 0.4})
PLAIN: Final = {"face": OneOf({Face.HELVETICA: 0.5, Face.GROTESK: 0.2, Face.SANS: 0.3}), "bitmap_px": 0}
TIMES: Final = {"face": OneOf({Face.TIMES: 0.8, Face.ROMAN: 0.2}), "bitmap_px": 0, "tracking_em": 0.0}
COURIER: Final = {
    "face": OneOf({Face.COURIER: 0.5, Face.TYPEWRITER: 0.3, Face.MONO: 0.2}),
    "capital_mm": Span(2.2, 2.8),
}
BITMAP: Final = {
    "face": OneOf({Face.MONO: 0.4, Face.NARROW: 0.3, Face.SANS: 0.3}),
    "bitmap_px": OneOf({8: 0.4, 10: 0.3, 12: 0.3}),
}
LINES: Final = {"kind": GridKind.LINES}
GAPS: Final = {"gap_mm": Span(2.0, 5.0)}
PAIR: Final = {
    "separator": Separator.PAIR,
    "size": OneOf({(0.4, 5.0): 0.6, (0.5, 2.5): 0.2, (1.1, 5.0): 0.2}),
    "reach": 3.0,
    "first": OneOf({True: 0.5, False: 0.5}),
}
FOURS: Final = {"3x4+1R": 0.6, "3x4": 0.2, "3x4+3R": 0.2}
ALL: Final = {"3x4+1R": 0.45, "3x4": 0.15, "6x2": 0.2, "6x2+1R": 0.1, "12x1": 0.1}


def red(
    paper: tuple[int, int, int], minor: tuple[int, int, int], major: tuple[int, int, int]
) -> dict[str, object]:
    """A grid of lines by the colours of paper, small and large lines."""
    return {**LINES, "paper": Tint(paper, 3), "minor": Tint(minor), "major": Tint(major)}

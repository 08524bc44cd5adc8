"""Writing on the canvas: one line of text, and the tight box of its ink."""

from ecgclip.simulation.prints.canvas import PX, paste
from ecgclip.simulation.prints.printed import Box
from ecgclip.simulation.prints.typeface import Lettering, text_ink
from ecgclip.typing import Uint8s


def text_box(text: str, lettering: Lettering, x_mm: float, y_mm: float) -> Box | None:
    """The tight box of a text whose baseline starts at (x, y); None where it is blank."""
    ink, left, top, _ = text_ink(text, lettering, PX)
    if not ink.size:
        return None
    x, y = round(x_mm * PX) + left, round(y_mm * PX) + top
    return Box(x / PX, y / PX, (x + ink.shape[1]) / PX, (y + ink.shape[0]) / PX)


def write(plane: Uint8s, text: str, lettering: Lettering, x_mm: float, y_mm: float) -> Box | None:
    """Write a text, in place, its baseline from (x, y) on; return its box, None where it is blank."""
    ink, left, top, _ = text_ink(text, lettering, PX)
    paste(plane, ink, round(x_mm * PX) + left, round(y_mm * PX) + top)
    return text_box(text, lettering, x_mm, y_mm)


def advance_mm(text: str, lettering: Lettering) -> float:
    """How far the pen moves on over a text."""
    return text_ink(text, lettering, PX)[3] / PX


def united(boxes: list[Box]) -> Box:
    """The smallest box about all."""
    return Box(
        min(box.left for box in boxes),
        min(box.top for box in boxes),
        max(box.right for box in boxes),
        max(box.bottom for box in boxes),
    )

"""Random prints in the styles of many makers, with the pixels of the traces and places of the lead names."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from ecgclip.paper.geometry import Layout, PageGeometry
from ecgclip.paper.header import random_header
from ecgclip.paper.lettering import text_ink
from ecgclip.paper.raster import PRINT_PX_PER_MM, ink_page
from ecgclip.paper.sheet import add_ink, blank_sheet, colour, header_lines, pulse_boxes, write
from ecgclip.paper.styles import Line, Style, random_style
from ecgclip.records.ecg import Ecg
from ecgclip.typing import Rgb, Uint8s
from ecgclip.units import LEADS

OFF_PAGE: Final = (-1000.0, 5.0)
"""An offset of the style's own lead names that puts them beside the paper: `write_labels` writes others."""
_CABRERA: Final = ("aVL", "I", "aVR", "II", "aVF", "III")
_SPELLINGS: Final[tuple[dict[str, str], ...]] = (
    {},
    {"aVR": "AVR", "aVL": "AVL", "aVF": "AVF"},
    {"aVR": "avR", "aVL": "avL", "aVF": "avF"},
    {f"V{i}": f"C{i}" for i in range(1, 7)},
    {"I": "DI", "II": "DII", "III": "DIII"},
    {"I": "Lead I", "II": "Lead II", "III": "Lead III"},
)
"""Names that some makers print in place of the usual ones."""
_SPELLING_SHARES: Final = (0.55, 0.17, 0.1, 0.08, 0.05, 0.05)
_STRAY_WORDS: Final = (
    "25 mm/s",
    "10 mm/mV",
    "0.05-40 Hz",
    "50 Hz",
    "Rhythm",
    "Dr.",
    "Page 1",
    "F 50",
    "ID",
    "HR",
    "bpm",
)


@dataclass(frozen=True)
class Label:
    """The name of a lead on the page, and the middle of its word in mm from the top left corner."""

    lead: str
    x_mm: float
    y_mm: float


@dataclass(frozen=True, eq=False)
class Print:
    """A drawn page with what a reader should find on it, at `PRINT_PX_PER_MM`.

    rgb: uint8 [y, x, 3]; trace: uint8 [y, x], the ink of traces and calibration pulses alone.
    """

    rgb: Rgb
    trace: Uint8s
    labels: tuple[Label, ...]
    is_ecg: bool = True

    @property
    def size_mm(self) -> tuple[float, float]:
        """(width, height) of the page."""
        return self.trace.shape[1] / PRINT_PX_PER_MM, self.trace.shape[0] / PRINT_PX_PER_MM


def random_print(ecg: Ecg, rng: np.random.Generator) -> Print:
    """The record printed in a random style and layout, with random strips, lead names and words."""
    layout = list(Layout)[int(rng.integers(len(Layout)))]
    style = replace(random_style(rng), label_offset_mm=OFF_PAGE)
    geometry, ecg = with_other_leads(style.geometry(layout), ecg, rng)
    page = blank_sheet(style, layout, PRINT_PX_PER_MM).copy()
    trace = ink_page(ecg, geometry, PRINT_PX_PER_MM, style.line_mm, center_rows=False)
    add_ink(page, trace)
    for line in header_lines(style, random_header(rng)) + stray_words(style, rng):
        write(page, line, style, PRINT_PX_PER_MM)
    labels = write_labels(page, geometry, style, rng)
    return Print(colour(page, style), with_pulses(trace, style, geometry), labels)


def with_other_leads(geometry: PageGeometry, ecg: Ecg, rng: np.random.Generator) -> tuple[PageGeometry, Ecg]:
    """The page and record, now and then with other rhythm strips or with limb leads in Cabrera's order.

    That order shows aVR upside down (-aVR), so the record's aVR is negated.
    """
    names = {lead: lead for lead in LEADS}
    if rng.random() < 0.1:
        names.update(zip(LEADS[:6], _CABRERA, strict=True))
        signal = ecg.signal_mv.copy()
        signal[LEADS.index("aVR")] *= -1
        ecg = replace(ecg, signal_mv=signal)
    strips = dict.fromkeys(range(geometry.layout.rows, geometry.rows), "")
    for row in strips:
        strips[row] = str(rng.choice(LEADS)) if rng.random() < 0.4 else ""
    panels = tuple(replace(p, lead=strips.get(p.row, "") or names[p.lead]) for p in geometry.panels)
    return replace(geometry, panels=panels), ecg


def write_labels(
    page: Rgb, geometry: PageGeometry, style: Style, rng: np.random.Generator
) -> tuple[Label, ...]:
    """Write the lead names, in one spelling and size for the whole page, and return where they stand.

    One page in eight has no names; of the others one name in 25 is missing.
    """
    if rng.random() < 0.12:
        return ()
    spelling = _SPELLINGS[int(rng.choice(len(_SPELLINGS), p=_SPELLING_SHARES))]
    dx, dy = _label_offset(geometry.row_height_mm, rng)
    height = float(rng.uniform(1.8, 4.2))
    found = []
    for panel in geometry.panels:
        if rng.random() < 0.04:
            continue
        text = spelling.get(panel.lead, panel.lead)
        line = Line(panel.x_mm + dx, panel.baseline_mm + dy, text, height)
        write(page, line, style, PRINT_PX_PER_MM)
        x_mm, y_mm = _middle(line, style)
        found.append(Label(panel.lead, x_mm, y_mm))
    return tuple(found)


def _label_offset(row_mm: float, rng: np.random.Generator) -> tuple[float, float]:
    """(right, down) in mm from the start of a trace to its name: above, below, left of, or on the trace."""
    match int(rng.integers(4)):
        case 0:
            return float(rng.uniform(-3, 8)), float(-rng.uniform(0.15, 0.4) * row_mm)
        case 1:
            return float(rng.uniform(-2, 6)), float(rng.uniform(3, 8) * min(1, row_mm / 24))
        case 2:
            return float(-rng.uniform(4, 12)), float(rng.uniform(-3, 3))
        case _:
            return float(rng.uniform(0, 3)), float(rng.uniform(-3, 1))


def _middle(line: Line, style: Style) -> tuple[float, float]:
    """(x, y) in mm of the middle of the written word."""
    ink, left, top = text_ink(line.text, style.font, round(line.height_mm * PRINT_PX_PER_MM, 2))
    x_px, y_px = left + ink.shape[1] / 2, top + ink.shape[0] / 2
    return line.x_mm + x_px / PRINT_PX_PER_MM, line.y_mm + y_px / PRINT_PX_PER_MM


def stray_words(style: Style, rng: np.random.Generator) -> list[Line]:
    """Words anywhere on the page, as other machines and stamps leave them."""
    count = int(rng.integers(0, 7)) if rng.random() < 0.5 else 0
    width, height = style.paper_mm
    return [
        Line(
            float(rng.uniform(0, width)),
            float(rng.uniform(0, height)),
            str(rng.choice(_STRAY_WORDS)),
            float(rng.uniform(1.8, 4)),
        )
        for _ in range(count)
    ]


def with_pulses(trace: Uint8s, style: Style, geometry: PageGeometry) -> Uint8s:
    """The ink of the traces and of the calibration pulses, which a reader cannot distinguish by their pen."""
    inked = trace.copy()
    for box in pulse_boxes(style, geometry):
        left, top, right, bottom = (
            max(0, round(edge * PRINT_PX_PER_MM)) for edge in (box.left, box.top, box.right, box.bottom)
        )
        inked[top:bottom, left:right] = 255
    return inked

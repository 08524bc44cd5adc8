"""Where each piece of each lead stands on ECG paper: one geometry for every renderer and for photos.

Millimetres are counted from the top left corner of the page, x to the right and y down. A `Panel` is a
piece of one lead: time `start_s..stop_s` of the record, drawn from `x_mm` on around `baseline_mm`.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from enum import StrEnum

from ecgclip.units import GAIN_MM_MV, LARGE_SQUARE_MM, LEADS, RECORD_S, SPEED_MM_S


class Layout(StrEnum):
    """Arrangement of the leads: rows x columns, + rhythm strips."""

    L3X4 = "3x4"
    L3X4_1R = "3x4+1R"
    L3X4_3R = "3x4+3R"
    L6X2 = "6x2"
    L12X1 = "12x1"

    @property
    def rows(self) -> int:
        """Rows of leads, without rhythm strips."""
        return int(self.split("x")[0])

    @property
    def columns(self) -> int:
        return int(self.split("x")[1].split("+")[0])

    @property
    def rhythm_leads(self) -> tuple[str, ...]:
        return {Layout.L3X4_1R: ("II",), Layout.L3X4_3R: ("V1", "II", "V5")}.get(self, ())

    @property
    def label(self) -> str:
        """As the interface writes it, with the rhythm leads: `3x4+1R(II)`."""
        return f"{self}({','.join(self.rhythm_leads)})" if self.rhythm_leads else str(self)


@dataclass(frozen=True)
class Panel:
    """A piece of one lead on the page: seconds of the record, millimetres of the paper."""

    lead: str
    row: int
    start_s: float
    stop_s: float
    x_mm: float
    baseline_mm: float


@dataclass(frozen=True)
class PageGeometry:
    """A page: its size, scale and panels; converts between (lead, s, mV), mm and pixels."""

    layout: Layout
    width_mm: float
    height_mm: float
    panels: tuple[Panel, ...]
    row_height_mm: float
    speed_mm_s: float = SPEED_MM_S
    gain_mm_mv: float = GAIN_MM_MV

    @property
    def rows(self) -> int:
        return 1 + max(panel.row for panel in self.panels)

    def size_px(self, px_per_mm: float) -> tuple[int, int]:
        """(height, width) in pixels."""
        return round(self.height_mm * px_per_mm), round(self.width_mm * px_per_mm)

    def to_mm(self, panel: Panel, time_s: float, value_mv: float) -> tuple[float, float]:
        """(x, y) in mm of one value of the panel's lead."""
        x_mm = panel.x_mm + (time_s - panel.start_s) * self.speed_mm_s
        return x_mm, panel.baseline_mm - value_mv * self.gain_mm_mv


def page_geometry(
    layout: Layout = Layout.L3X4_1R,
    *,
    row_height_mm: float = 32.0,
    margin_mm: tuple[float, float, float, float] = (3.0, 0.0, 3.0, 0.0),
    speed_mm_s: float = SPEED_MM_S,
    gain_mm_mv: float = GAIN_MM_MV,
    duration_s: float = RECORD_S,
) -> PageGeometry:
    """Lay the twelve leads out; margins are left, top, right, bottom in mm.

    Columns show consecutive times, as printers do: of `3x4`, the first 2.5 s of I, II, III, the next of
    aVR, aVL, aVF, and so on. Rhythm strips below show the whole record.
    """
    left, top, right, bottom = margin_mm
    column_s = duration_s / layout.columns
    baselines = [top + (row + 0.5) * row_height_mm for row in range(layout.rows + len(layout.rhythm_leads))]
    panels = []
    for i, lead in enumerate(LEADS):
        column, row = divmod(i, layout.rows)
        start_s = column * column_s
        x_mm = left + start_s * speed_mm_s
        panels.append(Panel(lead, row, start_s, start_s + column_s, x_mm, baselines[row]))
    for row, lead in enumerate(layout.rhythm_leads, start=layout.rows):
        panels.append(Panel(lead, row, 0.0, duration_s, left, baselines[row]))
    width_mm = left + duration_s * speed_mm_s + right
    height_mm = top + len(baselines) * row_height_mm + bottom
    return PageGeometry(layout, width_mm, height_mm, tuple(panels), row_height_mm, speed_mm_s, gain_mm_mv)


def mm_to_px(value_mm: float, px_per_mm: float) -> float:
    """Pixel coordinate of a place in mm: the middle of the first pixel has the coordinate 0.

    >>> mm_to_px(0.25, 2.0), px_to_mm(0.0, 2.0)
    (0.0, 0.25)
    """
    return value_mm * px_per_mm - 0.5


def px_to_mm(value_px: float, px_per_mm: float) -> float:
    """Place in mm of a pixel coordinate; undoes `mm_to_px`."""
    return (value_px + 0.5) / px_per_mm


def calibration_pulse(geometry: PageGeometry, row: int, x_mm: float) -> tuple[tuple[float, float], ...]:
    """The corners (x, y) in mm of the 1 mV, 5 mm wide pulse that starts at `x_mm` on a row's baseline."""
    baseline_mm = next(panel.baseline_mm for panel in geometry.panels if panel.row == row)
    top_mm = baseline_mm - geometry.gain_mm_mv
    left_mm, right_mm = x_mm + 0.2 * LARGE_SQUARE_MM, x_mm + 0.8 * LARGE_SQUARE_MM
    return (
        (x_mm, baseline_mm),
        (left_mm, baseline_mm),
        (left_mm, top_mm),
        (right_mm, top_mm),
        (right_mm, baseline_mm),
        (x_mm + LARGE_SQUARE_MM, baseline_mm),
    )


CANONICAL = page_geometry()
"""The page that the encoder sees, whatever was photographed: 3x4+1R, 256 x 128 mm, rows 32 mm apart.

A photo of another layout is cut into its panels, which are laid here by lead and time: every layout shows
each lead at the seconds that this one does. Each row stands with the median of its ink on its baseline.
"""
CANONICAL_PX_PER_MM = 4.0
"""Scale of the ink of a photo's page (`Page.ink`): 1024 x 512 pixels."""
MODEL_PX_PER_MM = 2.0
"""Scale of the encoder's input: 512 x 256 pixels."""


INK_VERSION = 2
"""Counts changes of how `raster.ink_page` draws; embeddings of another version must not be mixed."""


def fingerprint(geometry: PageGeometry = CANONICAL) -> str:
    """Sixteen hex digits over everything that changes the page the encoder sees: for index manifests.

    >>> fingerprint() == fingerprint(page_geometry()) != fingerprint(page_geometry(gain_mm_mv=5.0))
    True
    """
    seen = [asdict(geometry), CANONICAL_PX_PER_MM, MODEL_PX_PER_MM, INK_VERSION]
    return hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()[:16]

"""Draw the ink of a record on a page, fast: for training, queries and prints."""

from typing import TYPE_CHECKING

import numpy as np

from ecgclip.paper.geometry import CANONICAL, MODEL_PX_PER_MM, Layout, PageGeometry, Panel
from ecgclip.paper.stroke import coverage, panel_range, spans, stroke_plan
from ecgclip.records.ecg import Ecg
from ecgclip.typing import Float32s, Float64s, Ink, Int32s, Uint8s
from ecgclip.units import LEADS

if TYPE_CHECKING:
    from ecgclip.paper.header import Header
    from ecgclip.paper.styles import Style

PRINT_PX_PER_MM = 200 / 25.4
"""200 dots an inch: 2200 x 1700 pixels of a letter page."""
DEFAULT_STYLE = "letter"


def ink_page(
    ecg: Ecg,
    geometry: PageGeometry = CANONICAL,
    px_per_mm: float = MODEL_PX_PER_MM,
    line_mm: float = 0.5,
    *,
    center_rows: bool = True,
) -> Ink:
    """Ink of the record's panels, uint8 [y, x], 0 blank .. 255 ink; NaN samples leave a gap.

    center_rows: put the median of each row on its baseline, as the canonical page asks; else 0 mV is there.
    """
    page = np.zeros(geometry.size_px(px_per_mm), np.uint8)
    pixels, ink = ink_pixels(ecg, geometry, px_per_mm, line_mm, center_rows=center_rows)
    page.ravel()[pixels] = ink
    return page


def ink_pixels(
    ecg: Ecg,
    geometry: PageGeometry,
    px_per_mm: float,
    line_mm: float,
    *,
    center_rows: bool,
) -> tuple[Int32s, Ink]:
    """The inked pixels, as indices into the flattened page, and their ink, 0..255; a pixel may come twice."""
    offsets = row_medians(ecg, geometry) if center_rows else np.zeros(geometry.rows)
    plan = stroke_plan(geometry, ecg.rate_hz, ecg.signal_mv.shape[1], px_per_mm, line_mm)
    px_per_mv = geometry.gain_mm_mv * px_per_mm
    top, bottom = spans(ecg.signal_mv, offsets.astype(np.float32), plan, px_per_mv)
    height, width = geometry.size_px(px_per_mm)
    pixels, part = coverage(top, bottom, plan, (height, width))
    total = np.zeros(height * width, np.float32)
    np.add.at(total, pixels, part)
    return pixels, (np.minimum(total[pixels], 1) * 255 + 0.5).astype(np.uint8)


def row_medians(ecg: Ecg, geometry: PageGeometry) -> Float64s:
    """Median in mV of what each row shows, [row]; 0 where it shows nothing."""
    rows: list[list[Float32s]] = [[] for _ in range(geometry.rows)]
    for panel in geometry.panels:
        rows[panel.row].append(panel_samples(ecg, panel))
    return np.array([_median(np.concatenate(row)) for row in rows])


def _median(values: Float32s) -> float:
    good = values[~np.isnan(values)]
    return float(np.median(good)) if good.size else 0.0


def panel_samples(ecg: Ecg, panel: Panel) -> Float32s:
    """The samples that a panel shows, float32 [sample] in mV; shorter where the record ends before."""
    start, stop = panel_range(panel, ecg.rate_hz, ecg.signal_mv.shape[1])
    return ecg.signal_mv[LEADS.index(panel.lead), start:stop]


def raster_page(
    ecg: Ecg,
    layout: Layout = Layout.L3X4_1R,
    style: "Style | None" = None,
    px_per_mm: float = PRINT_PX_PER_MM,
    header: "Header | None" = None,
) -> Uint8s:
    """The print of a record in colour, uint8 RGB [y, x, 3]; where what stands: `style.geometry(layout)`."""
    from ecgclip.paper.sheet import colour
    from ecgclip.paper.styles import load_style

    style = style or load_style(DEFAULT_STYLE)
    return colour(byte_page(ecg, layout, style, px_per_mm, header), style)


def byte_page(
    ecg: Ecg, layout: Layout, style: "Style", px_per_mm: float, header: "Header | None" = None
) -> Uint8s:
    """The print as bytes of `sheet.palette`, uint8 [y, x]; 0 mV stands on the baselines."""
    # Here and not at the top: a query draws ink and no print, and starts the sooner without fonts and styles.
    from ecgclip.paper.header import Header
    from ecgclip.paper.sheet import add_ink, blank_sheet, header_lines, write

    page = blank_sheet(style, layout, px_per_mm).copy()
    pixels, ink = ink_pixels(ecg, style.geometry(layout), px_per_mm, style.line_mm, center_rows=False)
    flat = page.ravel()
    part = flat[pixels]
    add_ink(part, ink)
    flat[pixels] = part
    for line in header_lines(style, header or Header()):
        write(page, line, style, px_per_mm)
    return page

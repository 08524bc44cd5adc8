"""Where on a flat sheet each piece of a lead was read."""

from ecgclip.paper.geometry import Panel, page_geometry, px_to_mm
from ecgclip.photo.flat.paper_map import FLAT_PX_PER_MM
from ecgclip.photo.layout.sheet import Sheet
from ecgclip.photo.page import ReadPanel
from ecgclip.units import SPEED_MM_S


def panels_of(sheet: Sheet) -> tuple[ReadPanel, ...]:
    """The panels of a sheet, those of the leads before rhythm strips.

    The first panel that shows a lead at a time is the one from which its signal was read.
    """
    if sheet.layout is None:
        return ()
    strips_from = sheet.layout.rows
    panels = sorted(page_geometry(sheet.layout).panels, key=lambda panel: panel.row >= strips_from)
    return tuple(_placed(panel, sheet) for panel in panels if panel.row < len(sheet.rows))


def _placed(panel: Panel, sheet: Sheet) -> ReadPanel:
    start_px = sheet.zero_px + panel.start_s * SPEED_MM_S * FLAT_PX_PER_MM
    baseline_px = sheet.rows[panel.row].baseline_px
    x_mm, baseline_mm = (px_to_mm(place, FLAT_PX_PER_MM) for place in (start_px, baseline_px))
    return ReadPanel(panel.lead, panel.start_s, panel.stop_s, x_mm, baseline_mm)

"""Where on a flat sheet each piece of a lead was read."""

from collections.abc import Sequence

from ecgclip.paper.geometry import px_to_mm
from ecgclip.photo.curves.read_rows import RowCurve
from ecgclip.photo.flat.paper_map import FLAT_PX_PER_MM
from ecgclip.photo.layout.panel import PrintedPanel
from ecgclip.photo.page import ReadPanel


def panels_read(panels: Sequence[PrintedPanel], curves: Sequence[RowCurve]) -> tuple[ReadPanel, ...]:
    """The panels of a sheet, in the order in which they count where two show the same second of a lead."""
    return tuple(_placed(panel, curves[panel.row]) for panel in panels)


def _placed(panel: PrintedPanel, curve: RowCurve) -> ReadPanel:
    places = panel.start_px, curve.level_px(panel.start_px, panel.stop_px)
    x_mm, baseline_mm = (px_to_mm(place, FLAT_PX_PER_MM) for place in places)
    upside_down = panel.lead.startswith("-")
    return ReadPanel(
        panel.lead.removeprefix("-"),
        panel.start_s,
        panel.stop_s,
        x_mm,
        baseline_mm,
        panel.speed_mm_s,
        -panel.gain_mm_mv if upside_down else panel.gain_mm_mv,
    )

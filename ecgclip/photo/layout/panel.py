"""`PrintedPanel`: a piece of one lead where it stands on the flat sheet, and when in the record that is."""

from dataclasses import dataclass

from ecgclip.paper.geometry import Layout, page_geometry
from ecgclip.photo.flat.paper_map import FLAT_PX_PER_MM
from ecgclip.photo.layout.sheet import Sheet
from ecgclip.units import GAIN_MM_MV, SPEED_MM_S


@dataclass(frozen=True)
class PrintedPanel:
    """A piece of one lead on the flat sheet.

    Attributes:
        lead: Of `units.LEADS`, `-aVR` where it is printed upside down, or another name as printed.
        row: Which of the sheet's rows shows it.
        start_px, stop_px: x on the sheet where it begins and ends.
        start_s: Seconds of the record at `start_px`.
        speed_mm_s, gain_mm_mv: Its scale.
    """

    lead: str
    row: int
    start_px: float
    stop_px: float
    start_s: float
    speed_mm_s: float = SPEED_MM_S
    gain_mm_mv: float = GAIN_MM_MV

    @property
    def px_per_s(self) -> float:
        return self.speed_mm_s * FLAT_PX_PER_MM

    @property
    def stop_s(self) -> float:
        return self.start_s + (self.stop_px - self.start_px) / self.px_per_s


def panels_by_count(sheet: Sheet) -> tuple[PrintedPanel, ...]:
    """The panels of the layout that the number of rows tells, at 25 mm/s and 10 mm/mV; none where unknown.

    Strips come last.
    """
    if sheet.layout is None:
        return ()
    layout = Layout(sheet.layout)
    per_s = SPEED_MM_S * FLAT_PX_PER_MM
    return tuple(
        PrintedPanel(
            panel.lead,
            panel.row,
            sheet.zero_px + panel.start_s * per_s,
            sheet.zero_px + panel.stop_s * per_s,
            panel.start_s,
        )
        for panel in sorted(page_geometry(layout).panels, key=lambda panel: panel.row >= layout.rows)
        if panel.row < len(sheet.rows)
    )

"""The flat sheet from which rows are read: ink without grid and lettering, and the network's votes."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from ecgclip.photo.flat.confirm import confirmed_ink, orientation_votes
from ecgclip.photo.flat.dewarp import NODE_MM
from ecgclip.photo.flat.ink import normalize, notch, paper_mask
from ecgclip.photo.flat.network import SheetReading, read_within, shipped_network
from ecgclip.photo.flat.paper_map import NODE_PX, PaperMap, paper_map
from ecgclip.photo.grid.find_grid import Grid, find_grid
from ecgclip.photo.loading.illumination import Planes
from ecgclip.typing import Float32s, Uint8s
from ecgclip.units import LARGE_SQUARE_MM, SMALL_SQUARE_MM

_SURE_ECG: Final = 0.9
"""Probability of an ECG below which the squares are also tried as millimetres: strips are often magnified."""
_MARGIN_MM: Final = 12.5
"""Names of leads stand a centimetre beyond the grid's last line."""
_LEAST_MM: Final = 12.0
"""Least width and height of the paper: less holds no beat."""


@dataclass(frozen=True, eq=False)
class FlatSheet:
    """A sheet at 4 px/mm, any of its four sides up.

    grid: by which it was laid flat. map: into the picture. mask: uint8 [y, x], paper.
    planes: uint8 [3, y, x], dark, ink and colour of the picture laid flat.
    ink: float32 [y, x], 0 on paper .. 1 on a full stroke, 0 outside the mask.
    seen: what the network of sheets sees on it. votes: float32 [4], log probabilities of orientations.
    """

    grid: Grid
    map: PaperMap
    mask: Uint8s
    planes: Uint8s
    ink: Float32s
    seen: SheetReading
    votes: Float32s

    @property
    def ecg(self) -> float:
        """Probability of an ECG, 0..1."""
        return self.seen.ecg


def lay_flat(planes: Planes, outline: Float32s | None) -> FlatSheet | None:
    """Find the grid and lay the sheet flat by it; where that shows no ECG, by a clearer grid if there is one.

    outline: corners of the page in pixels, float32 [4, 2], where they are known. None: there is no grid.
    """
    grid = find_grid(planes.dark, outline)
    if grid is None:
        return None
    sheet = flat_sheet(grid, planes)
    if sheet.ecg >= _SURE_ECG:
        return sheet
    clearer = find_grid(planes.dark, outline, thorough=True)
    if clearer is None or clearer.score <= grid.score:
        return sheet
    again = flat_sheet(clearer, planes)
    return again if again.ecg >= _SURE_ECG else sheet


def flat_sheet(grid: Grid, planes: Planes) -> FlatSheet:
    """Lay the paper flat by its grid; where no ECG is seen, also with its squares taken for millimetres.

    In pictures of a few centimetres of paper, 1 mm looks like 5, and to the network beats five times too slow
    and too high are no ECG.
    """
    sheet = _laid_flat(grid, planes)
    if sheet.ecg >= _SURE_ECG or min(sheet.map.size_mm) / LARGE_SQUARE_MM < _LEAST_MM:
        return sheet
    magnified = _laid_flat(in_millimetres(grid), planes)
    return magnified if magnified.ecg >= max(_SURE_ECG, sheet.ecg) else sheet


def in_millimetres(grid: Grid) -> Grid:
    """The grid whose squares of 5 mm were squares of 1 mm."""
    fifth = SMALL_SQUARE_MM / LARGE_SQUARE_MM
    to_mm = np.diag([fifth, fifth, 1.0]) @ grid.to_mm
    return replace(grid, to_mm=to_mm, line_mm=max(SMALL_SQUARE_MM, grid.line_mm * fifth))


def _around_paper(sheet_map: PaperMap, mask: Uint8s) -> tuple[PaperMap, Uint8s]:
    """Both without what lies far from paper: half the time and memory of what follows."""
    nodes = mask[::NODE_PX, ::NODE_PX] > 0
    if not nodes.any():
        return sheet_map, mask
    spare = round(_MARGIN_MM / NODE_MM)
    (top, bottom), (left, right) = (
        (max(0, int(used[0]) - spare), int(used[-1]) + 1 + spare)
        for used in (np.flatnonzero(nodes.any(axis=1)), np.flatnonzero(nodes.any(axis=0)))
    )
    places = np.ascontiguousarray(sheet_map.places[top:bottom, left:right])
    part = mask[top * NODE_PX : bottom * NODE_PX, left * NODE_PX : right * NODE_PX]
    return PaperMap(places), np.ascontiguousarray(part)


def _laid_flat(grid: Grid, planes: Planes) -> FlatSheet:
    sheet_map, displacement = paper_map(grid, planes)
    inside = sheet_map.inside((planes.dark.shape[1], planes.dark.shape[0]))
    sheet_map, mask = _around_paper(sheet_map, paper_mask(displacement.clear, inside))
    drawn = sheet_map.draw_planes(planes)
    reading = read_within(shipped_network().read_all, drawn, mask)
    ink = normalize(notch(drawn[1], mask), mask)
    ink = confirmed_ink(ink, reading, mask > 0)
    return FlatSheet(grid, sheet_map, mask, drawn, ink, reading, orientation_votes(reading))

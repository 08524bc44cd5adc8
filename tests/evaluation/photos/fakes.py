"""Pages, inputs and rankers whose figures are known."""

from types import SimpleNamespace

import numpy as np

from ecgclip.paper.page import CanonicalPage
from ecgclip.photo.flat.dewarp import NODE_MM
from ecgclip.photo.page import Page

LAYOUT = "3x4+1R(II)"


def turned(points, degrees):
    """Points [n, 2] turned clockwise, y down."""
    a = np.deg2rad(degrees)
    return points @ np.array([[np.cos(a), np.sin(a)], [-np.sin(a), np.cos(a)]])


def sheet_page(to_photo, size_mm=(200.0, 100.0), *, input_px_per_mm, rotation_deg, layout=LAYOUT):
    """A page that believes its flat sheet lies in the photo as `to_photo` says (sheet mm -> px)."""
    columns, rows = (round(size / NODE_MM) for size in size_mm)
    at = np.stack(np.meshgrid(np.arange(columns), np.arange(rows)), axis=-1) * NODE_MM
    nodes = to_photo(at.reshape(-1, 2).astype(np.float64)).reshape(rows, columns, 2).astype(np.float32)
    corners = np.array([nodes[0, 0], nodes[0, -1], nodes[-1, -1], nodes[-1, 0]])
    return Page(
        accepted=True,
        reason="",
        confidence=0.9,
        image=np.full((10, 10), 255, np.uint8),
        canonical=CanonicalPage.blank(),
        corners=corners,
        px_per_mm=4.0,
        input_px_per_mm=input_px_per_mm,
        rotation_deg=rotation_deg,
        layout=layout,
        nodes_px=nodes,
    )


def asked(page=None, *, accepted=True, reason="", confidence=0.9, rotation_deg=0.0, warnings=()):
    verdict = SimpleNamespace(
        accepted=accepted,
        reason=reason,
        confidence=confidence,
        rotation_deg=rotation_deg,
        warnings=tuple(warnings),
    )
    return SimpleNamespace(input=verdict, page=page, photo=page)


class Fixed:
    """Ranks the cases by a table from what was read."""

    def __init__(self, name, table):
        self.name, self.table, self.asked = name, table, 0

    def rank(self, page, k):
        self.asked += 1
        return tuple(self.table(page)[:k])

"""Photograph a print and lay it flat, with its truth, as the grid reader would."""

import cv2
import numpy as np

from ecgclip.paper.raster import PRINT_PX_PER_MM
from ecgclip.photo.flat.paper_map import NODE_PX, PaperMap
from ecgclip.simulation.camera import Photo
from ecgclip.simulation.prints.printed import Print
from ecgclip.training.flattening import flattened
from ecgclip.training.sheet.places import panel_lines, word_boxes
from ecgclip.training.sheet.sample import FlatSample
from ecgclip.typing import Float32s, Uint8s


def lay_flat(printed: Print, photo: Photo, rng: np.random.Generator, reader: float) -> FlatSample:
    """reader: chance to use the map that the grid reader finds, where it finds one."""
    flat = flattened(printed.size_mm, photo, rng, reader)
    shown = np.kron(flat.shown, np.full((NODE_PX, NODE_PX), 255, np.uint8)).astype(np.uint8)
    layers = np.concatenate([_inks(printed, flat.page_mm) * (shown > 0), shown[None]])
    return FlatSample(
        flat.planes,
        layers,
        word_boxes(printed.words, flat.page_mm),
        panel_lines(printed.curves, flat.page_mm),
        printed.is_ecg,
        flat.by_reader,
    )


def _inks(printed: Print, page_mm: Float32s) -> Uint8s:
    """Ink of curves, pulses and marks on the sheet, uint8 [3, y, x]."""
    merged = cv2.merge([printed.trace, printed.pulse_ink, printed.mark_ink])
    page = PaperMap(page_mm * np.float32(PRINT_PX_PER_MM) - np.float32(0.5))
    return np.ascontiguousarray(page.draw(np.asarray(merged, np.uint8)).transpose(2, 0, 1))

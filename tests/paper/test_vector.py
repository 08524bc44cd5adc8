"""Lines by matplotlib against the raster: two independent drawings of one page."""

import dataclasses
from io import BytesIO

import numpy as np
import pytest

from ecgclip.paper.geometry import Layout
from ecgclip.paper.header import Header
from ecgclip.paper.raster import raster_page
from ecgclip.paper.styles import Style, load_style
from ecgclip.paper.vector import INCH_MM, page_figure
from ecgclip.records.ecg import Ecg

HEADER = Header(id="42", name="DOE $x^2$", age="63")


@pytest.mark.parametrize(
    ("layout", "px_per_mm"), [(Layout.L3X4_1R, 8.0), (Layout.L12X1, 4.0), (Layout.L3X4_3R, 2.0)]
)
def test_raster_and_vector_put_ink_in_the_same_places(ecg: Ecg, layout: Layout, px_per_mm: float) -> None:
    style = dataclasses.replace(
        load_style("letter"),
        minor_mm=0.0,
        major_mm=0.0,
        paper_rgb=(255, 255, 255),
        ink_rgb=(0, 0, 0),
        line_mm=0.5,
        lines=(),
    )
    raster = 255.0 - raster_page(ecg, layout, style, px_per_mm, HEADER)
    vector = 255.0 - vector_array(ecg, layout, style, HEADER, px_per_mm)
    assert raster.shape == vector.shape
    assert np.minimum(raster, vector).sum() / np.maximum(raster, vector).sum() >= 0.92
    assert raster.sum() == pytest.approx(vector.sum(), rel=0.04)


@pytest.mark.parametrize("name", ["orange", "green", "copy", "letter"])
def test_raster_and_vector_prints_look_alike(ecg: Ecg, name: str) -> None:
    style = load_style(name)
    raster, vector = (
        draw(ecg, Layout.L3X4_1R, style, header=HEADER, px_per_mm=6.0).astype(float)
        for draw in (raster_page, vector_array)
    )
    blurred = [_blocks(picture) for picture in (raster, vector)]
    assert np.abs(blurred[0] - blurred[1]).mean() < 2.5  # of 255: grid lines have 3 or 4 levels
    assert np.corrcoef(blurred[0].ravel(), blurred[1].ravel())[0, 1] > 0.98


def vector_array(ecg: Ecg, layout: Layout, style: Style, header: Header, px_per_mm: float) -> np.ndarray:
    """The print drawn by matplotlib, uint8 RGB [y, x, 3]: slow, to compare with."""
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    height_px, width_px = style.geometry(layout).size_px(px_per_mm)
    figure = page_figure(ecg, layout, style, header)
    # Whole pixels, as the raster has them: the last part of a pixel is added to the page or cut from it.
    figure.set_dpi(px_per_mm * INCH_MM)
    figure.set_size_inches(((width_px + 0.01) / figure.dpi, (height_px + 0.01) / figure.dpi))
    figure.axes[0].set_xlim(0, width_px / px_per_mm)
    figure.axes[0].set_ylim(height_px / px_per_mm, 0)
    with matplotlib.rc_context({"path.snap": False}):
        FigureCanvasAgg(figure).print_raw(stream := BytesIO())  # type: ignore[no-untyped-call]
    pixels = np.frombuffer(stream.getvalue(), np.uint8).reshape(height_px, width_px, 4)
    return pixels[..., :3].copy()


def _blocks(picture: np.ndarray) -> np.ndarray:
    """Means of 4 x 4 pixels: blind to how an edge falls on the pixels."""
    height, width = (size // 4 * 4 for size in picture.shape[:2])
    return picture[:height, :width].reshape(height // 4, 4, width // 4, 4, 3).mean(axis=(1, 3))

"""Whatever is shown to `rectify` becomes a Page that keeps its promises, or an ImageError."""

from io import BytesIO
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from ecgclip.errors import ImageError
from ecgclip.paper.geometry import CANONICAL, CANONICAL_PX_PER_MM
from ecgclip.paper.render import render
from ecgclip.paper.traces import TRACE_SAMPLES
from ecgclip.photo.page import Page
from ecgclip.photo.rectify import rectify
from ecgclip.records.ecg import Ecg
from ecgclip.typing import Float64s, Uint8s

Array = npt.NDArray[np.generic]
INK_PX = CANONICAL.size_px(CANONICAL_PX_PER_MM)


def promises_kept(page: Page) -> None:
    assert page.ink.shape == INK_PX
    assert (page.ink.dtype, page.image.dtype) == (np.uint8, np.uint8)
    assert (page.traces_mv.dtype, page.corners.dtype) == (np.float32, np.float32)
    assert page.traces_mv.shape == (CANONICAL.rows, TRACE_SAMPLES)
    assert not np.isinf(page.traces_mv).any()
    assert page.corners.shape == (4, 2)
    assert np.isfinite(page.corners).all()
    assert 0.0 <= page.confidence <= 1.0
    assert page.accepted == (page.reason == "")
    assert page.image.ndim == 2
    assert page.image.size > 0
    assert all("\n" not in words for words in (page.reason, *page.warnings))
    if page.accepted:
        assert page.px_per_mm > 0
        assert page.input_px_per_mm > 0
        assert -180 <= page.rotation_deg <= 180
        assert page.ink.any()
    else:
        assert not page.ink.any()
        assert np.isnan(page.traces_mv).all()


DTYPES = (np.uint8, np.uint16, np.int16, np.int64, np.float16, np.float32, np.float64, np.bool_)
CONTENTS = ("noise", "constant", "gradient", "lines", "squares", "waves", "spots", "special")


def content(kind: str, height: int, width: int, rng: np.random.Generator) -> Float64s:
    """A picture of this kind in 0..1, float [y, x]."""
    y, x = np.mgrid[:height, :width].astype(np.float64)
    period, angle = rng.uniform(2, 60), rng.uniform(0, np.pi)
    along = x * np.cos(angle) + y * np.sin(angle)
    across = y * np.cos(angle) - x * np.sin(angle)
    on_line, crossing = along % period < 1.5, across % period < 1.5
    match kind:
        case "noise":
            return rng.random((height, width))
        case "constant":
            return np.full((height, width), rng.random())
        case "gradient":
            return np.asarray((along - along.min()) / max(1e-9, float(np.ptp(along))))
        case "lines":
            return np.where(on_line, rng.random(), 1.0)
        case "squares":
            curve = np.abs(y - height / 2 - height / 4 * np.sin(x / rng.uniform(2, 40))) < 2
            return np.where(curve, 0.0, np.where(on_line | crossing, 0.7, 1.0))
        case "waves":
            return np.asarray(0.5 + 0.25 * np.sin(along / period) + 0.25 * np.sin(across / period))
        case "spots":
            return np.where(rng.random((height, width)) < 0.01, 0.0, 1.0)
        case _:
            return rng.choice([np.nan, np.inf, -np.inf, -1e30, 1e30, 0.0, 1.0], (height, width))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    seed=st.integers(0, 10**6),
    kind=st.sampled_from(CONTENTS),
    sides=st.one_of(
        st.tuples(st.integers(1, 640), st.integers(1, 640)),
        st.tuples(st.integers(1, 3), st.integers(400, 9000)),
        st.tuples(st.integers(400, 9000), st.integers(1, 40)),
        st.tuples(st.integers(0, 4), st.integers(0, 4)),
    ),
    channels=st.sampled_from([None, 1, 2, 3, 4]),
    dtype=st.sampled_from(DTYPES),
)
def test_random_pictures(
    seed: int, kind: str, sides: tuple[int, int], channels: int | None, dtype: type[np.generic]
) -> None:
    rng = np.random.default_rng(seed)
    values = content(kind, *sides, rng) if min(sides) else np.zeros(sides)
    if channels is not None:
        values = values[..., None] * rng.uniform(0.5, 1.0, channels)
    top = 1.0 if np.issubdtype(dtype, np.inexact) or dtype is np.bool_ else min(65535, np.iinfo(dtype).max)
    with np.errstate(all="ignore"):
        image = (values * top).astype(dtype)
    try:
        page = rectify(image)
    except ImageError:
        assert channels == 2 or min(sides) == 0
    else:
        promises_kept(page)


@settings(max_examples=60, deadline=None)
@given(
    st.binary(max_size=300), st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"BM"])
)
def test_random_bytes(data: bytes, start: bytes) -> None:
    with pytest.raises(ImageError):
        rectify(start + data)


@pytest.fixture(scope="module")
def print_rgb(ecg: Ecg) -> Uint8s:
    """A print at 5 px/mm, as a screen or a messenger leaves it."""
    page = Image.fromarray(render(ecg, "3x4+1R", "pink").array)
    return np.asarray(page.resize((1400, 1082), Image.Resampling.LANCZOS))


def forms(rgb: Uint8s) -> dict[str, Array | Image.Image]:
    image = Image.fromarray(rgb)
    grey = np.asarray(image.convert("L"))
    return {
        "RGB": rgb,
        "grey of 16 bits": grey.astype(np.uint16) * 257,
        "grey shares": grey / 255.0,
        "palette": image.quantize(64),
        "CMYK": image.convert("CMYK"),
        "alpha": image.convert("RGBA"),
        "turned by 7 degrees": image.rotate(7, Image.Resampling.BICUBIC, expand=True, fillcolor="white"),
    }


@pytest.mark.parametrize("form", forms(np.zeros((9, 9, 3), np.uint8)))
def test_a_print_is_read_in_every_form(print_rgb: Uint8s, form: str) -> None:
    page = rectify(forms(print_rgb)[form])
    assert (page.accepted, page.layout) == (True, "3x4+1R(II)")
    promises_kept(page)


def test_fifty_pixels_are_too_few(print_rgb: Uint8s) -> None:
    page = rectify(Image.fromarray(print_rgb).resize((50, 39)))
    assert "too small" in page.reason
    promises_kept(page)


def test_a_heic_of_a_phone_is_read_upright() -> None:
    page = rectify(Path(__file__).parent / "data" / "synthetic_page.heic")
    assert (page.accepted, page.layout) == (True, "3x4+1R(II)")
    assert abs(page.rotation_deg) < 1
    promises_kept(page)


@pytest.mark.parametrize("trace", [(255, 255, 255), (0, 255, 80), (255, 220, 0)])
def test_light_traces_on_a_dark_screen(ecg: Ecg, trace: tuple[int, int, int]) -> None:
    """The print's ink in a bright colour and its grid in dim grey on black."""
    print_rgb = render(ecg, "3x4+1R", "pink").array
    ink = print_rgb.max(axis=2) < 128
    grid = (255 - print_rgb.min(axis=2).astype(int)).clip(0, 60)
    screen = np.where(ink[..., None], np.array(trace), 12 + grid[..., None]).astype(np.uint8)
    page = rectify(screen)
    assert page.accepted
    assert any("inverted" in words for words in page.warnings)
    promises_kept(page)


def saved(kind: str, *pages: Uint8s) -> bytes:
    file = BytesIO()
    first, *rest = [Image.fromarray(page) for page in pages]
    first.save(file, kind, resolution=150, save_all=True, append_images=rest)
    return file.getvalue()


BLANK = np.full((1082, 1400, 3), 255, np.uint8)


@pytest.mark.parametrize("kind", ["PDF", "TIFF"])
def test_the_page_that_is_an_ecg_is_found(print_rgb: Uint8s, kind: str) -> None:
    page = rectify(saved(kind, BLANK, print_rgb, BLANK))
    assert page.accepted
    assert page.warnings[0] == "page 2 of 3 was read"
    assert not rectify(saved(kind, BLANK, print_rgb, BLANK), page=0).accepted
    promises_kept(page)


def test_no_page_is_an_ecg() -> None:
    page = rectify(saved("TIFF", BLANK, BLANK))
    assert not page.accepted
    assert page.warnings[0].startswith("none of the 2 pages is a readable ECG")
    promises_kept(page)

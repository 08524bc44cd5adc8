"""Surface: what became of the print before it is photographed: copied, faxed, faded, shown on a screen."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

import cv2
import numpy as np

from ecgclip.simulation.prints.canvas import PX
from ecgclip.simulation.prints.chance import between, pick
from ecgclip.simulation.prints.frames import letterboxed, viewed
from ecgclip.simulation.prints.printed import Print
from ecgclip.typing import Float32s, Rgb


class Kind(StrEnum):
    """The surface."""

    PRINT = "print"
    GREY = "grey copy"
    FAX = "fax"
    COARSE_FAX = "coarse fax"
    FADED = "faded"
    BANDS = "dark bands"
    DEAD_ROW = "dead row of the head"
    AGED = "aged"
    DARK = "dark mode"
    DIM = "dim"
    VIEWER = "viewer"
    LETTERBOX = "letterbox"


_KINDS: Final = {
    Kind.PRINT: 0.65,
    Kind.GREY: 0.08,
    Kind.FAX: 0.025,
    Kind.COARSE_FAX: 0.015,
    Kind.FADED: 0.05,
    Kind.BANDS: 0.02,
    Kind.DEAD_ROW: 0.03,
    Kind.AGED: 0.03,
    Kind.DARK: 0.02,
    Kind.DIM: 0.015,
    Kind.VIEWER: 0.05,
    Kind.LETTERBOX: 0.025,
}


@dataclass(frozen=True)
class Surface:
    """strength: 0..1, of whatever the kind does; seed: of its details."""

    kind: Kind
    strength: float
    seed: int


def sample_surface(rng: np.random.Generator) -> Surface:
    """Two thirds are clean paper."""
    return Surface(pick(rng, _KINDS), between(rng, 0, 1), int(rng.integers(2**31)))


def finish(page: Print, surface: Surface) -> Print:
    """The print on its surface; labels move along where a viewer is put about it."""
    rng = np.random.default_rng(surface.seed)
    match surface.kind:
        case Kind.GREY:
            return replace(page, rgb=_grey(page.rgb, surface.strength, rng))
        case Kind.FAX | Kind.COARSE_FAX:
            dpi = (200, 200) if surface.kind is Kind.FAX else (200, 100)
            return replace(page, rgb=_fax(page.rgb, dpi, surface.strength))
        case Kind.FADED:
            return replace(page, rgb=_faded(page.rgb, surface.strength, rng))
        case Kind.BANDS:
            return replace(page, rgb=_bands(page.rgb, surface.strength, rng))
        case Kind.DEAD_ROW:
            return _dead_row(page, rng)
        case Kind.AGED:
            tint = np.array([250, 238, 205], np.float32) / 255
            return replace(page, rgb=np.asarray(page.rgb * (tint * (1 - 0.1 * surface.strength)), np.uint8))
        case Kind.DARK:
            return replace(page, rgb=_dark(page.rgb, rng))
        case Kind.DIM:
            return replace(
                page, rgb=np.asarray(page.rgb * np.float32(0.25 + 0.5 * surface.strength), np.uint8)
            )
        case Kind.VIEWER:
            return viewed(page, rng)
        case Kind.LETTERBOX:
            return letterboxed(page, rng)
        case _:
            return page


def _grey(rgb: Rgb, strength: float, rng: np.random.Generator) -> Rgb:
    """A copier: no colour, more contrast, specks."""
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    gain, black = 1 + strength, between(rng, 0, 60) * strength
    levels = np.clip((np.arange(256) - 128) * gain + 128 + 25 * strength - black * 0.3, 0, 255).astype(
        np.uint8
    )
    out = cv2.LUT(grey, levels)
    for _ in range(int(strength * 60)):
        x, y = int(rng.integers(out.shape[1])), int(rng.integers(out.shape[0]))
        cv2.circle(out, (x, y), int(rng.integers(1, 3)), int(rng.integers(0, 120)), -1)
    return np.asarray(cv2.cvtColor(out, cv2.COLOR_GRAY2RGB), np.uint8)


def _fax(rgb: Rgb, dpi: tuple[int, int], strength: float) -> Rgb:
    """One bit a dot: a pale grid breaks into dashes or is lost."""
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    height, width = grey.shape
    size = (max(1, round(width / PX * dpi[0] / 25.4)), max(1, round(height / PX * dpi[1] / 25.4)))
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    paper = float(np.median(small))
    bits = np.where(small < paper - 35 - 45 * strength, np.uint8(0), np.uint8(255))
    out = cv2.resize(bits, (width, height), interpolation=cv2.INTER_NEAREST)
    return np.asarray(cv2.cvtColor(out, cv2.COLOR_GRAY2RGB), np.uint8)


def _field(shape: tuple[int, ...], rng: np.random.Generator, cells: tuple[int, int]) -> Float32s:
    """A smooth field 0..1, float32 [y, x, 1]."""
    coarse = rng.random(cells).astype(np.float32)
    field = cv2.resize(coarse, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(field, np.float32)[..., None]


def _faded(rgb: Rgb, strength: float, rng: np.random.Generator) -> Rgb:
    """Thermal paper in parts gone pale."""
    share = _field(rgb.shape, rng, (3, 4)) * (0.3 + 0.45 * strength)
    paper = np.median(rgb[::16, ::16].reshape(-1, 3), axis=0).astype(np.float32)
    return np.asarray(rgb + (paper - rgb) * share, np.uint8)


def _bands(rgb: Rgb, strength: float, rng: np.random.Generator) -> Rgb:
    """Bands of heat across the paper."""
    shade = np.ones(rgb.shape[1], np.float32)
    for _ in range(int(rng.integers(1, 4))):
        middle, width = rng.uniform(0, rgb.shape[1]), rng.uniform(5, 40) * PX
        shade *= 1 - (0.06 + 0.2 * strength) * np.exp(-(((np.arange(rgb.shape[1]) - middle) / width) ** 2))
    return np.asarray(rgb * shade[None, :, None], np.uint8)


def _dead_row(page: Print, rng: np.random.Generator) -> Print:
    """A dot of the thermal head is dead: a white line along time."""
    rgb, trace = page.rgb.copy(), page.trace.copy()
    paper = np.median(rgb[::16, ::16].reshape(-1, 3), axis=0).astype(np.uint8)
    for _ in range(int(rng.integers(1, 4))):
        y = int(rng.integers(page.trace.shape[0]))
        rgb[y] = paper
        trace[y] = 0
    return replace(page, rgb=rgb, trace=trace)


def _dark(rgb: Rgb, rng: np.random.Generator) -> Rgb:
    """Light traces on a dark screen."""
    tint = np.array(
        [(1, 1, 1), (0.6, 1, 0.6), (0.7, 0.9, 1), (1, 0.9, 0.5)][int(rng.integers(4))], np.float32
    )
    return np.asarray(np.clip((255 - rgb.astype(np.float32)) * tint + between(rng, 0, 25), 0, 255), np.uint8)

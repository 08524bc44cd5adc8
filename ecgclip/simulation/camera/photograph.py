"""`photograph`: a simulated photo of a printed page, and where each millimetre of the page stands in it."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from ecgclip.errors import ConfigError
from ecgclip.paper.raster import PRINT_PX_PER_MM
from ecgclip.simulation.camera.blur import apply_blur
from ecgclip.simulation.camera.cover import apply_cover
from ecgclip.simulation.camera.crease import crease_heights
from ecgclip.simulation.camera.crop import Crop, crop_box
from ecgclip.simulation.camera.crumple import crumple_heights
from ecgclip.simulation.camera.curl import curl_heights
from ecgclip.simulation.camera.desk import SCANNER, background
from ecgclip.simulation.camera.downscale import apply_downscale
from ecgclip.simulation.camera.gradient import gradient_light
from ecgclip.simulation.camera.handwriting import apply_handwriting
from ecgclip.simulation.camera.jpeg import apply_jpeg
from ecgclip.simulation.camera.mapping import STEP_PX, PageMap, page_map, sample_lattice, upsampled
from ecgclip.simulation.camera.moire import apply_moire
from ecgclip.simulation.camera.noise import apply_noise
from ecgclip.simulation.camera.relief import displacement, lattice, shading
from ecgclip.simulation.camera.shadow import shadow_light
from ecgclip.simulation.camera.shot import Level, Shot, load_level, sample_shot
from ecgclip.simulation.camera.stain import apply_stain
from ecgclip.simulation.camera.tone import apply_tone
from ecgclip.simulation.camera.toner import apply_toner
from ecgclip.simulation.camera.view import View, place
from ecgclip.typing import Float32s, Float64s, Rgb

STRIP_PX = 8 * STEP_PX


@dataclass(frozen=True, eq=False)
class Photo:
    """A simulated photo with its truth.

    image: uint8 RGB [y, x, 3]; shot: the parameters; corners: float32 [4, 2], x and y in px of the page's
    corners (top left of the page, then clockwise), which may lie outside the picture.
    """

    image: Rgb
    shot: Shot
    corners: Float32s
    mapping: PageMap

    def to_photo(self, points_mm: Float64s) -> Float64s:
        """Where points of the page (x, y in mm) stand in the photo, px [point, 2]."""
        return self.mapping.to_photo(points_mm)

    def to_page(self, points_px: Float64s) -> Float64s:
        """What pixels of the photo show, page mm [point, 2]; beyond 0..size is the desk."""
        return self.mapping.to_page(points_px)


def photograph(
    page: Rgb, level: str | Level, rng: np.random.Generator, px_per_mm: float = PRINT_PX_PER_MM
) -> Photo:
    """Photograph a page (uint8 RGB at `px_per_mm`) as a camera of this level would."""
    chosen = load_level(level) if isinstance(level, str) else level
    return replay(page, sample_shot(chosen, rng), px_per_mm)


def replay(page: Rgb, shot: Shot, px_per_mm: float = PRINT_PX_PER_MM) -> Photo:
    """The photo that these parameters make of a page: always the same one."""
    if page.ndim != 3 or page.shape[2] != 3 or page.dtype != np.uint8:
        raise ConfigError(
            f"a page of shape {page.shape}, {page.dtype} was given; expected uint8 RGB [y, x, 3]"
        )
    size_mm = (page.shape[1] / px_per_mm, page.shape[0] / px_per_mm)
    heights = relief(shot, size_mm)
    mapping = _mapping(shot, size_mm, px_per_mm, heights)
    picture = _on_paper(page, shot, px_per_mm)
    light = _light(shot, mapping, heights)
    if shot.view is not None or heights is not None:
        picture = _projected(picture, mapping, shot, px_per_mm)
    if light is not None:
        picture = lit(picture, light)
    photo_px_per_mm = shot.view.px_per_mm if shot.view else px_per_mm
    picture, mapping = _developed(picture, shot, mapping, photo_px_per_mm)
    corners = np.array([(0, 0), (size_mm[0], 0), size_mm, (0, size_mm[1])], np.float64)
    return Photo(picture, shot, mapping.to_photo(corners).astype(np.float32), mapping)


def relief(shot: Shot, size_mm: tuple[float, float]) -> Float32s | None:
    """The page's heights over the desk on the lattice; None where it lies flat."""
    parts = []
    if shot.curl:
        parts.append(curl_heights(shot.curl, size_mm))
    if shot.crease:
        parts.append(crease_heights(shot.crease, size_mm))
    if shot.crumple:
        parts.append(crumple_heights(shot.crumple, size_mm))
    return np.sum(parts, axis=0, dtype=np.float32) if parts else None


def _mapping(shot: Shot, size_mm: tuple[float, float], px_per_mm: float, heights: Float32s | None) -> PageMap:
    view = shot.view or View(0.0, ((0.0, 0.0),) * 4, px_per_mm, (0.0, 0.0, 0.0, 0.0))
    matrix, frame_px = place(view, size_mm)
    if heights is None:
        x, y = lattice(size_mm)
        moved = np.zeros((y.shape[0], x.shape[1], 2), np.float32)
    else:
        moved = displacement(heights, size_mm)
    return page_map(matrix, frame_px, moved)


def _on_paper(page: Rgb, shot: Shot, px_per_mm: float) -> Rgb:
    """What happened to the paper before the photo."""
    if shot.toner:
        page = apply_toner(page, shot.toner, px_per_mm)
    if shot.handwriting:
        page = apply_handwriting(page, shot.handwriting, px_per_mm)
    if shot.stain:
        page = apply_stain(page, shot.stain, px_per_mm)
    if shot.cover:
        page = apply_cover(page, shot.cover, px_per_mm)
    return page


def _projected(page: Rgb, mapping: PageMap, shot: Shot, px_per_mm: float) -> Rgb:
    """The page through the lens, on its desk."""
    size_mm = np.array(page.shape[1::-1]) / px_per_mm
    view_px_per_mm = shot.view.px_per_mm if shot.view else px_per_mm
    shrink = min(1.0, view_px_per_mm / px_per_mm)
    if shrink < 0.9:  # else thin lines would fall between the samples
        page = np.asarray(
            cv2.resize(page, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA), np.uint8
        )
        px_per_mm *= shrink
    inside = (mapping.nodes_mm > 0) & (mapping.nodes_mm < size_mm)
    covered = np.asarray(inside.all(axis=-1))[1:-1, 1:-1]
    picture = background(shot.desk or SCANNER, mapping.frame_px, covered.astype(np.float32))
    at_x, at_y = cv2.split(mapping.nodes_mm * np.float32(px_per_mm) - np.float32(0.5))
    for rows in _strips(picture):
        x, y = (upsampled(np.asarray(nodes, np.float32), rows, picture.shape[1]) for nodes in (at_x, at_y))
        cv2.remap(page, x, y, cv2.INTER_LINEAR, picture[rows], cv2.BORDER_TRANSPARENT)
    return picture


def _light(shot: Shot, mapping: PageMap, heights: Float32s | None) -> Float32s | None:
    """The room's light at the map's nodes, float32 [y, x]; None where it is even."""
    if shot.gradient is None and shot.shadow is None and heights is None:
        return None
    rows, columns = mapping.nodes_mm.shape[:2]
    x = np.asarray((np.arange(columns) - 0.5) * STEP_PX / mapping.frame_px[0], np.float32)[None, :]
    y = np.asarray((np.arange(rows) - 0.5) * STEP_PX / mapping.frame_px[1], np.float32)[:, None]
    light = np.ones((rows, columns), np.float32)
    if shot.gradient:
        light *= gradient_light(shot.gradient, x, y)
    if shot.shadow:
        light *= shadow_light(shot.shadow, x, y)
    if heights is not None:
        shade = shading(heights, shot.light_deg)
        light *= sample_lattice(shade, mapping.nodes_mm, cv2.BORDER_CONSTANT, 1.0)
    return light


def lit(picture: Rgb, light: Float32s) -> Rgb:
    """The picture times the light of its nodes, which is used in steps of 1/128."""
    result = np.empty_like(picture)
    nodes = np.clip(light * 128, 0, 255).astype(np.float32)
    for rows in _strips(picture):
        level = cv2.convertScaleAbs(upsampled(nodes, rows, picture.shape[1]))
        cv2.multiply(picture[rows], cv2.merge([level] * 3), result[rows], scale=1 / 128)
    return result


def _strips(picture: Rgb) -> list[slice]:
    """Bands of rows: their maps stay in the processor's cache, which is half of the speed."""
    height = picture.shape[0]
    return [slice(start, min(start + STRIP_PX, height)) for start in range(0, height, STRIP_PX)]


def _developed(picture: Rgb, shot: Shot, mapping: PageMap, px_per_mm: float) -> tuple[Rgb, PageMap]:
    """Lens, sensor and file."""
    picture, mapping = _cropped(picture, mapping, shot.crop) if shot.crop else (picture, mapping)
    if shot.moire:
        picture = apply_moire(picture, shot.moire)
    if shot.tone:
        picture = apply_tone(picture, shot.tone)
    if shot.blur:
        picture = apply_blur(picture, shot.blur, px_per_mm)
    if shot.noise:
        picture = apply_noise(picture, shot.noise)
    if shot.downscale:
        height, width = picture.shape[:2]
        picture = apply_downscale(picture, shot.downscale)
        scale = (picture.shape[1] / width, picture.shape[0] / height)
        mapping = replace(mapping, scale=scale)
    if shot.jpeg:
        picture = apply_jpeg(picture, shot.jpeg)
    return picture, mapping


def _cropped(picture: Rgb, mapping: PageMap, crop: Crop) -> tuple[Rgb, PageMap]:
    left, top, right, bottom = crop_box(crop, (picture.shape[1], picture.shape[0]))
    cut = np.ascontiguousarray(picture[top:bottom, left:right])
    return cut, replace(mapping, offset_px=(float(left), float(top)))

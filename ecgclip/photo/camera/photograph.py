"""`photograph`: a simulated photo of a printed page, and where each millimetre of the page stands in it."""

from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from ecgclip.errors import ConfigError
from ecgclip.paper.raster import PRINT_PX_PER_MM
from ecgclip.photo.camera.blur import apply_blur
from ecgclip.photo.camera.crease import crease_heights
from ecgclip.photo.camera.crop import Crop, crop_box
from ecgclip.photo.camera.crumple import crumple_heights
from ecgclip.photo.camera.curl import curl_heights
from ecgclip.photo.camera.desk import SCANNER, background, lay_on
from ecgclip.photo.camera.downscale import apply_downscale
from ecgclip.photo.camera.gradient import gradient_light
from ecgclip.photo.camera.handwriting import apply_handwriting
from ecgclip.photo.camera.jpeg import apply_jpeg
from ecgclip.photo.camera.mapping import STEP_PX, PageMap, page_map
from ecgclip.photo.camera.noise import apply_noise
from ecgclip.photo.camera.relief import NODE_MM, Heights, displacement, lattice, shading
from ecgclip.photo.camera.shadow import shadow_light
from ecgclip.photo.camera.shot import Level, Shot, load_level, sample_shot
from ecgclip.photo.camera.stain import apply_stain
from ecgclip.photo.camera.tone import apply_tone
from ecgclip.photo.camera.toner import apply_toner
from ecgclip.photo.camera.view import View, place

Picture = npt.NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Photo:
    """A simulated photo with its truth.

    image: uint8 RGB [y, x, 3]; shot: the parameters; corners: float32 [4, 2], x and y in px of the page's
    corners (top left of the page, then clockwise), which may lie outside the picture.
    """

    image: Picture
    shot: Shot
    corners: npt.NDArray[np.float32]
    mapping: PageMap

    def to_photo(self, points_mm: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Where points of the page (x, y in mm) stand in the photo, px [point, 2]."""
        return self.mapping.to_photo(points_mm)

    def to_page(self, points_px: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """What pixels of the photo show, page mm [point, 2]; beyond 0..size is the desk."""
        return self.mapping.to_page(points_px)


def photograph(
    page: Picture, level: str | Level, rng: np.random.Generator, px_per_mm: float = PRINT_PX_PER_MM
) -> Photo:
    """Photograph a page (uint8 RGB at `px_per_mm`) as a camera of this level would."""
    chosen = load_level(level) if isinstance(level, str) else level
    return replay(page, sample_shot(chosen, rng), px_per_mm)


def replay(page: Picture, shot: Shot, px_per_mm: float = PRINT_PX_PER_MM) -> Photo:
    """The photo that these parameters make of a page: always the same one."""
    if page.ndim != 3 or page.shape[2] != 3 or page.dtype != np.uint8:
        raise ConfigError(
            f"a page of shape {page.shape}, {page.dtype} was given; expected uint8 RGB [y, x, 3]"
        )
    size_mm = (page.shape[1] / px_per_mm, page.shape[0] / px_per_mm)
    heights = relief(shot, size_mm)
    mapping = _mapping(shot, size_mm, px_per_mm, heights)
    picture = _on_paper(page, shot, px_per_mm)
    if shot.view is not None or heights is not None:
        picture = _project_page(picture, mapping, shot, px_per_mm)
    picture = _lit(picture, shot, mapping, size_mm, heights)
    photo_px_per_mm = shot.view.px_per_mm if shot.view else px_per_mm
    picture, mapping = _developed(picture, shot, mapping, photo_px_per_mm)
    corners = np.array([(0, 0), (size_mm[0], 0), size_mm, (0, size_mm[1])], np.float64)
    return Photo(picture, shot, mapping.to_photo(corners).astype(np.float32), mapping)


def relief(shot: Shot, size_mm: tuple[float, float]) -> Heights | None:
    """The page's heights over the desk on the lattice; None where it lies flat."""
    parts = []
    if shot.curl:
        parts.append(curl_heights(shot.curl, size_mm))
    if shot.crease:
        parts.append(crease_heights(shot.crease, size_mm))
    if shot.crumple:
        parts.append(crumple_heights(shot.crumple, size_mm))
    return np.sum(parts, axis=0, dtype=np.float32) if parts else None


def _mapping(shot: Shot, size_mm: tuple[float, float], px_per_mm: float, heights: Heights | None) -> PageMap:
    view = shot.view or View(0.0, ((0.0, 0.0),) * 4, px_per_mm, (0.0, 0.0, 0.0, 0.0))
    matrix, frame_px = place(view, size_mm)
    if heights is None:
        x, y = lattice(size_mm)
        moved = np.zeros((y.shape[0], x.shape[1], 2), np.float32)
    else:
        moved = displacement(heights, size_mm)
    return page_map(matrix, frame_px, moved)


def _on_paper(page: Picture, shot: Shot, px_per_mm: float) -> Picture:
    """What happened to the paper before the photo."""
    if shot.toner:
        page = apply_toner(page, shot.toner, px_per_mm)
    if shot.handwriting:
        page = apply_handwriting(page, shot.handwriting, px_per_mm)
    if shot.stain:
        page = apply_stain(page, shot.stain, px_per_mm)
    return page


def _project_page(page: Picture, mapping: PageMap, shot: Shot, px_per_mm: float) -> Picture:
    """The page through the lens, on its desk."""
    view_px_per_mm = shot.view.px_per_mm if shot.view else px_per_mm
    shrink = min(1.0, view_px_per_mm / px_per_mm)
    if shrink < 0.9:  # else thin lines would fall between the samples
        page = np.asarray(
            cv2.resize(page, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA), np.uint8
        )
        px_per_mm *= shrink
    at = mapping.full() * np.float32(px_per_mm) - np.float32(0.5)
    maps = cv2.convertMaps(at, None, cv2.CV_16SC2)
    seen = cv2.remap(page, *maps, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    white = np.full(page.shape[:2], 255, np.uint8)
    alpha = cv2.remap(white, *maps, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0)
    ground = background(shot.desk or SCANNER, mapping.frame_px)
    return lay_on(np.asarray(seen, np.uint8), np.asarray(alpha, np.uint8), ground)


def _lit(
    picture: Picture, shot: Shot, mapping: PageMap, size_mm: tuple[float, float], heights: Heights | None
) -> Picture:
    """The picture under the room's light, computed at the map's nodes."""
    if shot.gradient is None and shot.shadow is None and heights is None:
        return picture
    rows, columns = mapping.nodes_mm.shape[:2]
    x = ((np.arange(columns, dtype=np.float32) - 0.5) * STEP_PX / mapping.frame_px[0])[None, :]
    y = ((np.arange(rows, dtype=np.float32) - 0.5) * STEP_PX / mapping.frame_px[1])[:, None]
    light = np.ones((rows, columns), np.float32)
    if shot.gradient:
        light *= gradient_light(shot.gradient, x, y)
    if shot.shadow:
        light *= shadow_light(shot.shadow, x, y)
    if heights is not None:
        shade = shading(heights, shot.light_deg)
        at = mapping.nodes_mm / np.float32(NODE_MM)
        light *= cv2.remap(shade, at, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=1.0)
    return _multiply(picture, light)


def _multiply(picture: Picture, light: npt.NDArray[np.float32]) -> Picture:
    """The picture times the light of its nodes, in bytes: 128 is light 1."""
    size = (light.shape[1] * STEP_PX, light.shape[0] * STEP_PX)
    coarse = np.clip(light * 128, 0, 255).astype(np.float32)
    dense = cv2.resize(coarse, size, interpolation=cv2.INTER_LINEAR)
    cut = dense[STEP_PX : STEP_PX + picture.shape[0], STEP_PX : STEP_PX + picture.shape[1]]
    level = cv2.convertScaleAbs(cut)
    return np.asarray(cv2.multiply(picture, cv2.merge([level] * 3), scale=1 / 128), np.uint8)


def _developed(picture: Picture, shot: Shot, mapping: PageMap, px_per_mm: float) -> tuple[Picture, PageMap]:
    """Lens, sensor and file."""
    picture, mapping = _cropped(picture, mapping, shot.crop) if shot.crop else (picture, mapping)
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


def _cropped(picture: Picture, mapping: PageMap, crop: Crop) -> tuple[Picture, PageMap]:
    left, top, right, bottom = crop_box(crop, (picture.shape[1], picture.shape[0]))
    cut = np.ascontiguousarray(picture[top:bottom, left:right])
    return cut, replace(mapping, offset_px=(float(left), float(top)))

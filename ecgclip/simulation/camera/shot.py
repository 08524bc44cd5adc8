"""`Shot`: every parameter of one photo, recorded; `Level`: how often and how strongly each artefact comes."""

from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np

from ecgclip.config import PACKAGED, load_config
from ecgclip.errors import ConfigError
from ecgclip.simulation.camera.blur import Blur, sample_blur
from ecgclip.simulation.camera.cover import Cover, sample_cover
from ecgclip.simulation.camera.crease import Crease, sample_crease
from ecgclip.simulation.camera.crop import Crop, sample_crop
from ecgclip.simulation.camera.crumple import Crumple, sample_crumple
from ecgclip.simulation.camera.curl import Curl, sample_curl
from ecgclip.simulation.camera.desk import SCANNER, Desk, sample_desk
from ecgclip.simulation.camera.downscale import Downscale, sample_downscale
from ecgclip.simulation.camera.gradient import Gradient, sample_gradient
from ecgclip.simulation.camera.handwriting import Handwriting, sample_handwriting
from ecgclip.simulation.camera.jpeg import Jpeg, sample_jpeg
from ecgclip.simulation.camera.moire import Moire, sample_moire
from ecgclip.simulation.camera.noise import Noise, sample_noise
from ecgclip.simulation.camera.shadow import Shadow, sample_shadow
from ecgclip.simulation.camera.stain import Stain, sample_stain
from ecgclip.simulation.camera.tone import Tone, sample_tone
from ecgclip.simulation.camera.toner import Toner, sample_toner
from ecgclip.simulation.camera.view import View, sample_view

Chance = tuple[float, float]
"""Probability and strength of an artefact."""
NEVER: Chance = (0.0, 0.0)


@dataclass(frozen=True)
class Level:
    """How a camera behaves; the fields after `desk` are probability and strength.

    perspective: largest jitter of a corner as a share of the page's side; margin: room around the page;
    turned: chance of a quarter or half turn; desk: chance of a desk, else a scanner's white lid.
    view False leaves the page as it was drawn: no frame, no turn, no resampling.
    """

    view: bool = True
    rotation_deg: float = 0.0
    perspective: float = 0.0
    turned: float = 0.0
    px_per_mm: tuple[float, float] = (7.0, 8.0)
    margin: float = 0.0
    desk: float = 0.0
    toner: Chance = NEVER
    handwriting: Chance = NEVER
    stain: Chance = NEVER
    cover: Chance = NEVER
    curl: Chance = NEVER
    crease: Chance = NEVER
    crumple: Chance = NEVER
    gradient: Chance = NEVER
    shadow: Chance = NEVER
    moire: Chance = NEVER
    tone: Chance = NEVER
    crop: Chance = NEVER
    blur: Chance = NEVER
    noise: Chance = NEVER
    downscale: Chance = NEVER
    jpeg: float = 0.0
    jpeg_quality: tuple[int, int] = (25, 95)


@dataclass(frozen=True)
class Shot:
    """What happened to one page; None did not happen. `replay` makes the same photo of it again."""

    view: View | None = None
    desk: Desk | None = None
    toner: Toner | None = None
    handwriting: Handwriting | None = None
    stain: Stain | None = None
    cover: Cover | None = None
    curl: Curl | None = None
    crease: Crease | None = None
    crumple: Crumple | None = None
    light_deg: float = 0.0
    gradient: Gradient | None = None
    shadow: Shadow | None = None
    moire: Moire | None = None
    tone: Tone | None = None
    crop: Crop | None = None
    blur: Blur | None = None
    noise: Noise | None = None
    downscale: Downscale | None = None
    jpeg: Jpeg | None = None


def level_names() -> tuple[str, ...]:
    """The shipped levels: the graded S0 to S4, `phone` and `train`."""
    return tuple(sorted(file.stem for file in (PACKAGED / "render" / "camera").glob("*.toml")))


def load_level(name: str) -> Level:
    """A shipped level by name, or one from a TOML file.

    >>> load_level("S1").rotation_deg
    2.0
    """
    if name.endswith(".toml"):
        return load_config(name, Level)
    if name not in level_names():
        near = get_close_matches(name, level_names(), n=1, cutoff=0.3)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise ConfigError(f"there is no camera level {name!r}; {hint}Known are {', '.join(level_names())}")
    return load_config(f"render/camera/{name}.toml", Level)


def sample_shot(level: Level, rng: np.random.Generator) -> Shot:
    """One photo's parameters."""
    return Shot(
        view=_view(level, rng) if level.view else None,
        desk=(sample_desk(rng) if rng.random() < level.desk else SCANNER) if level.view else None,
        toner=sample_toner(rng, level.toner[1]) if _comes(level.toner, rng) else None,
        handwriting=sample_handwriting(rng, level.handwriting[1]) if _comes(level.handwriting, rng) else None,
        stain=sample_stain(rng, level.stain[1]) if _comes(level.stain, rng) else None,
        cover=sample_cover(rng, level.cover[1]) if _comes(level.cover, rng) else None,
        curl=sample_curl(rng, level.curl[1]) if _comes(level.curl, rng) else None,
        crease=sample_crease(rng, level.crease[1]) if _comes(level.crease, rng) else None,
        crumple=sample_crumple(rng, level.crumple[1]) if _comes(level.crumple, rng) else None,
        light_deg=float(rng.uniform(0, 360)),
        gradient=sample_gradient(rng, level.gradient[1]) if _comes(level.gradient, rng) else None,
        shadow=sample_shadow(rng, level.shadow[1]) if _comes(level.shadow, rng) else None,
        moire=sample_moire(rng, level.moire[1]) if _comes(level.moire, rng) else None,
        tone=sample_tone(rng, level.tone[1]) if _comes(level.tone, rng) else None,
        crop=sample_crop(rng, level.crop[1]) if _comes(level.crop, rng) else None,
        blur=sample_blur(rng, level.blur[1]) if _comes(level.blur, rng) else None,
        noise=sample_noise(rng, level.noise[1]) if _comes(level.noise, rng) else None,
        downscale=sample_downscale(rng, level.downscale[1]) if _comes(level.downscale, rng) else None,
        jpeg=sample_jpeg(rng, level.jpeg_quality) if rng.random() < level.jpeg else None,
    )


def _view(level: Level, rng: np.random.Generator) -> View:
    return sample_view(
        rng, level.rotation_deg, level.perspective, level.px_per_mm, level.margin, level.turned
    )


def _comes(chance: Chance, rng: np.random.Generator) -> bool:
    return bool(rng.random() < chance[0])

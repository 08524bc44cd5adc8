"""`Design`: every parameter of one print, recorded; the same design draws a record the same way again."""

from dataclasses import dataclass, replace

import numpy as np

from ecgclip.simulation.prints.arrangement import Arrangement, sample_arrangement
from ecgclip.simulation.prints.chance import comes
from ecgclip.simulation.prints.crop import Crop, sample_crop
from ecgclip.simulation.prints.disturbed import Disturbed, sample_disturbed
from ecgclip.simulation.prints.extras import Extra, sample_extras
from ecgclip.simulation.prints.filters import Filters, sample_filters
from ecgclip.simulation.prints.grid import Grid, sample_grid
from ecgclip.simulation.prints.header import Head, sample_head
from ecgclip.simulation.prints.makers import Maker, sample_maker
from ecgclip.simulation.prints.marks import Marks, sample_marks
from ecgclip.simulation.prints.names import Names, Place, sample_names
from ecgclip.simulation.prints.page import Page, sample_page
from ecgclip.simulation.prints.placing import Panel, place
from ecgclip.simulation.prints.pulses import Pulses, Where, sample_pulses
from ecgclip.simulation.prints.scale import Scale, sample_scale
from ecgclip.simulation.prints.surface import Surface, sample_surface
from ecgclip.simulation.prints.trace import Trace, sample_trace
from ecgclip.simulation.prints.wishes import adjusted
from ecgclip.simulation.prints.words import Settings, sample_settings


@dataclass(frozen=True)
class Design:
    """What was drawn for each idea of a print; `maker` is the name of the family it follows, or `any`."""

    maker: str
    arrangement: Arrangement
    scale: Scale
    page: Page
    panels: tuple[Panel, ...]
    disturbed: Disturbed
    filters: Filters
    grid: Grid
    trace: Trace
    pulses: Pulses
    marks: Marks
    names: Names
    settings: tuple[Settings, ...]
    head: Head
    extras: tuple[Extra, ...]
    crop: Crop | None
    surface: Surface


def sample_design(rng: np.random.Generator, duration_s: float) -> Design:
    """A print of a record that lasts `duration_s`."""
    maker = sample_maker(rng)
    plan, scale = _plan(rng, maker), sample_scale(rng, maker.speeds)
    pulses = adjusted(sample_pulses(rng, scale, plan.narrow), maker.pulses, rng)
    between = pulses.where is Where.COLUMNS
    if between:
        plan = replace(plan, gap_mm=max(plan.gap_mm, pulses.zone_mm[0]))
    page = sample_page(rng, plan, scale, pulses.zone_mm, maker.pages, maker.pitch)
    return Design(
        maker=maker.name,
        arrangement=plan,
        scale=scale,
        page=page,
        panels=place(rng, plan, page, scale, duration_s, apart=between and comes(rng, 0.2)),
        disturbed=sample_disturbed(rng),
        filters=sample_filters(rng),
        grid=adjusted(sample_grid(rng, page), maker.grid, rng),
        trace=adjusted(sample_trace(rng, page.pitch), maker.trace, rng),
        pulses=pulses,
        marks=adjusted(sample_marks(rng), maker.marks, rng),
        names=_names(rng, maker, page.pitch, pulses.zone_mm[0] if len(plan.columns) == 1 else 0.0),
        settings=sample_settings(rng, page, scale),
        head=sample_head(rng, page, maker.head),
        extras=sample_extras(rng, page),
        crop=sample_crop(rng, page),
        surface=sample_surface(rng),
    )


def _plan(rng: np.random.Generator, maker: Maker) -> Arrangement:
    """An arrangement; the maker's columns where it has as many."""
    plan = sample_arrangement(rng, maker.layouts)
    wished = adjusted(plan, maker.arrangement, rng)
    return wished if len(wished.columns) == len(plan.columns) else plan


def _names(rng: np.random.Generator, maker: Maker, pitch_mm: float, pulse_mm: float) -> Names:
    """Names as the maker sets and spells them; those left of a trace stand before its pulse, too."""
    names = sample_names(rng, pitch_mm)
    lettering = adjusted(names.lettering, maker.lettering, rng)
    spelling = adjusted(names.spelling, maker.spelling, rng)
    names = adjusted(replace(names, lettering=lettering, spelling=spelling), maker.names, rng)
    return replace(names, dx=names.dx - pulse_mm) if names.place is Place.LEFT else names

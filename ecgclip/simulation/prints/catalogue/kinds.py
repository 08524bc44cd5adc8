"""Kinds of prints that many makers share; lengths in mm."""

from typing import Final

from ecgclip.simulation.prints.catalogue.shared import (
    FOURS,
    LINES,
    PLAIN,
    TIMES,
)
from ecgclip.simulation.prints.grid import GridKind
from ecgclip.simulation.prints.makers import Maker
from ecgclip.simulation.prints.marks import Frame, Separator
from ecgclip.simulation.prints.names import Place
from ecgclip.simulation.prints.pulses import Where
from ecgclip.simulation.prints.typeface import Face
from ecgclip.simulation.prints.wishes import OneOf, Span, Tint

KINDS: Final = (
    Maker(
        "bedside strip",
        1.2,
        layouts={"strips": 1.0},
        grid={
            "kind": OneOf({GridKind.DOTS_IN_SQUARES: 0.7, GridKind.LINES: 0.3}),
            "paper": Tint((249, 251, 249), 2),
            "minor": Tint((205, 207, 205)),
            "major": Tint((155, 157, 155)),
        },
        trace={"width_mm": Span(0.25, 0.45)},
        pulses={"where": OneOf({Where.NONE: 0.8, Where.RIGHT: 0.2})},
        marks={"frame": OneOf({Frame.DARK: 0.6, Frame.NONE: 0.4}), "seconds": OneOf({True: 0.6, False: 0.4})},
        names={"place": OneOf({Place.ON: 0.5, Place.ABOVE: 0.5}), "dx": Span(1, 6)},
        lettering={"face": Face.MONO, "capital_mm": Span(1.8, 2.4)},
    ),
    Maker(
        "green, old",
        0.7,
        grid={
            **LINES,
            "paper": OneOf({Tint((243, 241, 226)): 0.6, Tint((214, 235, 219)): 0.4}),
            "minor": OneOf({Tint((204, 221, 197)): 0.6, Tint((180, 227, 195)): 0.4}),
            "major": OneOf({Tint((150, 190, 155)): 0.6, Tint((137, 212, 158)): 0.4}),
        },
        trace={"width_mm": Span(0.35, 0.5)},
        names={"place": Place.BELOW, "dy": Span(-5, -3)},
        lettering={**TIMES, "capital_mm": 1.9},
    ),
    Maker(
        "hot stylus",
        0.8,
        layouts={"strips": 0.5, "narrow": 0.2, "3x4": 0.3},
        grid={
            **LINES,
            "paper": OneOf({Tint((234, 219, 206)): 0.5, Tint((243, 231, 231)): 0.5}),
            "minor": OneOf({Tint((205, 150, 130)): 0.5, Tint((185, 170, 168)): 0.5}),
            "major": OneOf({Tint((198, 108, 78)): 0.5, Tint((154, 135, 137)): 0.5}),
            "minor_mm": 0.13,
            "major_mm": 0.23,
        },
        trace={
            "width_mm": Span(0.45, 0.65),
            "stylus": Span(0.5, 1.0),
            "step_mm": 0.0,
            "strength": Span(0.7, 1.0),
        },
        pulses={"rounded": OneOf({True: 0.4, False: 0.6})},
        lettering={"face": OneOf({Face.TYPEWRITER: 0.6, Face.COURIER: 0.4}), "bitmap_px": 0},
    ),
    Maker(
        "event recorder PDF",
        0.8,
        layouts={"strips": 0.7, "6x1": 0.3},
        pages={"A4": 0.6, "Letter": 0.4},
        grid={
            **LINES,
            "paper": (255, 255, 255),
            "major": OneOf({Tint((215, 215, 215)): 0.5, Tint((245, 190, 190)): 0.5}),
        },
        trace={"rgb": OneOf({(0, 0, 0): 0.6, (200, 20, 40): 0.4}), "step_mm": 0.0},
        pulses={"where": OneOf({Where.NONE: 0.5, Where.LEFT: 0.5})},
        marks={"separator": Separator.NONE, "frame": Frame.NONE},
        lettering=PLAIN,
        spelling={"limb": OneOf({"Lead": 0.5, "D": 0.2, "": 0.3})},
    ),
    Maker(
        "programs",
        2.0,
        layouts=FOURS | {"6x2": 0.1, "12x1": 0.1},
        pages={"screen": 0.7, "Letter": 0.3},
        pitch=(29, 36),
        grid={
            "kind": OneOf({GridKind.LINES: 0.8, GridKind.LARGE_ONLY: 0.2}),
            "major": OneOf(
                {
                    (255, 22, 21): 0.3,
                    (212, 61, 26): 0.2,
                    Tint((190, 110, 90)): 0.2,
                    Tint((110, 140, 210)): 0.1,
                    Tint((110, 180, 120)): 0.1,
                    Tint((130, 130, 130)): 0.1,
                }
            ),
            "minor_mm": 0.18,
            "major_mm": 0.18,
        },
        trace={"width_mm": Span(0.2, 0.28), "step_mm": 0.0},
        pulses={"where": OneOf({Where.LEFT: 0.6, Where.NONE: 0.4})},
        marks={
            "separator": OneOf({Separator.BAR: 0.5, Separator.NONE: 0.3, Separator.FULL: 0.2}),
            "size": (1.0, 10.0),
        },
        names={
            "place": OneOf({Place.BELOW: 0.6, Place.ABOVE: 0.4}),
            "dy": OneOf({Span(-7.5, -4.5): 0.6, Span(5, 9.5): 0.4}),
        },
        lettering={"face": Face.SANS, "capital_mm": Span(2.6, 3.4), "bitmap_px": 0},
    ),
)

"""Settings in words: speed, gain, band and filters, as makers print them."""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from ecgclip.simulation.prints.canvas import Canvas
from ecgclip.simulation.prints.chance import between, comes, pick
from ecgclip.simulation.prints.page import Page
from ecgclip.simulation.prints.printed import Word
from ecgclip.simulation.prints.scale import Scale
from ecgclip.simulation.prints.typeface import Lettering, sample_lettering
from ecgclip.simulation.prints.writing import advance_mm, write

Kind = Literal["speed", "gain", ""]


@dataclass(frozen=True)
class Token:
    """A piece of the line; `kind` is empty of what tells neither speed nor gain; `space` follows it."""

    text: str
    kind: Kind = ""
    value: str = ""
    space: str = " "


@dataclass(frozen=True)
class Settings:
    """One or two lines of tokens, their lettering, and where each starts, in mm."""

    tokens: tuple[Token, ...]
    lettering: Lettering
    x: float
    y: float


_SPEED_LABELS: Final = {
    "": 0.72,
    "Speed:": 0.08,
    "Speed": 0.02,
    "Geschw.:": 0.03,
    "Vorschub": 0.02,
    "Vel:": 0.03,
    "Vel.": 0.02,
    "Velocidad:": 0.02,
    "Velocidade:": 0.01,
    "Vitesse :": 0.02,
    "Vit.": 0.01,
    "Papier": 0.01,
    "Скорость": 0.01,
}
_GAIN_LABELS: Final = {
    "": 0.74,
    "Gain:": 0.08,
    "Gain": 0.02,
    "Scale:": 0.02,
    "Sens.": 0.02,
    "Verst.:": 0.03,
    "Gan.:": 0.02,
    "Ganancia:": 0.01,
    "Ganho:": 0.01,
    "Guad.:": 0.01,
    "Ampl.": 0.03,
    "Усиление": 0.01,
}
_MODELS: Final = (
    "12SL V21",
    "CASE V6.51",
    "V1.03",
    "MAC55 009C",
    "PC ECG 1200",
    "SN 004217",
    "Rev 2.4",
    "R7.5.1",
    "v4.05 b12",
    "Page 1 of 1",
)
_TIMES_TEN: Final = {10.0: "x1", 5.0: "x1/2", 20.0: "x2", 2.5: "x1/4"}


def sample_settings(rng: np.random.Generator, page: Page, scale: Scale) -> tuple[Settings, ...]:
    """None on one page in ten; mostly at the foot, in one line; in pieces far apart on some."""
    if comes(rng, 0.1):
        return ()
    tokens = _line(rng, scale)
    lettering = sample_lettering(rng, 1.5, 3.0)
    foot = page.height - between(rng, 1.5, 6.0)
    head = max(4.0, page.top - between(rng, 0.5, 4.0))
    y = foot if comes(rng, 0.8) else head
    x = max(1.0, page.left + between(rng, -10, 8)) if comes(rng, 0.7) else page.width * between(rng, 0.3, 0.6)
    if comes(rng, 0.15) and len(tokens) > 1:  # each at a place of its own
        step = page.width / (len(tokens) + 1) * between(rng, 0.7, 1.0)
        return tuple(Settings((token,), lettering, x * 0.5 + i * step, y) for i, token in enumerate(tokens))
    return (Settings(tuple(tokens), lettering, x, y),)


def _line(rng: np.random.Generator, scale: Scale) -> list[Token]:
    """Groups of tokens in any order, speed and gain first on most."""
    groups = [_speed(rng, scale), _gains(rng, scale)]
    if comes(rng, 0.3):
        groups.reverse()
    others = [[Token(text)] for text in _others(rng)]
    if comes(rng, 0.25) and others:
        groups = [groups[0], *others[:1], groups[1], *others[1:]]
    elif comes(rng, 0.2):
        groups = others + groups
    else:
        groups += others
    if comes(rng, 0.04):
        groups = [group for group in groups if group[0].kind != "speed"]
    elif comes(rng, 0.04):
        groups = [group for group in groups if not any(token.kind == "gain" for token in group)]
    between_groups = pick(
        rng, {" ": 0.4, "  ": 0.2, "   ": 0.1, ", ": 0.1, "; ": 0.03, " | ": 0.06, "     ": 0.11}
    )
    tokens = []
    for group in groups:
        tokens += group[:-1]
        last = group[-1]
        tokens.append(Token(last.text, last.kind, last.value, between_groups))
    return tokens


def _number(value: float, rng: np.random.Generator) -> str:
    text = f"{value:.1f}" if comes(rng, 0.25) else f"{value:g}"
    return text.replace(".", ",") if comes(rng, 0.08) else text


def _speed(rng: np.random.Generator, scale: Scale) -> list[Token]:
    label = pick(rng, _SPEED_LABELS)
    unit = pick(rng, {"mm/s": 0.8, "mm/sec": 0.17, "мм/с": 0.01, "MM/S": 0.02})
    space = pick(rng, {"": 0.55, " ": 0.45})
    text = _number(scale.speed_mm_s, rng) + space + unit
    token = Token(text, "speed", f"{scale.speed_mm_s:g}")
    return [Token(label), token] if label else [token]


def _gains(rng: np.random.Generator, scale: Scale) -> list[Token]:
    unit = pick(rng, {"mm/mV": 0.9, "mm/mv": 0.06, "MM/MV": 0.02, "мм/мВ": 0.02})
    space = pick(rng, {"": 0.5, " ": 0.5})
    limb, chest = scale.limb_mm_mv, scale.chest_mm_mv
    if scale.apart or comes(rng, 0.06):
        if comes(rng, 0.5):
            names = pick(rng, {("Limb:", "Chest:"): 0.7, ("Ext.", "V"): 0.1, ("Limb", "V"): 0.2})
            first = Token(_number(limb, rng) + space + unit, "gain", f"{limb:g}")
            second = Token(_number(chest, rng) + space + unit, "gain", f"{chest:g}")
            return [Token(names[0]), first, Token(names[1]), second]
        if scale.apart:
            return [
                Token(f"{limb:g}", "gain", f"{limb:g}", ""),
                Token("/", space=""),
                Token(f"{chest:g}{space}{unit}", "gain", f"{chest:g}"),
            ]
    if comes(rng, 0.05) and limb in _TIMES_TEN:
        text = _TIMES_TEN[limb] + (".0" if limb >= 10 and comes(rng, 0.4) else "")
        return [Token(text, "gain", f"{limb:g}")]
    label = pick(rng, _GAIN_LABELS)
    token = Token(_number(limb, rng) + space + unit, "gain", f"{limb:g}")
    return [Token(label), token] if label else [token]


def _others(rng: np.random.Generator) -> list[str]:
    """Band, mains, muscle filter, rate, model: traps for who reads a speed in `50 Hz`."""
    found = []
    if comes(rng, 0.72):
        found.append(_band(rng))
    if comes(rng, 0.45):
        found.append(_mains(rng))
    if comes(rng, 0.2):
        found.append(
            pick(
                rng,
                {"ADS": 1, "EMG 25Hz": 1, "BDR 20 Hz": 1, "TP 40Hz": 1, "LP 35 Hz": 1, "off": 0.5, "D": 0.3},
            )
        )
    if comes(rng, 0.15):
        found.append(f"{int(rng.integers(38, 150))}{pick(rng, {' bpm': 0.6, 'bpm': 0.2, '/min': 0.2})}")
    if comes(rng, 0.25):
        found.append(_MODELS[int(rng.integers(len(_MODELS)))])
    if comes(rng, 0.1):
        found.append(pick(rng, {"STD": 1, "CAL": 1, "4 by 2.5s + 1 rhythm ld": 1, "Auto": 1, "Manual": 0.7}))
    return found


def _band(rng: np.random.Generator) -> str:
    low = pick(
        rng, {"0.05": 0.4, "0.5": 0.15, "0.15": 0.15, "0.16": 0.1, "0.01": 0.1, ".05": 0.06, "0,05": 0.04}
    )
    high = pick(rng, {"40": 0.35, "35": 0.1, "25": 0.1, "100": 0.2, "150": 0.25})
    dash = pick(rng, {"-": 0.6, " - ": 0.2, "~": 0.2})
    unit = pick(rng, {"Hz": 0.5, " Hz": 0.5})
    if comes(rng, 0.2):
        return high + unit
    return low + (unit if comes(rng, 0.15) else "") + dash + high + unit


def _mains(rng: np.random.Generator) -> str:
    hertz = pick(rng, {"50": 0.65, "60": 0.35})
    form = pick(
        rng,
        {"{}Hz": 0.3, "{} Hz": 0.2, "{}~": 0.1, "AC:{}Hz": 0.1, "AC{}": 0.1, "F {}": 0.07, "AC {}Hz": 0.13},
    )
    return form.format(hertz)


def draw_settings(canvas: Canvas, settings: tuple[Settings, ...]) -> tuple[Word, ...]:
    """Write the lines, in place; return the words of speed and gain."""
    words = []
    for line in settings:
        x = line.x
        for token in line.tokens:
            box = write(canvas.text, token.text, line.lettering, x, line.y)
            if token.kind and box is not None:
                words.append(Word(token.kind, token.value, box))
            x += advance_mm(token.text + token.space, line.lettering)
    return tuple(words)

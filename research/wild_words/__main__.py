"""Which words the sheet network sees on real pictures, beside the names that their layouts should show.

python -m research.wild_words FOLDER/wild.csv [--graph sheet.onnx] [--out FOLDER] [--only TEXT]

The table needs the columns file, kind, vendor, layout and speed_gain; pictures lie beside it. A name is right
where it is one of the leads of the layout, once for each lead; the overlay shows beside which trace it is.
"""

import argparse
import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from ecgclip.errors import EcgClipError
from ecgclip.photo.flat.flat_sheet import lay_flat
from ecgclip.photo.flat.network import SheetNetwork, SheetReading, read_within, shipped_network
from ecgclip.photo.flat.paper_map import FLAT_PX_PER_MM
from ecgclip.photo.grid.page_outline import page_outline
from ecgclip.photo.loading.illumination import separate_planes
from ecgclip.photo.loading.load import load
from ecgclip.photo.seen.words import SeenWord, seen_words
from ecgclip.typing import Rgb, Uint8s
from ecgclip.units import LEADS


@dataclass(frozen=True)
class Row:
    """What was seen on one picture; expected: leads of the layout, None where it does not say."""

    file: str
    kind: str
    vendor: str
    expected: tuple[str, ...]
    settings: tuple[str, ...]
    words: tuple[SeenWord, ...]

    @property
    def leads(self) -> set[str]:
        return {"aVR" if word.value == "-aVR" else word.value for word in self.words if word.kind == "lead"}

    @property
    def found(self) -> int:
        return len(self.leads & set(self.expected))

    @property
    def false(self) -> int:
        return len(self.leads - set(self.expected))

    @property
    def settings_found(self) -> tuple[bool, bool]:
        """Whether the right speed and the right gain are among the words."""
        seen = {(word.kind, word.value) for word in self.words}
        speed, gain = self.settings
        return ("speed", speed) in seen, ("gain", gain) in seen


def expected_leads(layout: str) -> tuple[str, ...]:
    """The leads of a layout as the table writes it, such as `3x4+1R(II)` or `6x1 limb leads`."""
    if layout.startswith(("3x4", "6x2", "12x1")):
        return LEADS
    if layout.startswith("6x1"):
        return LEADS[:6] if "limb" in layout else LEADS[6:]
    return ()


def read_picture(path: Path, network: SheetNetwork) -> tuple[SheetReading, Uint8s] | None:
    """The reading of the upright sheet and its planes; None where there is no grid."""
    picture = load(path)
    planes = separate_planes(picture.rgb)
    flat = lay_flat(planes, page_outline(picture.rgb))
    if flat is None:
        return None
    turns = int(np.argmax(flat.votes))
    drawn = np.ascontiguousarray(np.rot90(flat.planes, turns, axes=(1, 2)))
    return read_within(network.read_all, drawn, np.ascontiguousarray(np.rot90(flat.mask, turns))), drawn


_HALF_MM: Final = np.array([4.0, 2.5])
"""Half the size of the frame that is drawn around a word."""


def overlay(reading: SheetReading, planes: Uint8s) -> Rgb:
    """The sheet with trace, baselines, pulses, marks, starts (green), stops (red) and words over it."""
    dark = 255 - planes[0] // 2
    picture = np.stack([dark] * 3, axis=-1).astype(np.float32)
    size = dark.shape[::-1]
    tints = (
        (reading.trace, (0, 0, 0)),
        (reading.mark, (0, 170, 190)),
        (reading.pulse, (190, 0, 190)),
        (reading.baseline, (90, 120, 255)),
        (reading.start, (0, 150, 0)),
        (reading.stop, (230, 0, 0)),
    )
    for chance, tint in tints:
        full = cv2.resize(chance, (chance.shape[1] * dark.shape[0] // chance.shape[0], dark.shape[0]))
        full = cv2.resize(full, size)[..., None] * np.float32(0.8)
        picture = picture * (1 - full) + full * np.array(tint, np.float32)
    drawn = np.clip(picture, 0, 255).astype(np.uint8)
    for word in seen_words(reading.words):
        middle, half = np.array([word.x_mm, word.y_mm]), _HALF_MM
        low, high = (np.round((middle + off) * FLAT_PX_PER_MM).astype(int).tolist() for off in (-half, half))
        cv2.rectangle(drawn, low, high, (230, 110, 0), 1)
        text = f"{word.value} {word.chance:.2f}"
        cv2.putText(drawn, text, (low[0], low[1] - 3), 0, 0.45, (200, 60, 0), 1, cv2.LINE_AA)
    return drawn


def rows_of(table: Path, network: SheetNetwork, out: Path | None, only: str) -> Iterable[Row]:
    with table.open(newline="") as file:
        entries = [entry for entry in csv.DictReader(file) if only in entry["file"]]
    for entry in entries:
        expected = expected_leads(entry["layout"])
        if entry["kind"] == "not-ecg" or not expected:
            continue
        speed, _, gain = entry["speed_gain"].partition("/")
        words: tuple[SeenWord, ...] = ()
        try:
            found = read_picture(table.parent / entry["file"], network)
        except EcgClipError:
            found = None
        if found is not None:
            words = seen_words(found[0].words)
            if out is not None:
                picture = cv2.cvtColor(overlay(*found), cv2.COLOR_RGB2BGR)
                cv2.imwrite(str(out / f"{Path(entry['file']).stem}.png"), picture)
        yield Row(entry["file"], entry["kind"], entry["vendor"], expected, (speed, gain), words)


def summary(rows: list[Row]) -> str:
    """By maker: leads found of those expected, other leads seen, sheets with the right speed and gain."""
    lines = []
    for vendor in [*sorted({row.vendor for row in rows}), "all"]:
        some = [row for row in rows if vendor in (row.vendor, "all")]
        found, total = sum(row.found for row in some), sum(len(row.expected) for row in some)
        speeds, gains = (sum(row.settings_found[part] for row in some) for part in (0, 1))
        other = sum(row.false for row in some)
        lines.append(
            f"{vendor[:40]:40} n {len(some):3} leads {found / total:.3f} others {other:3} "
            f"speed {speeds} gain {gains}"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("table", type=Path)
    parser.add_argument("--graph", type=Path, help="of a sheet reader; without it the shipped one")
    parser.add_argument("--out", type=Path, help="folder for overlays")
    parser.add_argument("--only", default="", help="read only files with this in their name")
    args = parser.parse_args()
    network = SheetNetwork(args.graph) if args.graph else shipped_network()
    if args.out:
        args.out.mkdir(parents=True, exist_ok=True)
    rows = []
    for row in rows_of(args.table, network, args.out, args.only):
        rows.append(row)
        missing = sorted(set(row.expected) - row.leads, key=LEADS.index)
        print(
            f"{row.file[:44]:44} {row.found:2} of {len(row.expected):2}, missing {' '.join(missing) or '-'}"
        )
    print(summary(rows))


if __name__ == "__main__":
    main()

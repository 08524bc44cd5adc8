"""Orientation: whether real pictures are read upright, whichever quarter turn they are given."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

from ecgclip.evaluation.bootstrap import Interval, wilson_interval
from ecgclip.evaluation.photos.deviation import UPRIGHT_DEG
from ecgclip.evaluation.photos.outcome import Reading

QUARTERS: Final = (0, 90, 180, 270)
SAME_DEG: Final = 5.0
"""A turned copy must be read turned by just as much: within this of the unturned picture's reading."""


@dataclass(frozen=True)
class QuarterTurns:
    """One accepted picture in its four quarter turns.

    rotations_deg: what the reader undid after each clockwise quarter turn; None where it was refused.
    stored_turn_deg: the turn of the print in the file, clockwise.
    """

    photo: str
    stored_turn_deg: int
    rotations_deg: tuple[float | None, float | None, float | None, float | None]

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Undoes `asdict`."""
        a, b, c, d = values["rotations_deg"]
        return cls(values["photo"], values["stored_turn_deg"], (a, b, c, d))

    @property
    def right(self) -> tuple[bool, ...]:
        """Per turn: upright, and the same as the unturned reading but for the turn."""
        first = self.rotations_deg[0]
        return tuple(
            found is not None
            and first is not None
            and abs(signed_deg(found - self.stored_turn_deg - turn)) < UPRIGHT_DEG
            and abs(signed_deg(found - first - turn)) < SAME_DEG
            for turn, found in zip(QUARTERS, self.rotations_deg, strict=True)
        )


def signed_deg(angle_deg: float) -> float:
    """The angle in -180..180.

    >>> signed_deg(270.0)
    -90.0
    """
    return (angle_deg + 180) % 360 - 180


def read_turns(
    take: Callable[[int], Reading], first: Reading, photo: str, stored_turn_deg: int
) -> QuarterTurns:
    """Read the other turns of a picture whose first reading is known; take: reads it turned by degrees."""
    others = [take(turn) for turn in QUARTERS[1:]]
    a, b, c, d = (r.rotation_deg if r.query_input else None for r in [first, *others])
    return QuarterTurns(photo, stored_turn_deg, (a, b, c, d))


@dataclass(frozen=True)
class OrientationScores:
    """Share of the accepted pictures that are read right in all their turns; a refused turn is wrong.

    right: over pictures, since the turns of one are no four independent trials. turns: how many were read.
    """

    pictures: int
    turns: int
    right: Interval
    wrong: tuple[str, ...]


def orientation_scores(turns: Sequence[QuarterTurns]) -> OrientationScores:
    marks = [all(picture.right) for picture in turns]
    wrong = [
        f"{picture.photo} turned {turn}: " + ("refused" if found is None else f"read at {found:.0f}")
        for picture in turns
        for turn, found, right in zip(QUARTERS, picture.rotations_deg, picture.right, strict=True)
        if not right
    ]
    return OrientationScores(
        len(turns), len(turns) * len(QUARTERS), wilson_interval(sum(marks), len(marks)), tuple(wrong)
    )

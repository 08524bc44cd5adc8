"""From the heart's dipole to the twelve leads: a lead field in image space.

Axes: x to the patient's left, y to the feet, z to the front. A chest electrode stands in *image space*: in
the direction of its lead vector, nearer for a longer one, so that a dipole at the centre gives exactly
Dower's lead vectors (Dower, Machado, Osborne: On deriving the electrocardiogram from vectorcardiographic
leads. Clin Cardiol 1980;3:87), while one nearer to the front wall speaks louder in the leads above it: the
moving dipole. Limb electrodes are far away and see every dipole from the same direction.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ecgclip.typing import Float32s, Float64s

LIMB: Final[Float64s] = np.array([[0.632, -0.235, -0.059], [0.235, 1.066, 0.132]])
"""Lead vectors of I and II, mV per unit dipole."""
CHEST: Final[Float64s] = np.array(
    [
        [-0.515, 0.157, 0.917],
        [0.044, 0.164, 1.387],
        [0.882, 0.098, 1.277],
        [1.213, 0.127, 0.601],
        [1.125, 0.127, 0.086],
        [0.831, 0.076, -0.230],
    ]
)
"""Lead vectors of V1 .. V6, mV per unit dipole."""
BELOW: Final[Float64s] = np.array([0.0, 0.0, 0.0, 0.08, 0.18, 0.25])
"""V4-V6 stand below the heart's level: they see its downward force (y), and so an R in a steep heart and
an S in left anterior block; Dower's vectors, fitted to level hearts, have nearly none of it.
"""
AVF: Final[Float64s] = LIMB[1] - LIMB[0] / 2


@dataclass(frozen=True)
class Chest:
    """Where one patient's chest electrodes stand in image space, [6, 3]."""

    electrodes: Float64s


def draw_chest(rng: np.random.Generator) -> Chest:
    """Electrodes of one patient: moved along and across the ribs, nearer or farther by build."""
    moved = _along_ribs(float(np.clip(rng.normal(0.0, 0.25), -0.5, 0.5)))
    moved[:, 1] += rng.normal(0.0, 0.06)
    moved += np.stack([-0.4 * BELOW, BELOW, np.zeros(6)], axis=1)
    moved *= np.exp(np.clip(rng.normal(0.0, 0.13), -0.25, 0.2)) * np.exp(rng.normal(0.0, 0.06, (6, 1)))
    return Chest(image_space(moved))


def image_space(lead_vectors: Float64s) -> Float64s:
    """Place the electrode that sees a central dipole by its lead vector, [lead, 3] -> [lead, 3]."""
    strength = np.linalg.norm(lead_vectors, axis=1, keepdims=True)
    return np.asarray(lead_vectors / strength**1.5)


def twelve_leads(eight: Float32s) -> Float32s:
    """I, II, V1 .. V6 -> all twelve, [8, sample] -> [12, sample]; as Einthoven and Goldberger say."""
    one, two = eight[0], eight[1]
    derived = np.stack([one, two, two - one, -(one + two) / 2, one - two / 2, two - one / 2])
    return np.concatenate([derived, eight[2:]])


def frontal_axis_deg(vector: Float64s) -> float:
    """Axis of a dipole in the frontal plane as leads I and aVF show it: 0 to the left, 90 to the feet.

    >>> round(frontal_axis_deg(np.array([1.0, 1.0, 0.0])))
    73
    """
    return float(np.degrees(np.arctan2(AVF @ vector * 2 / np.sqrt(3), LIMB[0] @ vector)))


def rotation(frontal_deg: float, horizontal_deg: float = 0.0) -> Float64s:
    """Turn a dipole clockwise in the frontal plane and to the back in the horizontal plane, [3, 3]."""
    a, b = np.radians(frontal_deg), np.radians(horizontal_deg)
    frontal = np.array([[np.cos(a), -np.sin(a), 0.0], [np.sin(a), np.cos(a), 0.0], [0.0, 0.0, 1.0]])
    horizontal = np.array([[np.cos(b), 0.0, np.sin(b)], [0.0, 1.0, 0.0], [-np.sin(b), 0.0, np.cos(b)]])
    return np.asarray(frontal @ horizontal)


def _along_ribs(steps: float) -> Float64s:
    """Lead vectors with all electrodes moved by so many electrode distances towards V6."""
    places = np.clip(np.arange(6) + steps, -0.3, 5.3)
    index = np.clip(places.astype(int), 0, 4)
    share = (places - index)[:, None]
    return np.asarray(CHEST[index] * (1 - share) + CHEST[index + 1] * share)

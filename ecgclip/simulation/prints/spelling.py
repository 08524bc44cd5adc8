"""Spellings: what makers print for the name of a lead."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ecgclip.simulation.prints.chance import comes, pick

_LIMB: Final = {"": 0.84, "D": 0.06, "D123": 0.015, "L123": 0.045, "Lead": 0.03, "123": 0.005, "roman": 0.005}
_AUGMENTED: Final = {
    "aVR": 0.74,
    "AVR": 0.17,
    "avR": 0.03,
    "AvR": 0.01,
    "VR": 0.015,
    "aVr": 0.02,
    "avr": 0.015,
}
_CHEST: Final = {"V1": 0.87, "C1": 0.05, "v1": 0.04, "V_1": 0.04}
_MINUS: Final = {"-aVR": 0.8, "(-)aVR": 0.08, "aVR-": 0.06, "-R": 0.03, "\u2212aVR": 0.03}
_ROMAN: Final = {"I": "\u2160", "II": "\u2161", "III": "\u2162"}
_WORDS: Final = {"": 0.965, "Ableitung ": 0.005, "Lead ": 0.02, "derivación ": 0.005, "отведение ": 0.005}


@dataclass(frozen=True)
class Spelling:
    """One maker's: of limb, augmented and chest leads, of -aVR, a word before each, and what follows it."""

    limb: str
    augmented: str
    chest: str
    minus: str
    word: str = ""
    after: str = ""

    def name(self, lead: str) -> str:
        """The printed name; `_` goes before what is set lower."""
        if lead.startswith("-"):
            return self.minus
        if lead.startswith("V"):
            return self.word + self._chest(lead) + self.after
        if lead.startswith("aV"):
            return self.word + self._augmented(lead) + self.after
        return self.word + self._limb(lead) + self.after

    def _limb(self, lead: str) -> str:
        match self.limb:
            case "D":
                return "D" + lead
            case "D123" | "L123":
                return f"{self.limb[0]}{len(lead)}"
            case "Lead":
                return "Lead " + lead
            case "123":
                return str(len(lead))
            case "roman":
                return _ROMAN[lead]
            case _:
                return lead

    def _augmented(self, lead: str) -> str:
        letter = lead[-1]
        sample = self.augmented
        return sample[:-1] + (letter.lower() if sample[-1].islower() else letter)

    def _chest(self, lead: str) -> str:
        sample = self.chest
        return sample[:-1] + lead[1:]


def sample_spelling(rng: np.random.Generator) -> Spelling:
    """Mostly I, aVR, V1."""
    limb = pick(rng, _LIMB)
    augmented = "AVR" if limb in ("L123", "D123") and comes(rng, 0.6) else pick(rng, _AUGMENTED)
    word = pick(rng, _WORDS) if limb == "" else ""
    after = pick(rng, {"": 0.985, ":": 0.008, ".": 0.007})
    return Spelling(limb, augmented, pick(rng, _CHEST), pick(rng, _MINUS), word, after)

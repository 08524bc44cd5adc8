"""Prompts: what the classes are called in reports, `configs/prompts/*.toml`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from ecgclip.config import load_config
from ecgclip.errors import ConfigError
from ecgclip.evaluation.retrieval.baselines.spectrum import unit

Embed = Callable[[Sequence[str]], npt.NDArray[np.float32]]
"""Reports -> unit vectors float32 [report, dim]."""


class Words(StrEnum):
    """Which phrases of a class are averaged."""

    ENGLISH = "english"
    GERMAN = "german"
    BOTH = "english and german"


@dataclass(frozen=True)
class Phrases:
    """One class in words; same: other names that labels have for it."""

    english: tuple[str, ...]
    german: tuple[str, ...]
    same: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.english or not self.german:
            raise ValueError("a class has no phrase in one of the languages; expected one or more in both")

    def of(self, words: Words) -> tuple[str, ...]:
        match words:
            case Words.ENGLISH:
                return self.english
            case Words.GERMAN:
                return self.german
            case Words.BOTH:
                return self.english + self.german


@dataclass(frozen=True)
class Prompts:
    """The classes of one label set."""

    classes: Mapping[str, Phrases] = field(default_factory=dict)


def read_prompts(name: str) -> Prompts:
    """A shipped set (`superclass`, `code six`, ...) or a TOML file; ConfigError where absent or wrong."""
    return load_config(name if name.endswith(".toml") else f"prompts/{name.replace(' ', '_')}.toml", Prompts)


def class_vectors(
    prompts: Prompts, classes: Sequence[str], words: Words, embed: Embed
) -> npt.NDArray[np.float32]:
    """The mean of each class's phrases, brought back to unit norm, float32 [class, dim].

    Errors: ConfigError where a class has no phrases.
    """
    lacking = [name for name in classes if name not in prompts.classes]
    if lacking:
        raise ConfigError(f"no prompts for {', '.join(lacking)}; expected them in the file of this label set")
    phrases = [prompts.classes[name].of(words) for name in classes]
    vectors = embed([phrase for group in phrases for phrase in group])
    ends = np.cumsum([len(group) for group in phrases])[:-1]
    return unit(np.stack([part.mean(axis=0) for part in np.split(vectors, ends)]))

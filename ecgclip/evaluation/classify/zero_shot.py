"""Zero-shot: classes by the cosine between an ECG and phrases for them, without one label.

The phrases, as reports call the classes, are in `configs/prompts/*.toml`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from ecgclip.config import load_config
from ecgclip.errors import ConfigError
from ecgclip.evaluation.classify.auroc import macro_auroc
from ecgclip.evaluation.classify.results import ZeroShot
from ecgclip.evaluation.classify.split import Split
from ecgclip.evaluation.metrics import cosine
from ecgclip.evaluation.retrieval.baselines.spectrum import unit
from ecgclip.typing import Float32s, Floats

Embed = Callable[[Sequence[str]], Float32s]
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


def class_vectors(prompts: Prompts, classes: Sequence[str], words: Words, embed: Embed) -> Float32s:
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


def zero_shot(split: Split, vectors: Floats, embed: Embed) -> Iterator[ZeroShot]:
    """Macro AUROC of every label set by English phrases, German ones and both.

    vectors: unit vectors of the test cases, [case, dim]; embed: reports -> vectors of the same space.
    """
    for words in Words:
        for _, labels in split.pairs:
            classes = class_vectors(read_prompts(labels.name), labels.classes, words, embed)
            scores = cosine(vectors[labels.counted], classes)
            auroc = macro_auroc(labels.truth[labels.counted], [scores], split.weights[:, labels.counted])
            yield ZeroShot(labels.name, words, auroc.interval)

"""`run`: one protocol on one folder, from paths to a report; what `ecgclip evaluate` calls."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final, assert_never

import numpy as np

from ecgclip.errors import ConfigError
from ecgclip.evaluation.classify.results import ClassifyReport
from ecgclip.evaluation.photos.report import PhotosReport
from ecgclip.evaluation.retrieval.corpus import Progress
from ecgclip.evaluation.retrieval.results import RetrievalReport

if TYPE_CHECKING:
    from ecgclip.evaluation.classify.settings import ClassifySettings
    from ecgclip.evaluation.photos.options import PhotoOptions

Report = RetrievalReport | PhotosReport | ClassifyReport
"""All have `.table()` for people and `.to_json()` for machines."""

Models = str | Path | Sequence[str | Path] | None
"""A model folder or name, several of them, or None for the shipped weights."""


class Protocol(StrEnum):
    """What can be evaluated."""

    RETRIEVAL = "retrieval"
    PHOTOS = "photos"
    CLASSIFY = "classify"
    PROBE = "probe"
    ZERO_SHOT = "zero-shot"
    CODE_SIX = "code-six"


READ_BY: Final = {
    "gallery": (Protocol.PHOTOS,),
    "index": (Protocol.PHOTOS,),
    "no-real": (Protocol.PHOTOS,),
    "contact-sheet": (Protocol.PHOTOS,),
    "simulated": (Protocol.PHOTOS, Protocol.CLASSIFY),
    "levels": (Protocol.PHOTOS, Protocol.CLASSIFY),
    "results": (Protocol.PHOTOS, Protocol.CLASSIFY),
    "challenge": (Protocol.CLASSIFY, Protocol.ZERO_SHOT),
    "draws": (Protocol.CLASSIFY, Protocol.PROBE, Protocol.CODE_SIX),
    "signal-network": (Protocol.RETRIEVAL, Protocol.CLASSIFY, Protocol.PROBE, Protocol.CODE_SIX),
}
"""Options and the protocols that read them; the others are read by all."""


def check_options(protocol: Protocol, given: Iterable[str]) -> None:
    """ConfigError for an option of `READ_BY` that the protocol does not read: perhaps another was meant."""
    for name in given:
        if protocol not in READ_BY[name]:
            readers = " or ".join(READ_BY[name])
            raise ConfigError(
                f"--{name} is not read by the protocol {protocol}; expected --protocol {readers}"
            )


def protocol_of(name: str) -> Protocol:
    """The protocol of that name; ConfigError naming the nearest for an unknown one."""
    try:
        return Protocol(name)
    except ValueError:
        near = get_close_matches(name, list(Protocol), n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        *others, last = Protocol
        known = f"{', '.join(others)} or {last}"
        raise ConfigError(f"protocol {name!r} is unknown; expected {known}{hint}") from None


def run(
    protocol: str,
    model: Models,
    data: str | Path,
    *,
    gallery: str | Path | None = None,
    index: str | Path | None = None,
    photos: "PhotoOptions | None" = None,
    classify: "ClassifySettings | None" = None,
    seed: int = 0,
    on_progress: Progress | None = None,
    tell: Callable[[str], None] = lambda words: None,
) -> Report:
    """Evaluate a model (the shipped one where none is given) on `data`.

    retrieval: `data` is a PTB-XL folder; fold 9 asks, folds 1-8 answer. Several models (a recipe's seeds)
    stand side by side with mean and range; the signal network that `classify` names stands beside them.
    photos: `data` holds photos.csv, the photos, and their own records in signals/. The gallery is those and
    the PTB-XL folder `gallery` (default: `ptbxl` beside `data`), built at `index`, or in a temporary folder.
    Simulated photos of its fold 9 are asked as `photos` says. `tell` is given lines about what is done.
    classify: `data` is a PTB-XL folder; probes, neighbours, zero-shot and subgroups as `classify` says.
    probe, zero-shot: these alone; code-six: both, of the six statements nearest to those of CODE.
    Errors: ConfigError for an unknown protocol or a seed below 0, RecordError, ModelError, IndexStoreError.
    """
    if seed < 0:
        raise ConfigError(f"the seed is {seed}; expected 0 or more")
    match protocol_of(protocol):
        case Protocol.RETRIEVAL:
            network = classify.signal_network if classify else None
            return run_retrieval(Path(data), several(model), network, seed, on_progress)
        case Protocol.PHOTOS:
            from ecgclip.evaluation.photos.options import PhotoOptions
            from ecgclip.evaluation.photos.run import run_photos

            folder = Path(data)
            prior = Path(gallery) if gallery is not None else folder.resolve().parent / "ptbxl"
            kept = Path(index) if index is not None else None
            return run_photos(
                folder,
                prior,
                only(model),
                kept,
                photos or PhotoOptions(),
                seed=seed,
                on_progress=on_progress,
                tell=tell,
            )
        case Protocol.CLASSIFY | Protocol.PROBE | Protocol.ZERO_SHOT | Protocol.CODE_SIX as kind:
            from ecgclip.evaluation.classify.run import run_classify
            from ecgclip.evaluation.classify.settings import ClassifySettings

            settings = narrowed(classify or ClassifySettings(), kind)
            report = run_classify(Path(data), only(model), settings, seed=seed, on_progress=on_progress)
            return replace(report, protocol=kind)
        case unknown:
            assert_never(unknown)


def narrowed(settings: "ClassifySettings", protocol: Protocol) -> "ClassifySettings":
    """The settings with what the protocol asks for alone."""
    from ecgclip.evaluation.classify.labels import CODE_SIX_SET
    from ecgclip.evaluation.classify.protocol import Part

    match protocol:
        case Protocol.PROBE:
            return replace(settings, parts=(Part.PROBE,))
        case Protocol.ZERO_SHOT:
            return replace(settings, parts=(Part.ZERO_SHOT,))
        case Protocol.CODE_SIX:
            return replace(settings, parts=(Part.PROBE, Part.ZERO_SHOT), label_sets=(CODE_SIX_SET,))
        case _:
            return settings


def several(model: Models) -> tuple[str | Path | None, ...]:
    """The models as a tuple; (None,) stands for the shipped weights."""
    if model is None or isinstance(model, str | Path):
        return (model,)
    return tuple(model) or (None,)


def only(model: Models) -> str | Path | None:
    """The one model; ConfigError where there are several."""
    models = several(model)
    if len(models) > 1:
        raise ConfigError(f"{len(models)} models were given; expected one: only retrieval compares several")
    return models[0]


def run_retrieval(
    data: Path,
    models: Sequence[str | Path | None],
    signal_network: Path | None,
    seed: int,
    on_progress: Progress | None = None,
) -> RetrievalReport:
    """The retrieval protocol on a PTB-XL folder with its `scp_statements.csv`."""
    from ecgclip.engine.model import load_model
    from ecgclip.evaluation.retrieval.baselines.signal_network import load_signal_features
    from ecgclip.evaluation.retrieval.protocol import ModelMethod, evaluate_retrieval
    from ecgclip.evaluation.statements import FILE_NAME, read_statements
    from ecgclip.records.reading import open_source

    statements = read_statements(data / FILE_NAME)
    names = ["model"] if len(models) == 1 else [str(model or "shipped") for model in models]
    return evaluate_retrieval(
        [ModelMethod(load_model(model), name) for model, name in zip(models, names, strict=True)],
        open_source(data, "ptbxl"),
        statements,
        beside=[load_signal_features(signal_network)] if signal_network else [],
        rng=np.random.default_rng(seed),
        on_progress=on_progress,
    )

"""The comparison: every cell that is not done yet, then the table."""

import time
from collections.abc import Callable, Sequence
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path

import numpy as np
import torch
from timm.models.vision_transformer import VisionTransformer

from ecgclip.config import load_config, save_config
from ecgclip.encoders.settings import ImageTower, ModelConfig
from ecgclip.errors import ConfigError
from ecgclip.records.source import RecordSource
from ecgclip.training.run_folder import Log
from ecgclip.training.sources import prepared_cache
from ecgclip.training.towers.checkpoint import WEIGHTS, load_model
from ecgclip.training.towers.model import image_tower
from ecgclip.typing import Float32s
from research.masked.cells import Beginning, Cell, Way, done, plan, save_scores
from research.masked.finetune import finetuned_scores
from research.masked.labels import Labelled, drawn_rows, labelled, patients
from research.masked.probe import clean_features, ridge_scores
from research.masked.settings import Comparison
from research.masked.table import table

SETTINGS = "comparison.toml"
OF = "start.txt"


def run_comparison(
    config: Comparison,
    sources: Sequence[RecordSource],
    folders: Sequence[Path],
    start: Path,
    out: Path,
    *,
    only_table: bool = False,
) -> str:
    """Train the cells that `out/cells` lacks and return the table.

    start: folder of a pre-trained model; random towers are of the same shape. A killed run resumes with the
    first cell that is missing.
    """
    known = labelled(prepared_cache(sources, out / "cache"), folders)
    check_same(config, start, out)
    cells = plan(config)
    if not only_table:
        fill(cells, Trainer(config, known, start), out, Log(out / "log.txt"))
    valid = known.cache.in_folds([config.valid_fold])
    return table(done(cells, out), known.labels[valid], patients(known.cache, valid), config.seed)


def check_same(config: Comparison, start: Path, out: Path) -> None:
    """Note settings and weights in `out`; ConfigError where the cells there are of others."""
    ModelConfig.load(start)  # tells what is missing
    weights = blake2b((start / WEIGHTS).read_bytes(), digest_size=16).hexdigest()
    if (out / SETTINGS).is_file():
        other = load_config(out / SETTINGS, Comparison) != config
        if other or (out / OF).read_text("utf-8") != weights:
            raise ConfigError(
                f"{out} holds cells of {'other settings' if other else 'other weights'}; give another --out"
            )
    out.mkdir(parents=True, exist_ok=True)
    (out / OF).write_text(weights, "utf-8")
    save_config(config, out / SETTINGS)


def fill(
    cells: Sequence[Cell], score: Callable[[Cell], Float32s], out: Path, log: Callable[[str], object]
) -> None:
    """Score and keep every cell that is missing."""
    for cell in cells:
        path = cell.path(out)
        if not path.is_file():
            began = time.monotonic()
            save_scores(score(cell), path)
            log(f"{path.stem}: {time.monotonic() - began:.0f} s")


class Trainer:
    """Scores of the validation fold for any cell."""

    def __init__(self, config: Comparison, known: Labelled, start: Path) -> None:
        torch.set_num_threads(config.threads)
        self.config, self.known = config, known
        pretrained = load_model(start)[0]
        self.shape: ImageTower = pretrained.config.image
        self.weights = pretrained.image.state_dict()
        self.features = lru_cache(self._features)

    def __call__(self, cell: Cell) -> Float32s:
        rng = cell.rng(self.config.seed)
        rows = drawn_rows(self.known.cache, self.config.folds, cell.percent, rng)
        match cell.way:
            case Way.PROBE:
                features = self.features(cell.beginning)
                valid = self.known.cache.in_folds([self.config.valid_fold])
                return ridge_scores(features[rows], self.known.labels[rows], features[valid])
            case Way.FINETUNE:
                tower = self.tower(cell.beginning, cell.draw)
                return finetuned_scores(tower, self.shape, self.known, rows, self.config, rng)

    def tower(self, beginning: Beginning, draw: int) -> VisionTransformer:
        """A fresh tower; random ones differ from draw to draw, and so does what is drawn in training."""
        torch.manual_seed(self.config.seed + draw)
        tower = image_tower(self.shape)
        if beginning is Beginning.PRETRAINED:
            tower.load_state_dict(self.weights)
        return tower

    def _features(self, beginning: Beginning) -> Float32s:
        """Of all records, [record, width]; the probes of all percentages share one tower."""
        everything = np.arange(len(self.known.cache.rows))
        return clean_features(self.tower(beginning, 0), self.shape, self.known.cache, everything)

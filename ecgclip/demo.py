"""A demonstration on synthetic cases: build an index, photograph a page, query, and draw the best match."""

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ecgclip.engine.answer import Answer
from ecgclip.engine.model import load_model
from ecgclip.engine.query import Engine, open_index
from ecgclip.engine.query_input import QueryInput, read_query
from ecgclip.figures.ink_picture import ink_picture
from ecgclip.figures.picture import save_picture
from ecgclip.figures.side_by_side import Panel, side_by_side
from ecgclip.indexing.build import build_index
from ecgclip.paper.geometry import CANONICAL, CANONICAL_PX_PER_MM
from ecgclip.paper.raster import ink_page
from ecgclip.records.ecg import Ecg
from ecgclip.records.source import RecordSource
from ecgclip.simulation.ecg import SyntheticSource
from ecgclip.typing import Uint8s

PHOTO_LEVEL = "S2"
"""A hand-held photo in fair light: perspective, a shadow, no folds."""
MATCHES = 5
Log = Callable[[str], None]


@dataclass(frozen=True)
class Demo:
    """The answer of a demo, the case that was photographed, and the files that were written."""

    answer: Answer
    case_id: str
    report: str
    index: Path
    photo: Path
    picture: Path


def run_demo(out: str | os.PathLike[str] | None, cases: int, seed: int, log: Log) -> Demo:
    """Index synthetic cases, photograph one of them by the simulated camera, and query by that photo.

    out: a folder (default: `index/demo-run` where there is an `index`, else a temporary one).
    """
    folder = Path(out) if out else _default_folder()
    folder.mkdir(parents=True, exist_ok=True)
    source, rng, model = SyntheticSource(cases, seed), np.random.default_rng(seed), load_model()
    # The name contains the model's hash, so that a demo after an update builds a new index.
    index = folder / f"synthetic-{cases}-{seed}-{model.hash[:8]}"
    log(f"building an index of {cases} synthetic cases in {index} …")
    build_index(source, index, model)
    ecg = source.read(source.ids[int(rng.integers(cases))])
    photo, picture = folder / "photo.jpg", folder / "side-by-side.png"
    log(f"photographing {ecg.case_id} …")
    save_picture(_photograph(ecg, rng), photo)
    query = read_query(photo)
    answer = Engine(model, open_index(index)).answer(query, MATCHES)
    save_picture(_picture(query, answer, source), picture)
    return Demo(answer, ecg.case_id, ecg.report, index, photo, picture)


def _default_folder() -> Path:
    home = Path("index")
    return home / "demo-run" if home.is_dir() else Path(tempfile.mkdtemp(prefix="ecgclip-demo-"))


def _photograph(ecg: Ecg, rng: np.random.Generator) -> Uint8s:
    from ecgclip.paper.render import render
    from ecgclip.simulation.camera import photograph

    return photograph(render(ecg).array, PHOTO_LEVEL, rng).image


def _picture(query: QueryInput, answer: Answer, source: RecordSource) -> Uint8s:
    from PIL import Image

    photo = np.asarray(Image.open(query.input.path or "").convert("RGB"))
    left = Panel("the photo", photo, f"read with confidence {query.input.confidence:.2f}")
    page = Panel("the page that was read from it", ink_picture(query.page.ink), answer.input.layout)
    if not answer.matches:
        return side_by_side(
            left, page, Panel("no match", ink_picture(np.zeros_like(query.page.ink)), answer.input.reason)
        )
    best = answer.matches[0]
    ink = ink_page(source.read(best.case_id.split("/")[1]), CANONICAL, CANONICAL_PX_PER_MM)
    title = f"the most similar prior case: {best.case_id}, score {best.score:.3f}"
    return side_by_side(left, page, Panel(title, ink_picture(ink), best.report))

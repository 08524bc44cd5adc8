"""The comparison of Qiu et al. (ML4H 2023, Table 1) re-run at our size: train, measure, print the table.

    python -m research.qiu.compare PTBXL --out runs/qiu [--rows paper,grid] [--smoke]

Every row is a file in research/qiu/configs/: trained on folds 1-5, measured on the pairs of folds 6-9. A row
that is done is left, a stopped one is resumed: the same command finishes it.
The last four rows learn from a signal network; first

    ecgclip train signal --config research/qiu/configs/teacher.toml --data PTBXL \\
        --out runs/qiu/teacher

and for the last two runs/signal-synthetic, runs/teacher-synthetic and runs/synthetic, in this order and
by the commands of data_cards/model_card.md. A row of pairs is fine-tuned from the row before it.
"""

import argparse
import csv
import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import torch

from ecgclip.config import load_config
from ecgclip.encoders.text import ReportTokenizer
from ecgclip.evaluation.bootstrap import patient_weights
from ecgclip.evaluation.metrics import cosine
from ecgclip.evaluation.tables import aligned
from ecgclip.records.reading import open_source
from ecgclip.training.cache import CACHE_RATE_HZ, SignalCache
from ecgclip.training.contrastive.run import prepared_tokenizer
from ecgclip.training.contrastive.settings import FILE
from ecgclip.training.run_folder import CHECKPOINT, Log, check_settings
from ecgclip.training.sources import prepared_cache
from ecgclip.training.texts import extra_texts
from ecgclip.training.towers.checkpoint import save_model
from research.qiu.model import FusedClip, load_fused
from research.qiu.pairs import Pairs
from research.qiu.scores import chance_rsum, hubness_corrected, judged, pair_figures, reranked
from research.qiu.settings import RowConfig
from research.qiu.training import shaped, train
from research.qiu.views import clean

INPUTS = ("paper", "grid", "rp", "gaf-rp", "gaf", "mtf")
ROWS = (
    *(f"{name}-ours" for name in INPUTS),
    *INPUTS,
    "paper-both",
    "paper-contrast",
    "paper-distilled",
    "paper-pairs",
    "paper-synthetic",
    "paper-synthetic-pairs",
)
"""Every input with this project's losses and with theirs; both; their contrast alone; the whole recipe, and
then each page with its own report alone; the same two starting from synthetic ECGs."""
TRAIN_FOLDS = (1, 2, 3, 4, 5)
TEST_FOLDS = (6, 7, 8, 9)
DEPTH = 32
HOME = Path("runs/qiu")
FIGURES = "pairs.json"
CONFIGS = Path(__file__).with_name("configs")
PUBLISHED = Path(__file__).with_name("published.csv")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("data", type=Path, help="PTB-XL")
    parser.add_argument("--out", type=Path, default=HOME)
    parser.add_argument("--rows", type=lambda text: tuple(text.split(",")), default=ROWS)
    parser.add_argument("--smoke", action="store_true", help="three steps of two blocks: does it fit?")
    args = parser.parse_args()
    torch.set_num_threads(1)  # as the rows' configurations have it: two rows can then share two cores
    cache = prepared_cache([open_source(args.data, "ptbxl")], args.out / "cache")
    cache = few(cache) if args.smoke else cache
    for row in args.rows:
        folder = args.out / row
        train_row(row, args.data, args.out, cache, args.smoke)
        if not (folder / FIGURES).is_file():
            figures = measure(folder / "model", cache)
            (folder / FIGURES).write_text(json.dumps(figures))
    print(table(args.out))


def train_row(row: str, data: Path, out: Path, cache: SignalCache, smoke: bool) -> None:
    """Train one row, or resume it, and write `out/row/model`: torch weights alone, no graphs.

    A row that is there is left; ConfigError where it was trained otherwise than its file says now.
    """
    folder = out / row
    config = with_rows_in(load_config(CONFIGS / f"{row}.toml", RowConfig), out)
    if smoke:
        model = replace(config.model, image=replace(config.model.image, depth=2))
        config = replace(config, epochs=1, batch_size=8, text_batch_size=0, model=model)
    resumed = (folder / CHECKPOINT).is_file()
    texts = extra_texts([data], config.folds)
    reports = cache.reports(config.folds) + [text.text for text in texts]
    tokenizer = prepared_tokenizer(reports, config, folder / "tokenizer.json", resumed)
    config = shaped(config, tokenizer, cache)
    if (folder / "model").is_dir():
        check_settings(config, folder / FILE)
        return
    (folder / FIGURES).unlink(missing_ok=True)
    trained = train(config, cache, tokenizer, folder, texts, resume=resumed, log=Log(folder / "log.txt"))
    save_model(trained, tokenizer, folder / "model", half=True)


def with_rows_in(config: RowConfig, out: Path) -> RowConfig:
    """The row with what it takes from other rows, `runs/qiu/...` in its file, taken from `out`."""

    def found(path: str) -> str:
        return str(out / Path(path).relative_to(HOME)) if Path(path).is_relative_to(HOME) else path

    distillation = replace(config.distillation, teachers=tuple(map(found, config.distillation.teachers)))
    return replace(config, init_from=config.init_from and found(config.init_from), distillation=distillation)


def few(cache: SignalCache, records: int = 24) -> SignalCache:
    """The first records of either side alone."""
    sides = cache.in_folds(TRAIN_FOLDS)[:records], cache.in_folds(TEST_FOLDS)[:records]
    rows = [*sides[0], *sides[1]]
    return SignalCache(cache.signals_mv[rows], tuple(cache.rows[row] for row in rows))


def measure(model_folder: Path, cache: SignalCache) -> dict[str, object]:
    """Figures by the way of ordering: cosine, re-ranked (as by BLIP, by the model's scale), less hubness."""
    model, tokenizer = load_fused(model_folder)
    known = [cache.rows[row] for row in cache.in_folds(TEST_FOLDS)]
    pairs = pairs_of(model, tokenizer, cache, TEST_FOLDS)
    to_report = cosine(pairs.images, pairs.reports)
    ways = {"cosine": (to_report, to_report.T)}
    if model.fusion is not None:
        first = (
            judged(to_report, pairs.report_odds, DEPTH),
            judged(to_report.T, pairs.image_odds, DEPTH),
        )
        for name, scale in (("re-ranked as by BLIP", 1.0), ("re-ranked", pairs.scale)):
            ways[name] = (
                reranked(to_report, scale, first[0]),
                reranked(to_report.T, scale, first[1]),
            )
    images, reports = pairs.images, pairs.reports
    bank = pairs_of(model, tokenizer, cache, TRAIN_FOLDS)
    ways["hubness corrected"] = (
        hubness_corrected(to_report, cosine(bank.images, reports), pairs.scale),
        hubness_corrected(to_report.T, cosine(bank.reports, images), pairs.scale),
    )
    weights = patient_weights([case.patient_id or case.case_id for case in known], np.random.default_rng(0))
    words = [case.report for case in known]
    return {name: asdict(pair_figures(*sides, words, weights)) for name, sides in ways.items()}


def pairs_of(
    model: FusedClip, tokenizer: ReportTokenizer, cache: SignalCache, folds: tuple[int, ...]
) -> Pairs:
    """Both sides of the records of some folds as the towers see them."""
    rows = cache.in_folds(folds)
    pages = (clean(cache.ecg(int(row)).signal_mv, CACHE_RATE_HZ, model.config.image) for row in rows)
    return Pairs(model, tokenizer, pages, [cache.rows[row].report for row in rows])


def table(out: Path) -> str:
    """All rows that are done, each way of ordering, and what was published."""
    lines = [
        ("row", "order", "report R@1/5/10", "image R@1/5/10", "RSUM", "collapsed RSUM", "published RSUM")
    ]
    with PUBLISHED.open() as file:
        published = {line["input"]: line["rsum"] for line in csv.DictReader(file)}
    records = 0
    for row in ROWS:
        path = out / row / FIGURES
        for way, of in json.loads(path.read_text()).items() if path.is_file() else ():
            records = of["records"]
            sides = (recalls(of["image_to_report"]), recalls(of["report_to_image"]))
            sums = (interval(of["rsum"]), interval(of["rsum_collapsed"]))
            lines.append((row, way, *sides, *sums, published.get(row.removesuffix("-ours"), "")))
    chance = f"{records} pairs, chance RSUM {chance_rsum(records):.2f}\n" if records else "no row is done\n"
    return chance + aligned(lines)


def recalls(of: dict[str, dict[str, float]]) -> str:
    return "/".join(f"{of[key]['value']:.1f}" for key in ("at_1", "at_5", "at_10"))


def interval(of: dict[str, float]) -> str:
    return f"{of['value']:.1f} [{of['low']:.1f} {of['high']:.1f}]"


if __name__ == "__main__":
    main()

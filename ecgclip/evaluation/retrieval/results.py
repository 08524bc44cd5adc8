"""`RetrievalResults`: the figures of the retrieval protocol, as JSON and as tables."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass

from ecgclip.evaluation.bootstrap import Interval
from ecgclip.evaluation.tables import aligned, plain, skipped_line
from ecgclip.records.source import Skipped


@dataclass(frozen=True)
class Recall:
    """Recall in percent."""

    at_1: Interval
    at_5: Interval
    at_10: Interval


@dataclass(frozen=True)
class PairScores:
    """Finding the report of an ECG among the reports of all queries, and the other way round.

    Collapsed figures count any case whose report is word for word the same.
    rsum: the six strict recalls added up, 600 at best.
    rare_image_to_report: of the ECGs with a rare statement alone, among the reports of all queries.
    """

    image_to_report: Recall
    image_to_report_collapsed: Recall
    report_to_image: Recall
    report_to_image_collapsed: Recall
    rsum: Interval
    rare_image_to_report: Recall
    rare_image_to_report_collapsed: Recall


@dataclass(frozen=True)
class ClassScores:
    """Queries of one diagnostic superclass; a case is right that is of it, too.

    prior_percent: share of the gallery's cases that are, which is what chance finds.
    precision_at_10: in percent.
    """

    superclass: str
    queries: int
    prior_percent: float
    precision_at_10: Interval
    mean_average_precision: Interval


@dataclass(frozen=True)
class RareScores:
    """Queries with a statement that fewer than 1 % of the gallery's records carry.

    ndcg_at_10: relevance is the Jaccard index of the rare statements alone.
    hit_at_10: percent of the queries with a case of the same rare statement among the first 10.
    recall_at_50: percent of such cases that are among the first 50.
    """

    statements: int
    queries: int
    ndcg_at_10: Interval
    hit_at_10: Interval
    recall_at_50: Interval


@dataclass(frozen=True)
class LabelScores:
    """Similar cases judged by their statements, queries against the gallery.

    ndcg_at_10: relevance is the Jaccard index of the SCP statements.
    knn_auroc: superclasses voted by 20 neighbours, macro average.
    precision_at_10, mean_average_precision: a case is right that shares a superclass with the query.
    ndcg_over_spectrum: nDCG minus that of the signal spectrum, the same patients drawn in both.
    ndcg_at_10_distinct: cases whose report is word for word the same count as one.
    """

    ndcg_at_10: Interval
    knn_auroc: Interval
    precision_at_10: Interval
    mean_average_precision: Interval
    ndcg_over_spectrum: Interval
    ndcg_at_10_distinct: Interval
    by_class: tuple[ClassScores, ...]
    rare: RareScores


@dataclass(frozen=True)
class MethodScores:
    """One method; `pairs` is None where it has no words, or is the words themselves.

    is_model: one of the models that are measured, no baseline.
    """

    name: str
    labels: LabelScores
    pairs: PairScores | None = None
    is_model: bool = False


@dataclass(frozen=True)
class Spread:
    """One figure over several models, such as one recipe's seeds."""

    figure: str
    mean: float
    low: float
    high: float

    def text(self) -> str:
        digits = 1 if self.figure.endswith(("%", "RSUM")) else 3
        return f"{self.mean:.{digits}f} ({self.low:.{digits}f} to {self.high:.{digits}f})"


@dataclass(frozen=True)
class RetrievalResults:
    """What `evaluate_retrieval` measured; intervals are 95 % percentiles over resampled query patients."""

    source: str
    queries: int
    patients: int
    gallery: int
    queries_fold: int
    gallery_folds: tuple[int, ...]
    resamples: int
    distinct_reports: int
    methods: tuple[MethodScores, ...]
    skipped: tuple[Skipped, ...] = ()

    def to_json(self) -> dict[str, object]:
        """Plain values for `json.dumps`; figures that do not exist are None."""
        over_models = [plain(asdict(spread)) for spread in self.over_models()]
        return {"protocol": "retrieval", **plain(asdict(self)), "over_models": over_models}

    def over_models(self) -> tuple[Spread, ...]:
        """Mean and range of each figure over the models; empty where fewer than two were given."""
        models = [method for method in self.methods if method.is_model]
        return tuple(_spread(title, of, models) for title, of in _FIGURES) if len(models) > 1 else ()

    def table(self) -> str:
        """The figures for people: tables of aligned columns."""
        blocks = [self._head(), _label_table(self.methods), _class_table(self.methods)]
        blocks += [self._rare_head(), _rare_table(self.methods), self._pair_head(), _pair_table(self.methods)]
        if spreads := self.over_models():
            rows = [(spread.figure, spread.text()) for spread in spreads]
            blocks.append(aligned([("over the models", "mean (lowest to highest)"), *rows]))
        if self.skipped:
            blocks.append(skipped_line(self.skipped))
        return "\n\n".join(blocks)

    def _head(self) -> str:
        folds = ",".join(map(str, self.gallery_folds))
        return (
            f"{self.queries} queries of {self.patients} patients (fold {self.queries_fold}), "
            f"gallery of {self.gallery} (folds {folds}) from {self.source}\n"
            f"[95 % intervals of {self.resamples} resamples over the query patients]"
        )

    def _rare_head(self) -> str:
        rare = self.methods[0].labels.rare
        return (
            f"Rare statements: {rare.statements} that fewer than 1 % of the gallery carry, "
            f"{rare.queries} queries with one of them"
        )

    def _pair_head(self) -> str:
        return (
            f"Image <-> report within the {self.queries} queries, {self.distinct_reports} distinct reports; "
            f"chance R@1 {100 / self.queries:.2f} %"
        )


_FIGURES: tuple[tuple[str, Callable[[MethodScores], Interval | None]], ...] = (
    ("nDCG@10", lambda m: m.labels.ndcg_at_10),
    ("nDCG@10, same text once", lambda m: m.labels.ndcg_at_10_distinct),
    ("AUROC (20 nn)", lambda m: m.labels.knn_auroc),
    ("P@10", lambda m: m.labels.precision_at_10),
    ("mAP", lambda m: m.labels.mean_average_precision),
    ("rare: nDCG@10", lambda m: m.labels.rare.ndcg_at_10),
    ("rare: hit@10 %", lambda m: m.labels.rare.hit_at_10),
    ("image -> report R@10 %", lambda m: m.pairs.image_to_report.at_10 if m.pairs else None),
    ("report -> image R@10 %", lambda m: m.pairs.report_to_image.at_10 if m.pairs else None),
    ("RSUM", lambda m: m.pairs.rsum if m.pairs else None),
)


def _spread(
    figure: str, of: Callable[[MethodScores], Interval | None], models: Sequence[MethodScores]
) -> Spread:
    values = [interval.value for interval in map(of, models) if interval is not None]
    return Spread(figure, sum(values) / len(values), min(values), max(values))


def _label_table(methods: Sequence[MethodScores]) -> str:
    header = ("", "nDCG@10", "same text once", "AUROC (20 nn)", "P@10", "mAP", "nDCG over spectrum")
    rows = [(m.name, *(interval.text() for interval in _intervals(m.labels))) for m in methods]
    return aligned([header, *rows])


def _intervals(scores: LabelScores) -> tuple[Interval, ...]:
    return (
        scores.ndcg_at_10,
        scores.ndcg_at_10_distinct,
        scores.knn_auroc,
        scores.precision_at_10,
        scores.mean_average_precision,
        scores.ndcg_over_spectrum,
    )


def _class_table(methods: Sequence[MethodScores]) -> str:
    """Precision at 10 by superclass, with what chance finds."""
    known = methods[0].labels.by_class
    header = ("P@10 % of queries of", *(f"{one.superclass} ({one.queries})" for one in known))
    chance = ("chance", *(f"{one.prior_percent:.1f}" for one in known))
    rows = [(m.name, *(one.precision_at_10.text(1) for one in m.labels.by_class)) for m in methods]
    return aligned([header, chance, *rows])


def _rare_table(methods: Sequence[MethodScores]) -> str:
    rows = []
    for method in methods:
        rare, pairs = method.labels.rare, method.pairs
        own = pairs.rare_image_to_report.at_10.text(1) if pairs else ""
        same = pairs.rare_image_to_report_collapsed.at_10.text(1) if pairs else ""
        found = (rare.ndcg_at_10.text(), rare.hit_at_10.text(1), rare.recall_at_50.text(1))
        rows.append((method.name, *found, own, same))
    header = ("", "nDCG@10", "hit@10 %", "recall@50 %", "report R@10 %", "same text counts")
    return aligned([header, *rows])


def _pair_table(methods: Sequence[MethodScores]) -> str:
    rows = [row for method in methods if method.pairs for row in _pair_rows(method.name, method.pairs)]
    return aligned([("", "direction", "R@1 %", "R@5 %", "R@10 %"), *rows])


def _pair_rows(name: str, pairs: PairScores) -> Iterable[tuple[str, ...]]:
    yield name, "image -> report", *_recall(pairs.image_to_report)
    yield "", "  same text counts", *_recall(pairs.image_to_report_collapsed)
    yield "", "report -> image", *_recall(pairs.report_to_image)
    yield "", "  same text counts", *_recall(pairs.report_to_image_collapsed)
    yield "", f"RSUM {pairs.rsum.text(1)}", "", "", ""


def _recall(recall: Recall) -> tuple[str, str, str]:
    return recall.at_1.text(1), recall.at_5.text(1), recall.at_10.text(1)

"""`RetrievalReport`: the figures of the retrieval protocol, as JSON and as a table."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from ecgclip.evaluation.bootstrap import Interval
from ecgclip.evaluation.table import aligned, plain
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
    """

    image_to_report: Recall
    image_to_report_collapsed: Recall
    report_to_image: Recall
    report_to_image_collapsed: Recall
    rsum: Interval


@dataclass(frozen=True)
class LabelScores:
    """Similar cases judged by their statements, queries against the gallery.

    ndcg_at_10: relevance is the Jaccard index of the SCP statements.
    knn_auroc: superclasses voted by 20 neighbours, macro average.
    precision_at_10, mean_average_precision: a case is right that shares a superclass with the query.
    ndcg_over_spectrum: nDCG minus that of the signal spectrum, the same patients drawn in both.
    """

    ndcg_at_10: Interval
    knn_auroc: Interval
    precision_at_10: Interval
    mean_average_precision: Interval
    ndcg_over_spectrum: Interval


@dataclass(frozen=True)
class MethodScores:
    """One method; `pairs` is None where it has no words, or is the words themselves."""

    name: str
    labels: LabelScores
    pairs: PairScores | None = None


@dataclass(frozen=True)
class RetrievalReport:
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
        return {"protocol": "retrieval", **plain(asdict(self))}

    def table(self) -> str:
        """The report for people: two tables of aligned columns."""
        folds = ",".join(map(str, self.gallery_folds))
        head = (
            f"{self.queries} queries of {self.patients} patients (fold {self.queries_fold}), "
            f"gallery of {self.gallery} (folds {folds}) from {self.source}\n"
            f"[95 % intervals of {self.resamples} resamples over the query patients]"
        )
        pairs = (
            f"Image <-> report within the {self.queries} queries, {self.distinct_reports} distinct reports; "
            f"chance R@1 {100 / self.queries:.2f} %"
        )
        blocks = [head, _label_table(self.methods), pairs, _pair_table(self.methods)]
        if self.skipped:
            blocks.append(f"{len(self.skipped)} records were skipped; the first: {self.skipped[0].reason}")
        return "\n\n".join(blocks)


def _label_table(methods: Sequence[MethodScores]) -> str:
    header = ("", "nDCG@10", "AUROC (20 nn)", "P@10", "mAP", "nDCG over spectrum")
    rows = [(m.name, *(interval.text() for interval in _intervals(m.labels))) for m in methods]
    return aligned([header, *rows])


def _intervals(scores: LabelScores) -> tuple[Interval, ...]:
    return (
        scores.ndcg_at_10,
        scores.knn_auroc,
        scores.precision_at_10,
        scores.mean_average_precision,
        scores.ndcg_over_spectrum,
    )


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

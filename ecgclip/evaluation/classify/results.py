"""`ClassifyResults`: the figures of the classification protocol, as JSON and as tables."""

from dataclasses import asdict, dataclass

from ecgclip.evaluation.bootstrap import Interval
from ecgclip.evaluation.tables import plain
from ecgclip.records.source import Skipped

SHARES_NOTE = (
    "shares of the labels are what probe and neighbours see; an encoder trained on the reports or statements "
    "of the training cases has seen them all"
)
ZERO_SHOT_NOTE = "in-domain: PTB-XL reports were seen in training"
TRANSFER_NOTE = "transfer: the shipped model saw no record and no report of these sources"


@dataclass(frozen=True)
class Task:
    """A label set on the test cases: classes with positives, and how many were left out for want of them."""

    labels: str
    train_cases: int
    test_cases: int
    classes: int
    left_out: tuple[str, ...]


@dataclass(frozen=True)
class Supervised:
    """A method's classes, predicted from a share of the training labels.

    way: linear probe or 20 neighbours.
    auroc: macro; f1: macro, of probes alone; both are means over the draws. mean_average_precision: macro.
    records: training records whose labels are known, mean over the draws.
    """

    method: str
    way: str
    labels: str
    share: float
    draws: int
    records: float
    auroc: Interval
    mean_average_precision: float
    f1: Interval | None = None


@dataclass(frozen=True)
class ZeroShot:
    """Macro AUROC of the cosine to a class's phrases."""

    labels: str
    words: str
    auroc: Interval


@dataclass(frozen=True)
class TransferClass:
    """One diagnosis in one source."""

    name: str
    positives: int
    auroc: Interval


@dataclass(frozen=True)
class Transfer:
    """Zero-shot on records of a source that training never saw; classes with enough positives."""

    source: str
    records: int
    words: str
    auroc: Interval
    classes: tuple[TransferClass, ...]


@dataclass(frozen=True)
class Subgroup:
    """Test cases that share a trait: superclass AUROC by 20 neighbours, nDCG@10; against all prior cases."""

    trait: str
    value: str
    cases: int
    patients: int
    classes: int
    auroc: Interval
    ndcg_at_10: Interval


@dataclass(frozen=True)
class PhotoScore:
    """One figure on simulated photos beside the same figure on the drawn pages of the same cases."""

    level: str
    method: str
    figure: str
    photo: Interval
    record: Interval
    change: Interval


@dataclass(frozen=True)
class PhotoLevel:
    """How many photos of a level were taken and refused; refused ones have no figures."""

    level: str
    photos: int
    refused: int
    scores: tuple[PhotoScore, ...]


@dataclass(frozen=True)
class ClassifyResults:
    """What `evaluate_classify` measured; intervals are 95 % percentiles over resampled test patients."""

    source: str
    test_cases: int
    test_patients: int
    train_cases: int
    resamples: int
    tasks: tuple[Task, ...]
    supervised: tuple[Supervised, ...]
    zero_shot: tuple[ZeroShot, ...]
    groups: tuple[Subgroup, ...]
    transfer: tuple[Transfer, ...] = ()
    photos: tuple[PhotoLevel, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    protocol: str = "classify"

    def to_json(self) -> dict[str, object]:
        """Plain values for `json.dumps`; figures that do not exist are None."""
        notes = {"shares_note": SHARES_NOTE, "zero_shot_note": ZERO_SHOT_NOTE, "transfer_note": TRANSFER_NOTE}
        return {"protocol": self.protocol, **notes, **plain(asdict(self))}

    def table(self) -> str:
        """The figures for people: a table for each question."""
        from ecgclip.evaluation.classify.tables import text

        return text(self)

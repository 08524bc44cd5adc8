"""`TextResults`: the figures of free-text search, as JSON and as tables."""

from dataclasses import asdict, dataclass

from ecgclip.evaluation.tables import aligned, plain, skipped_line
from ecgclip.records.source import Skipped


@dataclass(frozen=True)
class WordingScores:
    """One wording, means over the statements.

    precision_at_20: in folds 1-8, of the first 20 or as many as carry the statement.
    same_as_english: share of the first 20 that the English name finds, too.
    ndcg_at_20, ndcg_at_20_pages: in fold 9, with reports and by the pages alone.
    """

    wording: str
    precision_at_20: float
    same_as_english: float
    ndcg_at_20: float
    ndcg_at_20_pages: float


@dataclass(frozen=True)
class ModelScores:
    """One model; glossary: whether it puts the questions right first; weakest: statements and precisions."""

    model: str
    glossary: bool
    wordings: tuple[WordingScores, ...]
    weakest: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class TextResults:
    """What `run_text` measured on so many cases."""

    source: str
    cases: int
    models: tuple[ModelScores, ...]
    skipped: tuple[Skipped, ...] = ()

    def to_json(self) -> dict[str, object]:
        """Plain values for `json.dumps`; figures that do not exist are None."""
        return {"protocol": "text", **plain(asdict(self))}

    def table(self) -> str:
        """The figures for people."""
        blocks = [f"Questions to {self.cases} cases from {self.source}", *map(_block, self.models)]
        if self.skipped:
            blocks.append(skipped_line(self.skipped))
        return "\n\n".join(blocks)


def _block(scores: ModelScores) -> str:
    how = "with the glossary" if scores.glossary else "as the text tower reads it"
    header = ("", "precision@20", "same as English", "nDCG@20 held out", "by pages alone")
    rows = [
        (
            one.wording,
            f"{one.precision_at_20:.3f}",
            f"{one.same_as_english:.2f}",
            f"{one.ndcg_at_20:.3f}",
            f"{one.ndcg_at_20_pages:.3f}",
        )
        for one in scores.wordings
    ]
    weakest = ", ".join(f"{code} {value:.2f}" for code, value in scores.weakest)
    return f"{scores.model}, {how}\n{aligned([header, *rows])}\nweakest: {weakest}"

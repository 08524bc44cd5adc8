"""A `ClassifyResults` for people: a table for each question."""

from collections.abc import Callable, Iterator, Sequence

from ecgclip.evaluation.classify.results import (
    SHARES_NOTE,
    TRANSFER_NOTE,
    ZERO_SHOT_NOTE,
    ClassifyResults,
    PhotoLevel,
    Subgroup,
    Supervised,
    Task,
    Transfer,
    ZeroShot,
)
from ecgclip.evaluation.tables import aligned, skipped_line


def text(results: ClassifyResults) -> str:
    """All tables, blocks parted by empty lines."""
    return "\n\n".join(_blocks(results))


def _blocks(results: ClassifyResults) -> Iterator[str]:
    yield (
        f"{results.test_cases} test cases of {results.test_patients} patients, "
        f"{results.train_cases} training cases from {results.source}\n"
        f"[95 % intervals of {results.resamples} resamples over the test patients]"
    )
    yield _tasks(results.tasks)
    names = [task.labels for task in results.tasks]
    if results.supervised:
        yield f"[{SHARES_NOTE}]"
    for way in dict.fromkeys(score.way for score in results.supervised):
        chosen = [score for score in results.supervised if score.way == way]
        yield f"Macro AUROC, {way}\n{_supervised(chosen, names, lambda score: score.auroc.text())}"
        if any(score.f1 for score in chosen):
            f1 = lambda score: score.f1.text() if score.f1 else ""
            yield f"Macro F1, {way}, thresholds by the training cases\n{_supervised(chosen, names, f1)}"
    if results.zero_shot:
        yield f"Macro AUROC, zero-shot ({ZERO_SHOT_NOTE})\n{_zero_shot(results.zero_shot, names)}"
    if results.groups:
        yield f"Subgroups of the test cases: superclass and statements\n{_groups(results.groups)}"
    if results.transfer:
        yield f"Macro AUROC, zero-shot ({TRANSFER_NOTE})\n{_transfer(results.transfer)}"
        yield f"Of these, each class of all sources\n{_transfer_classes(results.transfer[-1])}"
    if results.photos:
        yield f"Simulated photos, figures of the drawn pages beside them\n{_photos(results.photos)}"
    if results.skipped:
        yield skipped_line(results.skipped)


def _tasks(tasks: Sequence[Task]) -> str:
    head = ("labels", "training cases", "test cases", "classes", "left out: no positive in the test")
    rows = [
        (t.labels, str(t.train_cases), str(t.test_cases), str(t.classes), _named(t.left_out)) for t in tasks
    ]
    return aligned([head, *rows])


def _named(left_out: Sequence[str]) -> str:
    return f"{len(left_out)}: {', '.join(left_out)}" if left_out else "none"


def _supervised(scores: Sequence[Supervised], names: Sequence[str], cell: Callable[[Supervised], str]) -> str:
    rows = []
    for method in dict.fromkeys(score.method for score in scores):
        for share in dict.fromkeys(score.share for score in scores):
            found = {s.labels: cell(s) for s in scores if (s.method, s.share) == (method, share)}
            if found:
                rows.append((method, f"{share:.0%}", *(found.get(name, "") for name in names)))
    return aligned([("", "of labels", *names), *rows])


def _zero_shot(scores: Sequence[ZeroShot], names: Sequence[str]) -> str:
    rows = []
    for words in dict.fromkeys(score.words for score in scores):
        found = {score.labels: score.auroc.text() for score in scores if score.words == words}
        rows.append((words, *(found.get(name, "") for name in names)))
    return aligned([("phrases", *names), *rows])


def _groups(groups: Sequence[Subgroup]) -> str:
    head = ("", "", "cases", "patients", "classes", "AUROC (20 nn)", "nDCG@10")
    rows = [
        (g.trait, g.value, str(g.cases), str(g.patients), str(g.classes), g.auroc.text(), g.ndcg_at_10.text())
        for g in groups
    ]
    return aligned([head, *rows])


def _transfer(sources: Sequence[Transfer]) -> str:
    head = ("source", "phrases", "records", "classes", "AUROC")
    rows = [(t.source, t.words, str(t.records), str(len(t.classes)), t.auroc.text()) for t in sources]
    return aligned([head, *rows])


def _transfer_classes(pooled: Transfer) -> str:
    rows = [(one.name, str(one.positives), one.auroc.text()) for one in pooled.classes]
    return aligned([("", "positives", "AUROC"), *rows])


def _photos(levels: Sequence[PhotoLevel]) -> str:
    head = ("level", "photos", "refused", "method", "figure", "photo", "drawn page", "photo - page")
    rows = [
        (
            level.level,
            str(level.photos),
            str(level.refused),
            score.method,
            score.figure,
            score.photo.text(),
            score.record.text(),
            score.change.text(),
        )
        for level in levels
        for score in level.scores
    ]
    return aligned([head, *rows])

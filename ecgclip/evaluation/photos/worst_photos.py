"""The worst photos of a run on contact sheets: their choice, order and captions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from ecgclip.engine.answer import Answer
from ecgclip.engine.query import Engine
from ecgclip.engine.query_input import read_query
from ecgclip.errors import EcgClipError
from ecgclip.evaluation.photos.contact_sheet import PER_SHEET, SheetRow, contact_sheet
from ecgclip.evaluation.photos.gate import Judged
from ecgclip.evaluation.photos.outcome import Image, Outcome
from ecgclip.evaluation.photos.pictures import RealPicture
from ecgclip.evaluation.photos.protocol import RealPhoto, RealResults
from ecgclip.evaluation.photos.scores import cause
from ecgclip.figures.picture import save_picture
from ecgclip.photo.loading.load import load
from ecgclip.typing import Ink

SHEETS: Final = 5
"""Most sheets of each group that are written to a folder."""

DrawCase = Callable[[str], Ink]
"""case_id -> its canonical page's ink."""


@dataclass(frozen=True, eq=False)
class Candidate:
    """A photo that may be shown. severity: 0 where all went well."""

    name: str
    group: str
    severity: int
    summary: str
    image: Callable[[], Image]


def severity(outcome: Outcome) -> int:
    """Refused, not among the first ten, not first, found though something was read wrong, well."""
    rank = outcome.first_rank
    if outcome.refused or rank is None:
        return 4 if outcome.refused else 3
    if rank > 1:
        return 2
    seen = outcome.deviation
    return int(seen is not None and not (seen.upright and seen.layout_right))


def summary(outcome: Outcome) -> str:
    """One line on how the photo's record was found."""
    rank = outcome.first_rank
    parts = [f"rank {rank}" if rank else "refused" if outcome.refused else "not among the first ten"]
    reason = cause(outcome)
    if reason is not None and not outcome.refused:
        parts.append(f"cause: {reason}")
    seen = outcome.deviation
    if seen is not None:
        parts.append(f"true layout {seen.true_layout}, px/mm {100 * seen.period_error:+.1f} %")
        parts.append(f"corners {seen.corner_mm:.1f} mm, turned {seen.turn_deg:+.0f}")
    return ", ".join(parts)


def real_candidates(pictures: Sequence[RealPicture], real: RealResults) -> list[Candidate]:
    """The real pictures: photos of known records by their rank, all others by the gate's judgement."""
    return [_real_candidate(picture, photo) for picture, photo in zip(pictures, real.photos, strict=True)]


def _real_candidate(picture: RealPicture, photo: RealPhoto) -> Candidate:
    judged, found = photo.judged, photo.outcome
    if found is not None:
        words, badness = summary(found), severity(found)
    else:
        words = "accepted" if judged.accepted else "refused"
        badness = 4 * int(_misjudged(picture, judged))
    if photo.turns is not None:
        right = sum(photo.turns.right)
        words += f", {right} of 4 turns right"
        badness = max(badness, int(right < 4))
    return Candidate(judged.photo, judged.group, badness, words, lambda: picture.path)


def _misjudged(picture: RealPicture, judged: Judged) -> bool:
    """Whole sheets must be accepted, other pictures refused, strips not accepted without a warning."""
    if picture.is_ecg:
        return not judged.accepted
    return judged.accepted and not (picture.is_strip and judged.words)


def sheet_row(candidate: Candidate, engine: Engine, draw_case: DrawCase) -> SheetRow:
    """Read the photo again and ask for its top match."""
    image = candidate.image()
    title = f"{candidate.group}: {candidate.name}: {candidate.summary}"
    wrong = candidate.severity > 0
    try:
        picture, query = load(image), read_query(image)
        answer = engine.answer(query, 1)
    except EcgClipError as error:
        blank = np.full((10, 10, 3), 255, np.uint8)
        return SheetRow(title, str(error), blank, 1.0, None, None, wrong)
    match = draw_case(answer.matches[0].case_id) if answer.matches else None
    return SheetRow(title, _words(answer), picture.rgb, picture.scale, query.photo, match, wrong)


def _words(answer: Answer) -> str:
    found = answer.input
    if not found.accepted:
        return f"refused at {found.confidence:.2f}: {found.reason}"
    best = answer.matches[0]
    warned = f"; {'; '.join(found.warnings)}" if found.warnings else ""
    return (
        f"{found.layout}, {found.px_per_mm:.2f} px/mm, turned {found.rotation_deg:.0f}, confidence "
        f"{found.confidence:.2f}; top match {best.case_id} at {best.score:.2f}{warned}"
    )


def save_contact_sheets(
    target: Path, candidates: Sequence[Candidate], show: Callable[[Candidate], SheetRow]
) -> list[Path]:
    """Write the worst photos to a file, or the worst of each group to a folder; returns what was written."""
    worst = sorted(candidates, key=lambda one: -one.severity)
    if target.suffix:
        return _saved(target, worst[:PER_SHEET], show)
    target.mkdir(parents=True, exist_ok=True)
    written = []
    for group in dict.fromkeys(candidate.group for candidate in candidates):
        members = [one for one in worst if one.group == group][: SHEETS * PER_SHEET]
        for start in range(0, len(members), PER_SHEET):
            file = target / f"{group.replace(' ', '-')}-{start // PER_SHEET + 1}.png"
            written += _saved(file, members[start : start + PER_SHEET], show)
    return written


def _saved(file: Path, chosen: Sequence[Candidate], show: Callable[[Candidate], SheetRow]) -> list[Path]:
    if not chosen:
        return []
    save_picture(contact_sheet([show(candidate) for candidate in chosen]), file)
    return [file]

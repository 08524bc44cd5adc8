"""`SignalsResults`: the figures of the signal protocol, as JSON and as tables."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final

import numpy as np

from ecgclip.evaluation.signals.outcome import SignalOutcome
from ecgclip.evaluation.signals.scores import LeadMeans, SignalScores, lead_means, signal_scores
from ecgclip.evaluation.tables import aligned, plain
from ecgclip.records.source import Skipped

_HEAD: Final = "[95 % intervals: bootstrap over pictures; a lead that was not read counts as 0 dB]"
_WORST: Final = 5


@dataclass(frozen=True)
class SignalsResults:
    """What the signal protocol measured.

    source: where pictures and records came from. scores: by group; leads: of each group, by lead.
    outcomes: every picture, in JSON. left_out: photos without a record, and records that cannot be read.
    """

    source: str
    scores: tuple[SignalScores, ...]
    leads: dict[str, tuple[LeadMeans, ...]]
    outcomes: tuple[SignalOutcome, ...]
    left_out: tuple[Skipped, ...] = ()

    def to_json(self) -> dict[str, object]:
        """Plain values for `json.dumps`."""
        return {"protocol": "signals", **plain(asdict(self))}

    def table(self) -> str:
        """The figures for people."""
        parts = [
            f"Signals of pictures against their records, from {self.source}\n{_HEAD}",
            _snr_table(self.scores),
            _shape_table(self.scores),
            "Signal-to-noise ratio in dB by lead, and below the height of QRS complexes over the true one",
            _lead_table(self.leads),
            "Floor and ceilings, dB of the same leads",
            _reference_table(self.scores),
            _worst(self.outcomes),
            _left_out(self.left_out),
        ]
        return "\n\n".join(part for part in parts if part)


def summarise(
    outcomes: Sequence[SignalOutcome],
    source: str,
    left_out: Sequence[Skipped],
    rng: np.random.Generator,
) -> SignalsResults:
    """All figures with their intervals."""
    groups: dict[str, list[SignalOutcome]] = {}
    for outcome in outcomes:
        groups.setdefault(outcome.group, []).append(outcome)
    return SignalsResults(
        source,
        tuple(signal_scores(group, members, rng) for group, members in groups.items()),
        {group: lead_means(members, rng) for group, members in groups.items()},
        tuple(outcomes),
        tuple(left_out),
    )


def _snr_table(scores: Sequence[SignalScores]) -> str:
    header = (
        "",
        "pictures",
        "refused",
        "leads",
        "missing",
        "SNR dB, mean",
        "median",
        "worst tenth",
        "r, median",
    )
    rows = [
        (
            one.group,
            *map(str, (one.photos, one.refused, one.leads, one.missing)),
            *(i.text(2) for i in (one.snr_db, one.snr_median_db, one.snr_worst_tenth_db)),
            one.r.text(),
        )
        for one in scores
    ]
    return aligned([header, *rows])


def _shape_table(scores: Sequence[SignalScores]) -> str:
    header = (
        "",
        "RMSE mV",
        "height",
        "QRS height",
        "|shift| ms",
        "share read",
        "heart rate |error|",
        "no rate",
        "read in ms",
    )
    rows = [
        (
            one.group,
            one.rmse_mv.text(),
            one.height.text(2),
            one.qrs_height.text(2),
            one.shift_ms.text(1),
            one.read_share.text(),
            one.rate_error_bpm.text(1),
            str(one.rates_missing),
            one.read_ms.text(0),
        )
        for one in scores
    ]
    return aligned([header, *rows])


def _lead_table(groups: dict[str, tuple[LeadMeans, ...]]) -> str:
    names = list(dict.fromkeys(lead.lead for leads in groups.values() for lead in leads))
    rows = []
    for group, leads in groups.items():
        found = {lead.lead: lead for lead in leads}
        rows.append((group, *(_number(found[n].snr_db.value, 1) if n in found else "" for n in names)))
        rows.append(("", *(_number(found[n].qrs_height, 2) if n in found else "" for n in names)))
    return aligned([("", *names), *rows])


def _reference_table(scores: Sequence[SignalScores]) -> str:
    names = list(scores[0].references_db) if scores else []
    rows = [(one.group, *(f"{one.references_db[name]:.1f}" for name in names)) for one in scores]
    return aligned([("", *names), *rows])


def _number(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def _left_out(left_out: Sequence[Skipped]) -> str:
    if not left_out:
        return ""
    first = left_out[0]
    return f"{len(left_out)} left out; the first: {first.record}: {first.reason}"


def _worst(outcomes: Sequence[SignalOutcome]) -> str:
    worst = sorted(outcomes, key=lambda one: one.mean_db)[:_WORST]
    lines = [f"  {one.group}: {one.photo}: {one.refused or f'{one.mean_db:.1f} dB'}" for one in worst]
    return "\n".join(["Worst pictures", *lines])

"""`run_signals`: the signal protocol from folders to results."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from ecgclip.errors import RecordError
from ecgclip.evaluation.bootstrap import generator
from ecgclip.evaluation.photos.saved_run import SavedRun, open_run
from ecgclip.evaluation.signals.options import SignalOptions
from ecgclip.evaluation.signals.outcome import SignalOutcome, score_picture
from ecgclip.evaluation.signals.pairs import Pair, pairs_of
from ecgclip.evaluation.signals.results import SignalsResults, summarise
from ecgclip.evaluation.signals.worst_leads import save_worst_leads
from ecgclip.photo.digitize import digitize

Log = Callable[[str], None]
Progress = Callable[[int, int], None]


def run_signals(
    data: Sequence[str | Path],
    options: SignalOptions | None = None,
    *,
    seed: int = 0,
    on_progress: Progress | None = None,
    log: Log = lambda words: None,
) -> SignalsResults:
    """`ecgclip evaluate signals`: every picture digitised and compared with its record, lead by lead.

    data: folders with photos.csv, the pictures and their records in signals/; or sources of records, which
    are photographed by the simulated camera.
    on_progress: counts pictures; log: takes a line about every real picture and every level.
    Errors: ConfigError for impossible options, RecordError where there is no pair of picture and record.
    """
    options = options or SignalOptions()
    options.check()
    rng = generator(seed)
    found = [pairs_of(source, options.levels, options.simulated) for source in data]
    pairs = [pair for one in found for pair in one.pairs]
    if not pairs:
        raise RecordError("no picture is left to measure; expected photos with their records, or records")
    saved_run = open_run(options.results, {"protocol": "signals"})
    outcomes: list[SignalOutcome] = []
    for group in dict.fromkeys(pair.group for pair in pairs):
        for outcome in _outcomes([pair for pair in pairs if pair.group == group], group, saved_run):
            outcomes.append(outcome)
            if on_progress:
                on_progress(len(outcomes), len(pairs))
        log(_group_line(group, [one for one in outcomes if one.group == group]))
    if options.contact_sheet is not None:
        for file in save_worst_leads(options.contact_sheet, outcomes, pairs):
            log(f"wrote {file}")
    sources = " + ".join(str(source) for source in data)
    return summarise(outcomes, sources, [skipped for one in found for skipped in one.left_out], rng)


def _outcomes(pairs: Sequence[Pair], group: str, saved_run: SavedRun) -> Iterator[SignalOutcome]:
    """The outcomes of a group one by one; what is saved is not read again."""
    with saved_run.group(group.replace(" ", "-")) as saved:
        for pair in pairs:
            key = pair.key() if saved_run.folder is not None else ""
            if key in saved.known:
                yield SignalOutcome.from_json(saved.known[key])
                continue
            image, true_mv = pair.make()
            outcome = score_picture(digitize, image, true_mv, pair.photo, group)
            if outcome is not None:
                saved.add(key, asdict(outcome))
                yield outcome


def _group_line(group: str, outcomes: Sequence[SignalOutcome]) -> str:
    if not outcomes:
        return f"{group}: no picture has a truth"
    mean_db = sum(one.mean_db for one in outcomes) / len(outcomes)
    refused = sum(bool(one.refused) for one in outcomes)
    return f"{group}: {len(outcomes)} pictures, {mean_db:.2f} dB, {refused} refused"

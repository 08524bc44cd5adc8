"""`ecgclip digitize`: pictures in, the signals that they show out."""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ecgclip.cli.arguments import add_json, positive
from ecgclip.cli.output import note, print_json, print_json_line, print_text
from ecgclip.exit_code import BAD_INPUT, REFUSED

if TYPE_CHECKING:
    from ecgclip.photo.page import Page
    from ecgclip.records.ecg import Ecg


class Job(NamedTuple):
    """A picture and the files made of it. number: of its page, from 0; None: the first that is readable."""

    image: str
    out: Path
    picture: Path | None
    number: int | None


def add_arguments(parser: ArgumentParser) -> None:
    from ecgclip.records.writing.writers import FORMATS, SUFFIXES

    parser.add_argument(
        "images",
        metavar="IMAGE",
        nargs="+",
        help="a photo, scan, screenshot or PDF; several, a folder of them, or - for standard input",
    )
    parser.add_argument(
        "--out",
        metavar="DIR|FILE",
        required=True,
        help=f"a file whose suffix names the format: {FORMATS}; or a folder, which gets a file a picture",
    )
    parser.add_argument(
        "--format",
        metavar="SUFFIX",
        choices=[suffix.removeprefix(".") for suffix in SUFFIXES],
        help=f"format of the files of a folder: {' '.join(SUFFIXES)} without the dot (default: hea)",
    )
    parser.add_argument(
        "--picture",
        metavar="DIR|FILE",
        help="the curves drawn into the picture, beside their print; a name on the sheet stays readable",
    )
    parser.add_argument(
        "--page",
        metavar="N",
        type=positive,
        help="the page of a PDF or TIFF, from 1 (default: the first that is a readable ECG)",
    )
    add_json(parser)


def run(args: Namespace) -> int:
    jobs = _jobs(args)
    if len(jobs) == 1 and args.images == [jobs[0].image]:
        return _digitize(jobs[0], args.json)
    return _each(jobs, args.json)


def _jobs(args: Namespace) -> list[Job]:
    """Every picture with its files; what is wrong with the arguments is found before the first is read."""
    from ecgclip.cli.targets import targets
    from ecgclip.errors import ConfigError
    from ecgclip.records.writing.writers import SUFFIXES, writer_of_suffix

    names = _pictures(args.images)
    outs = targets("--out", args.out, SUFFIXES, names, f".{args.format}" if args.format else SUFFIXES[0])
    if args.format and outs[0].suffix.lower() != f".{args.format}":
        raise ConfigError(f"--out {args.out} and --format {args.format}; expected one of them, or the same")
    writer_of_suffix(outs[0])
    pictures = _picture_targets(args.picture, names) if args.picture else [None] * len(names)
    number = None if args.page is None else args.page - 1
    return [Job(*one, number) for one in zip(names, outs, pictures, strict=True)]


def _pictures(given: Sequence[str]) -> list[str]:
    """The pictures; of the files of a folder those that are records are none."""
    from ecgclip.engine.inputs import expanded
    from ecgclip.errors import ImageError
    from ecgclip.records.readers import names_record

    found = [name for name in expanded(given) if name in given or not names_record(name)]
    if not found:
        raise ImageError(f"{given[0]}: found records alone; expected pictures of ECGs")
    return found


def _picture_targets(given: str, names: Sequence[str]) -> list[Path]:
    from ecgclip.cli.targets import targets
    from ecgclip.engine.inputs import STDIN
    from ecgclip.errors import ConfigError
    from ecgclip.figures.picture import SUFFIXES

    if STDIN in names:
        raise ConfigError("--picture draws on a file; expected the picture's path, found standard input")
    return [*targets("--picture", given, SUFFIXES, names, ".png")]


def _each(jobs: Sequence[Job], as_json: bool) -> int:
    """Digitise every picture; an error of one does not stop the others."""
    from ecgclip.errors import ImageError, RecordError

    codes = {0}
    for job in jobs:
        try:
            codes.add(_digitize(job, as_json, one_of_many=True))
        except (ImageError, RecordError) as error:
            note(f"ecgclip: {error}")
            codes.add(BAD_INPUT)
            if as_json:
                print_json_line(_document(job, None, str(error), None))
    return next(code for code in (BAD_INPUT, REFUSED, 0) if code in codes)


def _digitize(job: Job, as_json: bool, one_of_many: bool = False) -> int:
    from ecgclip.engine.inputs import STDIN, standard_input
    from ecgclip.photo.digitize import ecg_of_page, why_no_signal
    from ecgclip.photo.rectify import rectify

    page = rectify(standard_input() if job.image == STDIN else job.image, page=job.number)
    reason = why_no_signal(page)
    ecg = None if reason else ecg_of_page(page, job.image)
    if ecg is not None:
        _write(job, page, ecg)
    for warning in page.warnings if not as_json or reason else ():
        note(f"note: {job.image}: {warning}")
    if as_json:
        (print_json_line if one_of_many else print_json)(_document(job, page, reason, ecg))
    elif ecg is not None:
        print_text(f"{job.out}: {page.layout}, leads {' '.join(ecg.leads)} at {ecg.rate_hz:g} Hz")
    if reason:
        note(f"ecgclip: {job.image}: refused: {reason}")
    return REFUSED if reason else 0


def _write(job: Job, page: "Page", ecg: "Ecg") -> None:
    from ecgclip.cli.targets import make_folder
    from ecgclip.photo.digitize import print_notes
    from ecgclip.records.writing.writers import write_ecg

    make_folder(job.out)
    write_ecg(ecg, job.out, print_notes(page))
    if job.picture is not None:
        from ecgclip.figures.digitized import digitized_picture
        from ecgclip.figures.picture import save_picture
        from ecgclip.photo.loading.load import load

        make_folder(job.picture)
        loaded = load(job.image, page=page.number)
        save_picture(digitized_picture(loaded.rgb, loaded.scale, page, ecg), job.picture)


def _document(job: Job, page: "Page | None", reason: str, ecg: "Ecg | None") -> dict[str, object]:
    """What `--json` prints of a picture; page: None where it could not be read at all."""
    written = ecg is not None
    return {
        "path": job.image,
        "accepted": written,
        "reason": reason,
        "confidence": round(page.confidence, 4) if page else 0.0,
        "layout": page.layout if page else "unknown",
        "out": str(job.out) if written else None,
        "picture": str(job.picture) if written and job.picture else None,
        "rate_hz": ecg.rate_hz if ecg else None,
        "shown_s": _shown_s(ecg) if ecg else {},
        "warnings": list(page.warnings) if page else [],
    }


def _shown_s(ecg: "Ecg") -> dict[str, float]:
    """Seconds of each lead that the print shows."""
    import numpy as np

    from ecgclip.units import LEADS

    counts = np.isfinite(ecg.signal_mv).sum(axis=1) / ecg.rate_hz
    return {lead: round(float(shown), 3) for lead, shown in zip(LEADS, counts, strict=True)}

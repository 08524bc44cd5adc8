"""Which paths name a record and not a picture: asked before any library is imported."""

from pathlib import Path

_SUFFIXES = {".hea", ".dat", ".mat"}


def names_record(name: str) -> bool:
    """Whether a path is of a record, not of an image; WFDB means `01027_hr.hea` by `01027_hr`."""
    path = Path(name)
    header = path.with_name(path.name + ".hea") if path.name else path
    return path.suffix.lower() in _SUFFIXES or (not path.is_file() and header.is_file())

"""`remove_cases`: take cases or patients out of an index, and out of what stopped writers left beside it.

Done means that nothing of them is left: no report, trace or vector in the index, no old index, no folder of a
stopped build. A patient who is in such a leftover alone is removed with it.
"""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ecgclip.errors import IndexStoreError
from ecgclip.retrieval.bundle import Bundle, open_bundle
from ecgclip.retrieval.leftovers import clear_leftovers, clear_partial, leftovers_with


@dataclass(frozen=True)
class Removal:
    """removed: cases that were in the index; cases: that stay; leftovers: deleted folders that held some."""

    removed: int
    cases: int
    leftovers: tuple[Path, ...]


@dataclass(frozen=True)
class _Wanted:
    """What is to go, and the leftovers that hold it or may hold it."""

    column: str
    value: str
    leftovers: tuple[Path, ...]


def remove_cases(
    path: Path, case_ids: Iterable[str] = (), patient_ids: Iterable[str] = (), sources: Sequence[str] = ()
) -> Removal:
    """Remove cases by name and all cases of patients; sources: of the patients, these alone.

    Errors: IndexStoreError where one of them is nowhere, or it may be two people of one number; nothing was
    removed then.
    """
    wanted = [_Wanted("case_id", name, _held(path, "case_id", name, ())) for name in dict.fromkeys(case_ids)]
    wanted += [
        _Wanted("patient_id", name, _held(path, "patient_id", name, sources))
        for name in dict.fromkeys(patient_ids)
    ]
    held = tuple(dict.fromkeys(folder for one in wanted for folder in one.leftovers))
    if held:
        clear_leftovers(path)  # may bring the index back
    if held and not path.exists():
        clear_partial(path)
        return Removal(0, 0, _gone(held))
    bundle = open_bundle(path)
    names = _named(bundle, wanted) + _of_patients(bundle, wanted, sources)
    removed = bundle.remove(names) if names else 0
    if held:
        clear_partial(path)
    return Removal(removed, len(bundle), _gone(held))


def _held(path: Path, column: str, value: str, sources: Sequence[str]) -> tuple[Path, ...]:
    return tuple(leftovers_with(path, column, value, sources))


def _gone(held: Sequence[Path]) -> tuple[Path, ...]:
    """The folders, now deleted; IndexStoreError where one is still there."""
    left = [str(folder) for folder in held if os.path.lexists(folder)]
    if left:
        raise IndexStoreError(
            f"{', '.join(left)} may still hold what was removed, and cannot be deleted; delete it yourself"
        )
    return tuple(held)


def _named(bundle: Bundle, wanted: Sequence[_Wanted]) -> list[str]:
    """The cases in the index; where one is nowhere nothing is: half a removal would look like a whole."""
    asked = [one for one in wanted if one.column == "case_id"]
    found = [one.value for one in asked if bundle.cases.get(one.value) is not None]
    missing = [one.value for one in asked if one.value not in found and not one.leftovers]
    if missing:
        raise IndexStoreError(f"{bundle.path} has no case {', '.join(missing)}; nothing was removed")
    return found


def _of_patients(bundle: Bundle, wanted: Sequence[_Wanted], sources: Sequence[str]) -> list[str]:
    asked = [one for one in wanted if one.column == "patient_id"]
    return [name for one in asked for name in _of_patient(bundle, one, sources)]


def _of_patient(bundle: Bundle, patient: _Wanted, sources: Sequence[str]) -> list[str]:
    """The patient's cases; IndexStoreError where there are none, or it may be two people of one number."""
    found = bundle.cases.of_patient(patient.value)
    wanted = [(case, source) for case, source in found if not sources or source in sources]
    among = sorted({source for _, source in wanted})
    if not wanted and not patient.leftovers:
        where = f" of the sources {', '.join(sources)}" if sources else ""
        raise IndexStoreError(f"{bundle.path} has no patient {patient.value}{where}; nothing was removed")
    if len(among) > 1 and not sources:
        raise IndexStoreError(
            f"the sources {', '.join(among)} each have a patient {patient.value}, who need not be one "
            "person; nothing was removed; name those that are meant with --source"
        )
    return [case for case, _ in wanted]

"""Find prior cases by words, in English or German, and keep those of a filter.

python examples/search_by_words.py "vorhofflimmern"
"""

import sys
import tempfile

import ecgclip


def main(words: str = "atrial fibrillation", where: str | None = "age > 40") -> tuple[ecgclip.Match, ...]:
    model = ecgclip.load_model()
    with tempfile.TemporaryDirectory() as folder:
        ecgclip.build_index("synthetic:120:2", f"{folder}/index", model)
        engine = ecgclip.Engine(model, ecgclip.open_index(f"{folder}/index"))
        matches = engine.search(words, k=5, where=where)
    for match in matches:
        case = match.case
        print(f"{match.rank}. {case.case_id}  {case.age:.0f} years  {' '.join(case.codes)}  {case.report}")
    return matches


if __name__ == "__main__":
    main(*sys.argv[1:3])

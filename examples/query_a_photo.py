"""Index a source of records and find the prior cases that look like a photo.

python examples/query_a_photo.py                    60 synthetic ECGs, one of them photographed
python examples/query_a_photo.py SOURCE PHOTO       a folder of records or a table, and a picture
"""

import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

import ecgclip
from ecgclip.simulation.camera import photograph


def find(source: str, photo: Path, index: Path, k: int = 5) -> ecgclip.Answer:
    """The k cases of the source that are most like the photo; the index is kept in the folder `index`."""
    model = ecgclip.load_model()
    ecgclip.build_index(source, index, model)  # asked again, it adds what is new
    return ecgclip.Engine(model, ecgclip.open_index(index)).query(photo, k)


def make_photo(ecg: ecgclip.Ecg, target: Path) -> Path:
    """A record, printed on ECG paper and photographed by hand in fair light (level S2)."""
    page = ecgclip.render(ecg, layout="3x4+1R", style="pink")
    photo = photograph(page.array, "S2", np.random.default_rng(0))
    Image.fromarray(photo.image).save(target)
    return target


def main(source: str = "synthetic:60:4", photo: str | None = None) -> ecgclip.Answer:
    with tempfile.TemporaryDirectory() as folder:
        if photo is None:
            ecg = next(ecgclip.read_records(source))
            print(f"photographed: {ecg.case_id}: {ecg.report}")
            photo = str(make_photo(ecg, Path(folder) / "photo.jpg"))
        answer = find(source, Path(photo), Path(folder) / "index")
    if not answer.accepted:
        print(f"refused: {answer.input.reason}")
    for match in answer.matches:
        print(f"{match.rank}. {match.score:.2f}  {match.case_id}  {match.report}")
    return answer


if __name__ == "__main__":
    main(*sys.argv[1:3])

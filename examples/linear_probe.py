"""Embed records and learn one statement from few of them with a linear probe.

python examples/linear_probe.py CLBBB

Synthetic ECGs are easier than real ones: most statements are learned at once.
"""

import sys
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

import ecgclip

Vectors = npt.NDArray[np.float32]
OTHERS = ("NORM", "LVH", "AFIB", "IMI", "CRBBB", "SBRAD")
"""What the records without the statement show."""


def records(code: str, count: int, seed: int) -> tuple[list[ecgclip.Ecg], npt.NDArray[np.bool_]]:
    """Synthetic ECGs, half of them with the statement; bool [record] says which."""
    rng = np.random.default_rng(seed)
    others = [other for other in OTHERS if other != code]
    has = np.arange(count) % 2 == 0
    ecgs = [ecgclip.synthetic_ecg(rng, [code if shown else str(rng.choice(others))]) for shown in has]
    return ecgs, has


def fitted(vectors: Vectors, has: npt.NDArray[np.bool_], ridge: float = 1.0) -> npt.NDArray[np.float64]:
    """Weights of a ridge regression on -1 and 1, float64 [dim + 1]; the last one is the constant."""
    design = with_constant(vectors)
    normal = design.T @ design + ridge * np.eye(design.shape[1])
    weights = np.linalg.solve(normal, design.T @ np.where(has, 1.0, -1.0))
    return np.asarray(weights, np.float64)


def with_constant(vectors: Vectors) -> npt.NDArray[np.float64]:
    return np.column_stack([vectors.astype(np.float64), np.ones(len(vectors))])


def auroc(scores: Iterable[float], has: npt.NDArray[np.bool_]) -> float:
    """How often a record with the statement scores above one without it; ties count half."""
    values = np.asarray(list(scores))
    difference = values[has][:, None] - values[~has][None, :]
    return float(np.mean((difference > 0) + 0.5 * (difference == 0)))


def main(code: str, few: int = 20) -> float:
    model = ecgclip.load_model()
    train, train_has = records(code, few, seed=0)
    test, test_has = records(code, 60, seed=1)
    weights = fitted(model.embed_records(train), train_has)
    score = auroc(with_constant(model.embed_records(test)) @ weights, test_has)
    print(f"{code} from {few} records: AUROC {score:.3f} on {len(test)} others")
    return score


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "LAO/LAE")

"""The tests' small model and run as rows of the comparison."""

from dataclasses import fields
from typing import Any

from research.qiu.settings import FieldTower, ImageInput, Pairing, RowConfig, RowModel
from tests.training.small_run import small_config
from tests.training.towers.small import CONFIG


def values(one: Any) -> dict[str, Any]:
    return {field.name: getattr(one, field.name) for field in fields(one)}


SMALL = RowModel(**{**values(CONFIG), "image": FieldTower(**values(CONFIG.image))})
FUSED = RowModel(**{**values(SMALL), "fusion_depth": 1})
GRID = FieldTower(
    input=ImageInput.GRID,
    height_px=48,
    width_px=64,
    stem_channels=(8, 8, 16),
    width=48,
    depth=1,
    drop_path=0.0,
)
ALL = Pairing(momentum=1.0, matching=1.0, masking=1.0, queue=24, alpha_steps=2)


def small_row(**changes: Any) -> RowConfig:
    return RowConfig(**{**values(small_config()), "model": SMALL, **changes})

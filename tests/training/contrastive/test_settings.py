"""Settings that no run can have are refused when they are read, not after hours."""

import pytest

from ecgclip.config import load_config
from ecgclip.errors import ConfigError
from ecgclip.training.contrastive.settings import ContrastiveTraining
from ecgclip.training.sheet.settings import SheetTraining
from ecgclip.training.signal.settings import SignalTraining
from ecgclip.training.text.settings import TextTraining


@pytest.mark.parametrize(
    ("kind", "toml", "words"),
    [
        (ContrastiveTraining, "valid_every = 0", "valid_every is 0; expected 1 or more"),
        (ContrastiveTraining, "threads = 0", "threads is 0; expected 1 or more"),
        (ContrastiveTraining, "epochs = 0", "epochs is 0; expected 1 or more"),
        (ContrastiveTraining, "batch_size = 1", "batch_size is 1; expected 2 or more"),
        (ContrastiveTraining, "text_batch_size = -1", "text_batch_size is -1; expected 0 or more"),
        (ContrastiveTraining, "learning_rate = -1e-3", "learning_rate is -0.001; expected more than 0"),
        (ContrastiveTraining, "ema_decay = 2.0", "ema_decay is 2.0; expected 0 to below 1"),
        (ContrastiveTraining, "patch_dropout = 1.0", "patch_dropout is 1.0; expected 0 to below 1"),
        (ContrastiveTraining, "seed = -1", "seed is -1; expected 0 or more"),
        (ContrastiveTraining, "folds = []", "folds is empty"),
        (ContrastiveTraining, "valid_fold = 3", "valid_fold 3 is also trained on"),
        (
            ContrastiveTraining,
            "[losses]\ntarget_temperature = 0.0",
            "target_temperature is 0.0; expected more than 0",
        ),
        (ContrastiveTraining, "[augment]\nblur = 1.5", "blur is 1.5; expected 0 to 1"),
        (ContrastiveTraining, "[photo_views]\nshare = 1.5", "share is 1.5; expected 0 to 1"),
        (ContrastiveTraining, "[distillation]\nmixup = 16", "there are no teachers"),
        (SignalTraining, "epochs = 0", "epochs is 0"),
        (SignalTraining, "mixup = 1.5", "mixup is 1.5; expected 0 to 1"),
        (TextTraining, "steps = 0", "steps is 0"),
        (SheetTraining, "folds = [9]", "valid_fold 9 is also trained on"),
    ],
)
def test_what_cannot_be_is_one_line(tmp_path, kind, toml, words):
    path = tmp_path / "run.toml"
    path.write_text(toml)
    with pytest.raises(ConfigError) as refusal:
        load_config(path, kind)
    assert words in str(refusal.value)
    assert "\n" not in str(refusal.value)

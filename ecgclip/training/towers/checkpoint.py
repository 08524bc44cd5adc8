"""Save and load the two towers: a folder of config.json, model.safetensors and tokenizer.json, offline."""

from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from ecgclip.encoders.settings import ModelConfig
from ecgclip.encoders.text import ReportTokenizer
from ecgclip.errors import ModelError
from ecgclip.training.towers.model import EcgClip

WEIGHTS = "model.safetensors"
TOKENIZER = "tokenizer.json"


def save_model(model: EcgClip, tokenizer: ReportTokenizer, folder: Path, *, half: bool = False) -> None:
    """Write the model; half: weights as float16, half the size."""
    folder.mkdir(parents=True, exist_ok=True)
    state = {name: value.detach().contiguous() for name, value in model.state_dict().items()}
    if half:
        state = {name: value.half() if value.is_floating_point() else value for name, value in state.items()}
    save_file(state, folder / WEIGHTS)
    tokenizer.tokenizer.save(str(folder / TOKENIZER))
    model.config.save(folder)


def load_model(folder: Path) -> tuple[EcgClip, ReportTokenizer]:
    """A model that `save_model` wrote, in evaluation mode; ModelError where a file is missing or unfit."""
    config = ModelConfig.load(folder)
    model = EcgClip(config)
    load_weights(model, folder)
    return model, ReportTokenizer.load(folder / TOKENIZER, config.text.max_tokens)


def load_weights(model: EcgClip, folder: Path) -> None:
    """Give the model the weights of the folder, in evaluation mode; ModelError where they do not fit."""
    if not (folder / WEIGHTS).is_file():
        raise ModelError(f"{folder} holds no {WEIGHTS}; expected a folder with a trained ecgclip model")
    try:
        model.load_state_dict(load_file(folder / WEIGHTS))
    except (SafetensorError, RuntimeError) as error:
        reason = str(error).splitlines()[0]
        raise ModelError(
            f"{folder / WEIGHTS} does not fit its config.json ({reason}); copy the folder anew"
        ) from None
    model.eval().to(torch.float32)

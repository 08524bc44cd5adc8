"""A model small enough for tests, with random weights."""

from dataclasses import replace

import torch

from ecgclip.encoders.settings import ImageTower, ModelConfig, TextTower
from ecgclip.encoders.text import ReportTokenizer, train_tokenizer
from ecgclip.training.towers.model import EcgClip

REPORTS = ["sinus rhythm. normal ecg.", "vorhofflimmern. linksschenkelblock", "qt-verlaengerung v1-v3"] * 4
CONFIG = ModelConfig(
    name="small",
    dim=32,
    image=ImageTower(stem_channels=(8, 8, 16), width=48, depth=2, heads=3, drop_path=0.0),
    text=TextTower(vocabulary=120, max_tokens=24, width=48, depth=1, heads=3),
    statements=("AFIB", "CLBBB", "NORM"),
)


def small_model(seed: int = 0) -> tuple[EcgClip, ReportTokenizer]:
    torch.manual_seed(seed)
    tokenizer = train_tokenizer(REPORTS, CONFIG.text.vocabulary)
    config = replace(CONFIG, text=replace(CONFIG.text, vocabulary=tokenizer.get_vocab_size()))
    return EcgClip(config).eval(), ReportTokenizer(tokenizer, config.text.max_tokens)

"""Records, a vocabulary and batches that train in seconds."""

from ecgclip.encoders.settings import ModelConfig
from ecgclip.training.cache import SignalCache
from research.masked.codebook import Codebook, learn_codebook
from research.masked.data import MaskedBatches, PageMaker
from research.masked.settings import MaskedTraining, Vocabulary
from tests.training.towers.small import CONFIG


def small_config(**changes) -> MaskedTraining:
    settings = {
        "model": ModelConfig(name="small", dim=32, image=CONFIG.image, text=CONFIG.text),
        "vocabulary": Vocabulary(codes=16, components=8, iterations=4),
        "epochs": 2,
        "batch_size": 12,
        "warmup_epochs": 0.5,
        "valid_every": 1,
    }
    return MaskedTraining(**{**settings, **changes})


def small_codebook(maker: PageMaker) -> Codebook:
    seen = maker.descriptions(maker.cache.in_folds(maker.config.folds), 1)
    return learn_codebook(seen, maker.config.vocabulary, maker.config.seed)


def small_batches(cache: SignalCache, config: MaskedTraining) -> MaskedBatches:
    maker = PageMaker(config, cache)
    return MaskedBatches(maker, small_codebook(maker))

"""Reports to tokens: a WordPiece vocabulary trained on ECG reports in several languages.

Reports of the nineties come with lost or damaged umlauts ("unvollstÄndig", "ueberleitung"); case and
accents are dropped on both sides, so that a query matches however it is typed.
"""

import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ecgclip.errors import ModelError
from ecgclip.files import read_small
from ecgclip.typing import Int64s

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from tokenizers.models import Model

SPECIAL_TOKENS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
"""Their ids are their places here: the trainer numbers them first."""

_UNKNOWN = "[UNK]"
_MOST_BYTES = 16 << 20
_BOILERPLATE = re.compile(r"(\b4\.46\b\s*)?unbest.{1,2}tigter bericht|edit:.*$", re.IGNORECASE)
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_SPACE = re.compile(r"\s+")


def clean_report(report: str) -> str:
    """Lower case, umlauts spelled out, device boilerplate and repeated spaces dropped.

    >>> clean_report("Sinusrhythmus  T abnorm 4.46    unbestÄtigter bericht")
    'sinusrhythmus t abnorm'
    >>> clean_report("QT-VERLÄNGERUNG")
    'qt-verlaengerung'
    """
    text = _BOILERPLATE.sub(" ", report).lower().translate(_UMLAUTS)
    return _SPACE.sub(" ", text).strip()


def train_tokenizer(reports: Iterable[str], vocabulary: int) -> "Tokenizer":
    """A WordPiece tokenizer of at most `vocabulary` entries learned from reports; the same from the same."""
    from tokenizers import models, trainers

    learning = _tokenizer(models.WordPiece(unk_token=_UNKNOWN))
    texts = [clean_report(report) for report in reports]
    letters = sorted({letter for text in texts for letter in learning.normalizer.normalize_str(text)})
    # Pieces of words, numbered here: the trainer would number them in another order each time, and ties in
    # how often two stand together are decided by their numbers.
    inner = [f"##{letter}" for letter in letters if not letter.isspace()]
    trainer = trainers.WordPieceTrainer(
        vocab_size=vocabulary,
        special_tokens=[*SPECIAL_TOKENS, *inner],
        show_progress=False,
    )
    learning.train_from_iterator(texts, trainer)
    return _finished(models.WordPiece(learning.get_vocab(), unk_token=_UNKNOWN))


def _finished(model: "Model") -> "Tokenizer":
    tokenizer = _tokenizer(model)
    tokenizer.add_special_tokens(list(SPECIAL_TOKENS))
    return tokenizer


def _tokenizer(model: "Model") -> "Tokenizer":
    """A tokenizer of this model that splits reports into words, marks and single digits."""
    from tokenizers import Tokenizer, normalizers, pre_tokenizers

    tokenizer = Tokenizer(model)
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFD(), normalizers.Lowercase(), normalizers.StripAccents()]
    )
    # "v4-v6", "st-senkung" and "2:1" become words and marks; digits stand alone so that numbers stay few.
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.BertPreTokenizer(), pre_tokenizers.Digits(individual_digits=True)]
    )
    return tokenizer


class ReportTokenizer:
    """Reports -> padded token ids and mask."""

    def __init__(self, tokenizer: "Tokenizer", max_tokens: int) -> None:
        self.tokenizer = tokenizer
        self.max_tokens = max_tokens
        self.first: int = tokenizer.encode("[CLS]", add_special_tokens=False).ids[0]

    @classmethod
    def load(cls, path: Path, max_tokens: int) -> "ReportTokenizer":
        """The tokenizer of a trained model; ModelError for any that `train_tokenizer` would not make.

        Other tokenizers may hold patterns that take forever on some texts.
        """
        from tokenizers import models

        if not path.exists():
            raise ModelError(f"{path} is missing; expected the tokenizer of a trained ecgclip model")
        try:
            text = read_small(path, _MOST_BYTES).decode()
            vocabulary = json.loads(text)["model"]["vocab"]
            tokenizer = _finished(models.WordPiece(vocabulary, unk_token=_UNKNOWN))
            if json.loads(tokenizer.to_str()) != json.loads(text):
                raise ValueError("its settings are not those of an ecgclip model")
            return cls(tokenizer, max_tokens)
        except Exception as error:  # tokenizers raises nothing narrower
            reason = " ".join(str(error).split())[:80] or type(error).__name__
            raise ModelError(f"{path} is no tokenizer of ecgclip ({reason}); copy the model anew") from None

    def __call__(self, reports: Sequence[str]) -> tuple[Int64s, Int64s]:
        """(ids, mask), int64 [report, token], padded to the longest; a blank report is its [CLS] alone."""
        encoded = self.tokenizer.encode_batch([clean_report(report) for report in reports])
        rows = [[self.first, *entry.ids[: self.max_tokens - 1]] for entry in encoded]
        width = max(map(len, rows), default=1)
        ids = np.zeros((len(rows), width), np.int64)
        mask = np.zeros((len(rows), width), np.int64)
        for i, row in enumerate(rows):
            ids[i, : len(row)] = row
            mask[i, : len(row)] = 1
        return ids, mask

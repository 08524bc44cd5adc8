"""A text query as a vector, which is compared with the vectors of pages and reports."""

import numpy as np

from ecgclip.engine.glossary import shipped_glossary
from ecgclip.engine.model import Model
from ecgclip.errors import ConfigError
from ecgclip.typing import Float32s

MOST_CHARACTERS = 2000
"""Longest text of a query: the glossary looks for names in it word by word."""


def embed_question(model: Model, question: str) -> Float32s:
    """Unit vector [dim] of a text query: the mean over the texts that the glossary makes of it.

    Errors: ConfigError where it is no text, is longer than `MOST_CHARACTERS`, or has no word of Latin letters
    or digits.
    """
    if not isinstance(question, str):
        raise ConfigError(f"the text is {question!r:.40}; expected words such as 'atrial fibrillation'")
    if len(question) > MOST_CHARACTERS:
        raise ConfigError(
            f"the text has {len(question)} characters; expected a question of at most {MOST_CHARACTERS}"
        )
    glossary = shipped_glossary()
    if not glossary.pieces(question):
        raise ConfigError(
            f"the text is {question[:40]!r}; expected English or German words such as 'atrial fibrillation'"
        )
    vector = model.embed_reports(glossary.readings(question)).mean(axis=0)
    return np.asarray(vector / np.linalg.norm(vector), np.float32)

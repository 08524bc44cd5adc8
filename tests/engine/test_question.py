"""A question in words has a length that can be answered."""

import pytest

from ecgclip.engine.model import Model
from ecgclip.engine.question import MOST_CHARACTERS, embed_question
from ecgclip.errors import ConfigError


def test_a_question_of_a_megabyte_is_one_line(model: Model) -> None:
    with pytest.raises(ConfigError, match="has 1000000 characters; expected a question of at most 2000"):
        embed_question(model, "vorhofflimmern " * 66_666 + "vorhofflim")
    assert embed_question(model, ("vorhofflimmern " * 200)[:MOST_CHARACTERS]).shape == (model.dim,)

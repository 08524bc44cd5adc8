"""Where photo, encoders and retrieval meet: `Engine.query(image) -> Answer`."""

from ecgclip.engine.answer import Answer, Input, Match, Statement
from ecgclip.engine.model import Encoder, Model, load_model
from ecgclip.engine.query import Engine, open_index
from ecgclip.engine.query_input import QueryInput, Source

__all__ = [
    "Answer",
    "Encoder",
    "Engine",
    "Input",
    "Match",
    "Model",
    "QueryInput",
    "Source",
    "Statement",
    "load_model",
    "open_index",
]

"""Where photo, encoders and retrieval meet: `Engine.query(image) -> Answer`."""

from ecgclip.engine.answer import Answer, Input, Match, Statement
from ecgclip.engine.model import Encoder, Model, load_model
from ecgclip.engine.query import Engine, open_index
from ecgclip.engine.query_input import Source, Subject

__all__ = [
    "Answer",
    "Encoder",
    "Engine",
    "Input",
    "Match",
    "Model",
    "Source",
    "Statement",
    "Subject",
    "load_model",
    "open_index",
]

"""The operators of an ONNX graph, read from its bytes: a tower computes straight on and has no loops.

Only what holds nodes is followed (onnx.proto: ModelProto 7 graph, 25 functions; GraphProto 1 node;
FunctionProto 7 node; NodeProto 4 op_type, 5 attribute; AttributeProto 6 g, 11 graphs); the package onnx would
take longer to import than a question to answer.
"""

from collections.abc import Iterator
from typing import Final

from ecgclip.errors import ModelError

LOOPS: Final = frozenset({"Loop", "Scan", "If", "SequenceMap"})
"""What computes for as long as its input says."""
_MODEL, _GRAPH, _FUNCTION, _NODE, _ATTRIBUTE = "model", "graph", "function", "node", "attribute"
_INNER: Final = {
    _MODEL: {7: _GRAPH, 25: _FUNCTION},
    _GRAPH: {1: _NODE},
    _FUNCTION: {7: _NODE},
    _NODE: {5: _ATTRIBUTE},
    _ATTRIBUTE: {6: _GRAPH, 11: _GRAPH},
}
_OPERATOR_FIELD: Final = 4
_MOST_NODES: Final = 100_000
_FIXED_BYTES: Final = {1: 8, 5: 4}
_VARINT, _DELIMITED = 0, 2


def operators(data: bytes) -> frozenset[str]:
    """Names of all operators, those of subgraphs and functions included; ModelError for what is no graph."""
    found: set[str] = set()
    waiting: list[tuple[str, memoryview]] = [(_MODEL, memoryview(data))]
    nodes = 0
    while waiting:
        kind, message = waiting.pop()
        nodes += kind == _NODE
        if nodes > _MOST_NODES:
            raise ModelError(f"the graph has more than {_MOST_NODES} nodes")
        for number, part in _fields(message):
            if inner := _INNER[kind].get(number):
                waiting.append((inner, part))
            elif kind == _NODE and number == _OPERATOR_FIELD:
                found.add(bytes(part[:100]).decode("utf-8", "replace"))
    if not found:
        raise ModelError("the graph has no nodes")
    return frozenset(found)


def _fields(message: memoryview) -> Iterator[tuple[int, memoryview]]:
    """(number, content) of the fields that have a length; the others are passed over."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        wire = key & 7
        if wire == _VARINT:
            _, at = _varint(message, at)
        elif wire == _DELIMITED:
            length, at = _varint(message, at)
            if length > len(message) - at:
                raise ModelError("the graph is cut short")
            yield key >> 3, message[at : at + length]
            at += length
        elif wire in _FIXED_BYTES:
            at += _FIXED_BYTES[wire]
        else:
            raise ModelError("this is no ONNX graph")


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    """The number that begins here, and where it ends."""
    value = 0
    for place, byte in enumerate(message[at : at + 10]):
        value |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            return value, at + place + 1
    raise ModelError("this is no ONNX graph")

"""A message between parent and child: a line of facts as JSON, and bytes that belong to it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

MOST_FACTS: Final = 1 << 16
"""Largest length in bytes of the JSON line of a message."""
_PREFIX: Final = 12

Facts = Mapping[str, Any]


@dataclass(frozen=True)
class Payload:
    """Bytes in several parts, so that a picture need not be copied into one; size: bytes of all parts."""

    size: int
    parts: Iterable[bytes | memoryview]

    @classmethod
    def of(cls, data: bytes) -> "Payload":
        return cls(len(data), (data,))


NOTHING: Final = Payload(0, ())


def write_message(file: BinaryIO, facts: Facts, payload: Payload = NOTHING) -> None:
    text = json.dumps(facts).encode()
    file.write(len(text).to_bytes(4, "little") + payload.size.to_bytes(8, "little") + text)
    for part in payload.parts:
        file.write(part)
    file.flush()


def read_message(file: BinaryIO, most_bytes: int) -> tuple[dict[str, Any], bytes] | None:
    """The next message; None where the other side has ended or sends something malformed.

    most_bytes: a longer payload is refused before room for it is made.
    """
    prefix = file.read(_PREFIX)
    if len(prefix) < _PREFIX:
        return None
    facts_bytes, payload_bytes = int.from_bytes(prefix[:4], "little"), int.from_bytes(prefix[4:], "little")
    if facts_bytes > MOST_FACTS or payload_bytes > most_bytes:
        return None
    text, payload = file.read(facts_bytes), file.read(payload_bytes)
    if len(text) < facts_bytes or len(payload) < payload_bytes:
        return None
    try:
        facts = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return (facts, payload) if isinstance(facts, dict) else None

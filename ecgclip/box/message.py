"""A message between parent and child: a line of facts as JSON, and bytes that belong to it."""

import json
from collections.abc import Mapping
from typing import Any, BinaryIO, Final

MOST_FACTS: Final = 1 << 16
"""Bytes of the JSON."""
_PREFIX: Final = 12

Facts = Mapping[str, Any]
Payload = bytes | bytearray | memoryview


def write_message(file: BinaryIO, facts: Facts, payload: Payload = b"") -> None:
    text = json.dumps(facts).encode()
    file.write(len(text).to_bytes(4, "little") + len(payload).to_bytes(8, "little") + text)
    file.write(payload)
    file.flush()


def read_message(file: BinaryIO, most_bytes: int) -> tuple[dict[str, Any], bytearray] | None:
    """The next message; None where the other side has ended, or says what no message is.

    most_bytes: a longer payload is refused before room for it is made.
    """
    prefix = file.read(_PREFIX)
    if len(prefix) < _PREFIX:
        return None
    facts_bytes, payload_bytes = int.from_bytes(prefix[:4], "little"), int.from_bytes(prefix[4:], "little")
    if facts_bytes > MOST_FACTS or payload_bytes > most_bytes:
        return None
    text = file.read(facts_bytes)
    payload = bytearray(payload_bytes)
    if len(text) < facts_bytes or not _filled(file, payload):
        return None
    try:
        facts = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return (facts, payload) if isinstance(facts, dict) else None


def _filled(file: BinaryIO, payload: bytearray) -> bool:
    rest = memoryview(payload)
    while len(rest):
        count = file.readinto(rest)  # type: ignore[attr-defined]
        if not count:
            return False
        rest = rest[count:]
    return True

"""Elements of a DICOM file, explicit VR little endian: PS3.5, 7.1 and 7.5."""

import struct
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TypeAlias

Tag: TypeAlias = int
"""Group and element: 0x00080060 is (0008,0060)."""
Value: TypeAlias = "str | bytes | int | Sequence[int] | Sequence[Elements]"
Elements: TypeAlias = "Mapping[Tag, tuple[str, Value]]"
"""Tag -> VR and value. Text as text, US as numbers, OB and OW as bytes, SQ as a list of elements."""

_LONG: Final = ("OB", "OW", "SQ", "UT")
"""VRs whose length has four bytes."""
_ITEM: Final = 0xFFFEE000


def encoded(elements: Elements) -> bytes:
    """The elements as bytes, in the order of their tags; the length of each is even."""
    return b"".join(_element(tag, vr, value) for tag, (vr, value) in sorted(elements.items()))


def _element(tag: Tag, vr: str, value: Value) -> bytes:
    content = _content(vr, value)
    content += (b"\0" if vr in ("UI", "OB", "OW") else b" ") * (len(content) % 2)
    head = _tag(tag) + vr.encode("ascii")
    if vr in _LONG:
        return head + struct.pack("<HI", 0, len(content)) + content
    return head + struct.pack("<H", len(content)) + content


def _content(vr: str, value: Value) -> bytes:
    match value:
        case bytes():
            return value
        case str():
            return value.encode("utf-8")
        case int():
            return struct.pack("<H" if vr == "US" else "<I", value)
        case _ if vr == "SQ":
            return _items(value)  # type: ignore[arg-type]
        case _:
            return struct.pack(f"<{len(value)}H", *value)


def _items(items: Iterable[Elements]) -> bytes:
    contents = [encoded(item) for item in items]
    return b"".join(_tag(_ITEM) + struct.pack("<I", len(content)) + content for content in contents)


def _tag(tag: Tag) -> bytes:
    return struct.pack("<HH", tag >> 16, tag & 0xFFFF)

"""Files made to keep a decoder busy: each small, and each slow or large in a way of its own."""

import io
import struct
import zlib

from PIL import Image


def pdf(*objects: bytes, trailer: bytes = b"") -> bytes:
    """A PDF of these objects, numbered from 1, the first of them its catalogue."""
    body, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    end = b"trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF"
    return body + head + table + end % (len(objects) + 1, trailer, len(body))


CATALOGUE = b"<< /Type /Catalog /Pages 2 0 R >>"
PAGES = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"


def _stream(data: bytes, facts: bytes = b"") -> bytes:
    return b"<< %s /Length %d >>\nstream\n%s\nendstream" % (facts, len(data), data)


def _shows(contents: bytes, *more: bytes, resources: bytes = b"") -> bytes:
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents 4 0 R /Resources << %s >> >>"
    return pdf(CATALOGUE, PAGES, page % resources, contents, *more)


def _forms(depth: int, first: int) -> list[bytes]:
    """Each shows the next ten times; first: number of the first as an object."""
    forms = []
    for level in range(depth):
        facts = b"/Type /XObject /Subtype /Form /BBox [0 0 300 200]"
        if level < depth - 1:
            facts += b" /Resources << /XObject << /F %d 0 R >> >>" % (first + 1 + level)
        forms.append(_stream(b"/F Do " * 10 if level < depth - 1 else b"0 0 m 9 9 l S", facts))
    return forms


def nested_forms(depth: int = 9) -> bytes:
    """10 ** depth strokes from 2 kB."""
    return _shows(_stream(b"/F Do"), *_forms(depth, 5), resources=b"/XObject << /F 5 0 R >>")


def forms_before_a_page() -> bytes:
    """A first page of nested forms, and a second one without anything."""
    pages = b"<< /Type /Pages /Kids [3 0 R 5 0 R] /Count 2 >>"
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200]%s >>"
    shown = b" /Contents 4 0 R /Resources << /XObject << /F 6 0 R >> >>"
    forms = _forms(9, first=6)
    return pdf(CATALOGUE, pages, page % shown, _stream(b"/F Do"), page % b"", *forms)


def many_lines(count: int = 2_000_000) -> bytes:
    """Ever the same hundred lines, a few bytes each once packed."""
    lines = b"".join(b"%d %d m %d %d l S\n" % (i, 2 * i, 300 - i, 200 - i) for i in range(100))
    return _shows(_stream(zlib.compress(lines * (count // 100), 9), b"/Filter /FlateDecode"))


def inflated() -> bytes:
    """A content of 900 MB, all blanks."""
    packer = zlib.compressobj(9)
    parts = [packer.compress(b" " * 1_000_000) for _ in range(900)]
    return _shows(_stream(b"".join([*parts, packer.flush()]), b"/Filter /FlateDecode"))


def many_scans(side: int = 8900, scans: int = 300) -> bytes:
    """A progressive JPEG whose last scan comes again and again."""
    file = io.BytesIO()
    Image.new("L", (side, side), 128).save(file, "JPEG", quality=10, progressive=True)
    data = file.getvalue()
    start, end = data.rindex(b"\xff\xda"), data.rindex(b"\xff\xd9")
    return data[:end] + data[start:end] * scans + data[end:]


def _tiff(entries: list[tuple[int, int, int, int]], following: int) -> bytes:
    tags = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return struct.pack("<H", len(entries)) + tags + struct.pack("<I", following)


def many_pages(count: int = 30_000) -> bytes:
    """A TIFF of pages of one pixel."""
    tags = [(256, 3, 1, 1), (257, 3, 1, 1), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1)]
    tags += [(273, 4, 1, 8), (278, 3, 1, 1), (279, 4, 1, 1)]
    size = 6 + 12 * len(tags)
    pages = [_tiff(tags, 10 + size * (page + 1) if page < count - 1 else 0) for page in range(count)]
    return b"II*\0" + struct.pack("<I", 10) + b"\0\0" + b"".join(pages)


def many_strips(count: int = 1_000_000) -> bytes:
    """A TIFF of one row a strip, all of them the same 64 bytes."""
    places = 8 + 6 + 12 * 9
    pixels = places + 8 * count
    tags = [(256, 4, 1, 64), (257, 4, 1, count), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1)]
    tags += [(273, 4, count, places), (277, 3, 1, 1), (278, 4, 1, 1), (279, 4, count, places + 4 * count)]
    lists = struct.pack("<I", pixels) * count + struct.pack("<I", 64) * count
    return b"II*\0" + struct.pack("<I", 8) + _tiff(tags, 0) + lists + bytes(64)


def run_length_bmp(width: int = 8000, height: int = 7500) -> bytes:
    """Pillow unpacks such rows in Python."""
    row = b"\x01\x01" * width + b"\0\0"
    head = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 8, 1, len(row) * height, 0, 0, 256, 0)
    palette = b"".join(bytes([shade, shade, shade, 0]) for shade in range(256))
    start = 14 + 40 + len(palette)
    return b"BM" + struct.pack("<IHHI", start, 0, 0, start) + head + palette + row * height


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width: int, height: int, *chunks: bytes, kind: tuple[int, int] = (8, 0)) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, *kind, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join([chunk(b"IHDR", head), *chunks, chunk(b"IEND", b"")])


def many_chunks(count: int = 100_000) -> bytes:
    return png(64, 64, chunk(b"juNk", b"") * count, chunk(b"IDAT", zlib.compress(bytes(65 * 64))))


def jpeg(*segments: bytes, size: tuple[int, int] = (640, 480), **options: object) -> bytes:
    """A picture with segments of ours behind its first marker."""
    file = io.BytesIO()
    Image.new("RGB", size, "grey").save(file, "JPEG", **options)
    data = file.getvalue()
    return data[:2] + b"".join(segments) + data[2:]


def segment(marker: int, data: bytes) -> bytes:
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(data) + 2) + data


def exif_of_tags(count: int) -> bytes:
    """Every tag says that its 60,000 bytes are those of the whole directory."""
    tags = b"".join(struct.pack("<HHII", 1000 + number, 7, 60_000, 8) for number in range(count))
    return segment(0xE1, b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<H", count) + tags)


def one_component_a_scan(size: tuple[int, int]) -> bytes:
    """A baseline JPEG whose first scan has one of three components: all coefficients are held."""
    data = bytearray(jpeg(size=size))
    start = data.rindex(b"\xff\xda")
    data[start + 4] = 1
    return bytes(data)

"""What a file is, told by its content and never by its name; what must not be kept is refused.

Pictures are decoded and written anew: that drops where they were taken, what is hidden behind
their last byte, and anything that is only dressed as a picture.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from app.errors import Refused
from app.files.types import Inspected

MAX_PIXELS = 50_000_000
"""What phones take; decoding more would need hundreds of megabytes."""
MAX_EDGE = 3_000
"""Enough to read a receipt; larger pictures are made smaller."""
MAX_UNPACKED_BYTES = 200 * 1024 * 1024
MAX_UNPACKED_RATIO = 200
MAX_ARCHIVE_ENTRIES = 5_000
HEAD_BYTES = 4096
TEXT_SAMPLE_BYTES = 1024 * 1024

PICTURES = {"PNG": "png", "JPEG": "jpg", "WEBP": "webp", "GIF": "png"}
"""Kept as; of an animation its first picture is."""
OFFICE = "application/vnd.openxmlformats-officedocument."
DOCUMENTS = {
    "word/document.xml": (f"{OFFICE}wordprocessingml.document", ".docx"),
    "xl/workbook.xml": (f"{OFFICE}spreadsheetml.sheet", ".xlsx"),
    "ppt/presentation.xml": (f"{OFFICE}presentationml.presentation", ".pptx"),
}
CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
Check = Callable[[Path, bytes], Inspected | None]


def inspect(path: Path) -> Inspected:
    """Blocking: decodes pictures. Raises `Refused` with what is wrong with the file."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if not head:
        raise Refused("file_empty")
    for check in (_picture, _document, _pdf, _video, _text):
        found = check(path, head)
        if found is not None:
            return found
    raise Refused("file_type_refused")


def _picture(path: Path, head: bytes) -> Inspected | None:
    if not head.startswith((b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF")):
        return None
    try:
        with Image.open(path, formats=tuple(PICTURES)) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise Refused("picture_too_large", limit=MAX_PIXELS // 1_000_000)
            picture.draft("RGB", (MAX_EDGE, MAX_EDGE))  # a JPEG is decoded at the size it needs
            return _written_anew(path, picture)
    except UnidentifiedImageError:
        if head.startswith(b"RIFF"):
            return None  # sound, say
        raise Refused("file_damaged") from None
    except Image.DecompressionBombError:
        raise Refused("picture_too_large", limit=MAX_PIXELS // 1_000_000) from None
    except (OSError, ValueError, SyntaxError) as error:
        raise Refused("file_damaged") from error


def _written_anew(path: Path, picture: Image.Image) -> Inspected:
    suffix = PICTURES[str(picture.format)]
    shown = ImageOps.exif_transpose(picture)
    shown.thumbnail((MAX_EDGE, MAX_EDGE))
    if shown.mode not in ("RGB", "RGBA", "L"):
        shown = shown.convert("RGBA" if "transparency" in shown.info else "RGB")
    if suffix == "jpg":
        shown = shown.convert("RGB")
    bare = Image.new(shown.mode, shown.size)
    bare.paste(shown)
    out = path.with_suffix(f".{suffix}")
    bare.save(out, quality=88)
    media_type = Image.MIME["JPEG" if suffix == "jpg" else suffix.upper()]
    return Inspected(out, media_type, f".{suffix}", *bare.size)


def _document(path: Path, head: bytes) -> Inspected | None:
    if not head.startswith(b"PK\x03\x04"):
        return None
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise Refused("file_damaged") from error
    names = {entry.filename for entry in entries}
    kind = next((DOCUMENTS[name] for name in DOCUMENTS if name in names), None)
    if kind is None or any(name.endswith("vbaProject.bin") for name in names):
        return None
    unpacked = sum(entry.file_size for entry in entries)
    packed = max(1, path.stat().st_size)
    bomb = unpacked > MAX_UNPACKED_BYTES or unpacked / packed > MAX_UNPACKED_RATIO
    if bomb or len(entries) > MAX_ARCHIVE_ENTRIES:
        raise Refused("file_unpacks_too_large")
    return Inspected(path, *kind)


def _pdf(path: Path, head: bytes) -> Inspected | None:
    return Inspected(path, "application/pdf", ".pdf") if head.startswith(b"%PDF-") else None


def _video(path: Path, head: bytes) -> Inspected | None:
    if head[4:8] == b"ftyp":
        quicktime = head[8:12] == b"qt  "
        return Inspected(
            path, *(("video/quicktime", ".mov") if quicktime else ("video/mp4", ".mp4"))
        )
    if head.startswith(b"\x1a\x45\xdf\xa3") and b"webm" in head:
        return Inspected(path, "video/webm", ".webm")
    return None


def _text(path: Path, head: bytes) -> Inspected | None:
    """Without control characters, in UTF-8 or the usual Chinese coding."""
    with path.open("rb") as file:
        sample = file.read(TEXT_SAMPLE_BYTES)
    for coding in ("utf-8", "gb18030"):
        try:
            text = sample.decode(coding)
        except UnicodeDecodeError as error:
            if len(sample) < TEXT_SAMPLE_BYTES or error.start < len(sample) - 4:
                continue  # and not just a character cut by the sample's end
            text = sample[: error.start].decode(coding)
        if not CONTROL.search(text):
            return Inspected(path, f"text/plain; charset={coding}", ".txt")
    return None

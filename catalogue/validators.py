"""Rules that models, forms and API share."""

from datetime import date
from io import BytesIO
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.timezone import localdate
from PIL import Image

from catalogue.search.text import is_seen

#: Words at the place of a cluster's slug in an address of the page or the API. Only such words:
#: a cluster of the real data is called "Compare", so the comparison lives at "side-by-side".
RESERVED_SLUGS = frozenset({"embed", "facets", "id", "map", "opensearch", "search", "side-by-side", "suggest"})
LOGO_MAX_BYTES = 1_000_000
LOGO_MAX_SIDE = 2000
LOGO_FORMATS = {"PNG", "JPEG", "WEBP"}
#: How files of other formats begin, in lower case, so that a message names what was sent.
_OTHER_FORMATS = {
    b"gif8": "GIF", b"bm": "BMP", b"ii*\0": "TIFF", b"mm\0*": "TIFF", b"%pdf": "PDF", b"%!ps": "PostScript",
    b"<svg": "SVG", b"<?xml": "SVG", b"<!doctype svg": "SVG", b"\0\0\1\0": "ICO", b"\0\0\0\x1cftyp": "HEIC or AVIF",
    b"\0\0\0\x18ftyp": "HEIC or AVIF", b"\0\0\0 ftyp": "HEIC or AVIF",
}  # fmt: skip


def validate_slug_not_reserved(value: str) -> None:
    """Refuse a slug that an address of the portal uses."""
    if value in RESERVED_SLUGS:
        raise ValidationError(f"“{value}” is an address of the portal itself. Choose another slug.", code="reserved")


def validate_visible(value: str) -> None:
    """Refuse a text without a visible character: spaces, joiners, fillers, marks without letters."""
    if value and not any(is_seen(letter) for letter in value):
        raise ValidationError("This holds only characters that cannot be seen. Write it in letters.", code="unseen")


def validate_year_founded(value: int) -> None:
    """Refuse a year before 1800 or in the future."""
    if not 1800 <= value <= date.today().year:  # noqa: DTZ011 - a year, in any time zone
        raise ValidationError(f"{value} is no plausible year: give one from 1800 until today.", code="year")


def validate_not_in_future(value: date) -> None:
    """Refuse a day that has not come yet."""
    if value > localdate():
        raise ValidationError(f"{value:%Y-%m-%d} has not come yet: give today or an earlier day.", code="future")


def validate_logo(file: Any) -> None:
    """Refuse a logo that is too large or is no PNG, JPEG or WebP image, whatever its name says."""
    # A form gives the upload itself, a model wraps it once more.
    if not any(isinstance(part, UploadedFile) for part in (file, getattr(file, "file", None))):
        return  # stored earlier and checked then
    image = open_logo(read_logo(file))
    try:
        image.verify()
    except Exception as error:  # Pillow raises many kinds on damaged files
        raise unreadable_logo() from error


def read_logo(file: Any) -> bytes:
    """Return the content of ``file``; raises ValidationError if it is larger than a logo may be."""
    file.seek(0)
    content: bytes = file.read(LOGO_MAX_BYTES + 1)
    file.seek(0)
    if len(content) > LOGO_MAX_BYTES:
        raise ValidationError("The logo is larger than 1 MB. Save it smaller and try again.", code="size")
    return content


def open_logo(content: bytes) -> Image.Image:
    """Return the image in ``content``, checked by its header and not decoded yet.

    Raises ValidationError for other formats, too many pixels and moving pictures.
    """
    for beginning, kind in _OTHER_FORMATS.items():
        if content[:500].lstrip().lower().startswith(beginning):
            raise ValidationError(
                f"A logo must be PNG, JPEG or WebP, this one is {kind}. Export it in one of these formats.",
                code="format",
            )
    # libwebp takes memory for all pixels as soon as a file is opened.
    if size := _webp_size(content):
        _check_size(size)
    try:
        image = Image.open(BytesIO(content), formats=sorted(LOGO_FORMATS))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ValidationError(
            f"The logo has far too many pixels; at most {LOGO_MAX_SIDE} on each side. Save it smaller and try again.",
            code="dimensions",
        ) from error
    except Exception as error:  # Pillow raises many kinds on damaged files
        raise unreadable_logo() from error
    _check_size(image.size)
    # A photograph may hold smaller copies of itself (MPO); those do not move.
    if image.format != "MPO" and getattr(image, "n_frames", 1) > 1:
        raise ValidationError("The logo is animated. Save one still picture of it and try again.", code="animated")
    return image


def unreadable_logo() -> ValidationError:
    """Return the error for a file that is no image, or a damaged one."""
    return ValidationError(
        "This file is no image that we can read, or it is damaged. Save it again as PNG, JPEG or WebP.", code="image"
    )


def _check_size(size: tuple[int, int]) -> None:
    if max(size) > LOGO_MAX_SIDE:
        raise ValidationError(
            f"The logo measures {size[0]} × {size[1]} pixels; at most {LOGO_MAX_SIDE} on each side. "
            "Save it smaller and try again.",
            code="dimensions",
        )


def _webp_size(content: bytes) -> tuple[int, int] | None:
    """Return width and height as the header of a WebP file says, or None if it is none."""
    if content[:4] != b"RIFF" or content[8:12] != b"WEBP" or len(content) < 30:
        return None
    kind = content[12:16]
    if kind == b"VP8X":
        return int.from_bytes(content[24:27], "little") + 1, int.from_bytes(content[27:30], "little") + 1
    if kind == b"VP8L":
        bits = int.from_bytes(content[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return int.from_bytes(content[26:28], "little") & 0x3FFF, int.from_bytes(content[28:30], "little") & 0x3FFF

"""Rules that models, forms and API share."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.timezone import localdate
from PIL import Image

#: Words that stand at the place of a cluster's slug in an address of the page or the API. Only such words:
#: a cluster of the real data is called "Compare", so the comparison will live at "side-by-side".
RESERVED_SLUGS = frozenset({"embed", "facets", "id", "map", "opensearch", "search", "side-by-side", "suggest"})
LOGO_MAX_BYTES = 1_000_000
LOGO_MAX_SIDE = 2000
LOGO_FORMATS = {"PNG", "JPEG", "WEBP"}


def validate_slug_not_reserved(value: str) -> None:
    """Refuse a slug that an address of the portal uses."""
    if value in RESERVED_SLUGS:
        raise ValidationError(f"“{value}” is an address of the portal itself. Choose another slug.", code="reserved")


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
    if not isinstance(getattr(file, "file", file), UploadedFile):
        return  # stored earlier and checked then
    if file.size > LOGO_MAX_BYTES:
        raise ValidationError("The logo is larger than 1 MB. Save it smaller and try again.", code="size")
    try:
        file.seek(0)
        with Image.open(file) as image:
            kind, size = image.format, image.size
            image.verify()
    except Exception as error:  # Pillow raises many kinds on damaged files
        raise ValidationError("This file is no image that we can read. Use PNG, JPEG or WebP.", code="image") from error
    finally:
        file.seek(0)
    if kind not in LOGO_FORMATS:
        raise ValidationError(f"A logo must be PNG, JPEG or WebP, this one is {kind}.", code="format")
    if max(size) > LOGO_MAX_SIDE:
        raise ValidationError(
            f"The logo measures {size[0]} × {size[1]} pixels; at most {LOGO_MAX_SIDE} on each side.",
            code="dimensions",
        )

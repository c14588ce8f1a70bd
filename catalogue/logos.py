"""Uploaded logos: what is stored is a picture of our own making, never the file that came."""

import hashlib
from io import BytesIO
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from PIL import Image, ImageOps

from catalogue.validators import LOGO_MAX_BYTES, open_logo, read_logo, unreadable_logo

_SUFFIXES = {"PNG": "png", "JPEG": "jpg", "WEBP": "webp"}


def clean_logo(file: Any) -> ContentFile:
    """Return the logo in ``file`` as a new file, made from nothing but its pixels.

    What the file is, its content decides, not its name. Place and camera (EXIF), comments, colour profiles and
    whatever else hangs on the file are left behind; the way it is to be turned is applied first. PNG and WebP
    stay what they are, a JPEG does too; what grows too large by that becomes WebP. The name is made from the
    content.

    Raises ValidationError, with the remedy, for files over 1 MB, other formats, more than 2000 pixels on
    a side, animations and damaged files.
    """
    image = open_logo(read_logo(file))
    kind = "JPEG" if image.format == "MPO" else str(image.format)
    try:
        image.load()
        pixels = _plain(ImageOps.exif_transpose(image))
        # From the bare pixels: nothing that the file said about itself comes along.
        fresh = Image.frombytes(pixels.mode, pixels.size, pixels.tobytes())
    except Exception as error:  # Pillow raises many kinds on damaged files
        raise unreadable_logo() from error
    content = _encode(fresh, kind)
    if len(content) > LOGO_MAX_BYTES and kind != "WEBP":
        kind = "WEBP"
        content = _encode(fresh, kind)
    if len(content) > LOGO_MAX_BYTES:
        raise ValidationError(
            "The logo is larger than 1 MB once it is saved in our way. Make it smaller, or use fewer colours.",
            code="size",
        )
    return ContentFile(content, name=f"{hashlib.sha256(content).hexdigest()[:24]}.{_SUFFIXES[kind]}")


def _plain(image: Image.Image) -> Image.Image:
    """Return ``image`` with 8 bits for grey or red, green, blue, and with transparency if it has any."""
    if image.mode.startswith("I") or image.mode == "F":
        # 16 bits of grey: Pillow would cut off what is over 255 rather than scale it.
        return image.point(lambda value: value * (1 / 256)).convert("L")
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        return image.convert("RGBA")
    if image.mode in ("1", "L"):
        return image.convert("L")
    return image.convert("RGB")


def _encode(image: Image.Image, kind: str) -> bytes:
    content = BytesIO()
    if kind == "PNG":
        image.save(content, "PNG", optimize=True)
    elif kind == "JPEG":
        image.save(content, "JPEG", quality=90, optimize=True)
    else:
        image.save(content, "WEBP", quality=90, method=4, exact=False)
    return content.getvalue()

"""Whatever is sent as a logo: a clean picture is stored, or a message helps."""

import struct
import time
import tracemalloc
import zipfile
import zlib
from io import BytesIO
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from catalogue.logos import clean_logo
from catalogue.validators import LOGO_MAX_BYTES, validate_logo

RED, BLUE, CLEAR = (200, 20, 30), (10, 20, 200), (0, 0, 0, 0)
SCRIPT = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def halves(mode: str = "RGB", size: tuple[int, int] = (40, 20)) -> Image.Image:
    """Return a picture whose left half is red and whose right half is blue."""
    image = Image.new("RGB", size, RED)
    image.paste(BLUE, (size[0] // 2, 0, *size))
    return image.convert(mode)


def saved(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    """Return the picture as a file."""
    content = BytesIO()
    image.save(content, kind, **options)
    return content.getvalue()


def upload(content: bytes, name: str = "logo.png") -> SimpleUploadedFile:
    """Return the content as it arrives."""
    return SimpleUploadedFile(name, content, "image/png")


def clean(content: bytes, name: str = "logo.png") -> Image.Image:
    """Return the cleaned logo, opened."""
    image = Image.open(clean_logo(upload(content, name)))
    image.load()
    return image


def error_of(content: bytes, name: str = "logo.png") -> str:
    """Return the message with which a logo is refused, by the cleaner and by the validator alike."""
    with pytest.raises(ValidationError) as cleaner:
        clean_logo(upload(content, name))
    return " ".join(cleaner.value.messages)


def chunk(kind: bytes, data: bytes) -> bytes:
    """Return a chunk of a PNG file."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_of(width: int, height: int, data: bytes = b"") -> bytes:
    """Return a PNG file whose header gives these values."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(data, 9)) + chunk(b"IEND", b"")


# --- What is stored ----------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "suffix"), [("PNG", "png"), ("JPEG", "jpg"), ("WEBP", "webp")])
def test_picture_keeps_its_format(kind: str, suffix: str) -> None:
    file = clean_logo(upload(saved(halves(), kind), "my company.exe"))
    image = Image.open(file)

    assert isinstance(file, ContentFile)
    assert (image.format, image.size) == (kind, (40, 20))
    assert all(abs(a - b) < 12 for a, b in zip(image.convert("RGB").getpixel((5, 5)), RED, strict=True))
    assert file.name
    assert file.name.endswith(f".{suffix}")
    assert "company" not in file.name


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_png_is_taken(mode: str) -> None:
    source = Image.new("I;16", (8, 8), 40_000) if mode == "I;16" else halves(mode)
    image = clean(saved(source))

    assert image.mode in ("L", "RGB", "RGBA")
    if mode == "I;16":
        assert image.getpixel((3, 3)) == 40_000 // 256


def test_sixteen_bits_of_grey_keep_their_shades() -> None:
    source = Image.new("I;16", (4, 1))
    for x, value in enumerate((0, 16_384, 32_768, 65_535)):
        source.putpixel((x, 0), value)

    image = clean(saved(source))

    assert [image.getpixel((x, 0)) for x in range(4)] == [0, 64, 128, 255]


def test_palette_with_transparency_stays_transparent() -> None:
    source = halves().quantize(4)
    source.info["transparency"] = source.getpixel((0, 0))
    image = clean(saved(source, transparency=source.getpixel((0, 0))))

    assert image.mode == "RGBA"
    assert image.getpixel((0, 0))[3] == 0
    assert image.getpixel((39, 0))[3] == 255


def test_one_colour_may_be_transparent() -> None:
    image = clean(saved(halves(), transparency=RED))

    assert image.getpixel((0, 0))[3] == 0
    assert image.getpixel((39, 0)) == (*BLUE, 255)


def test_print_colours_become_screen_colours() -> None:
    image = clean(saved(halves("CMYK"), "JPEG", quality=95))

    assert image.mode == "RGB"
    assert all(abs(a - b) < 25 for a, b in zip(image.getpixel((5, 5)), RED, strict=True))


def test_smallest_and_largest() -> None:
    assert clean(saved(Image.new("RGB", (1, 1)))).size == (1, 1)
    assert clean(saved(Image.new("RGB", (2000, 2000)))).size == (2000, 2000)


def test_cleaning_twice_changes_nothing() -> None:
    once = clean_logo(upload(saved(halves())))
    twice = clean_logo(once)

    assert (once.name, once.read()) == (twice.name, twice.read())


# --- What is left behind -----------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_place_and_camera_are_left_behind_and_the_turn_is_applied(kind: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010F] = "A camera"
    exif.get_ifd(0x8825)[2] = (50.0, 51.0, 2.0)  # GPS latitude
    content = saved(halves(), kind, exif=exif.tobytes(), icc_profile=b"profile of a printer" * 10)
    assert b"A camera" in content

    image = clean(content)

    assert image.size == (20, 40)
    assert all(abs(a - b) < 25 for a, b in zip(image.convert("RGB").getpixel((10, 5)), RED, strict=True))
    assert dict(image.getexif()) == {}
    assert not {"exif", "icc_profile", "xmp", "comment", "photoshop"} & set(image.info)


def test_texts_and_comments_are_left_behind() -> None:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Comment", "secret one")
    texts.add_itxt("XML:com.adobe.xmp", "<x>secret two</x>", zip=False)
    texts.add_text("Long", "secret three" * 50, zip=True)
    sources = [
        saved(halves(), pnginfo=texts),
        saved(halves(), "JPEG", comment=b"secret four", xmp=b"<x>secret five</x>"),
    ]

    for source in sources:
        file = clean_logo(upload(source)).read()

        assert b"secret" in source
        assert b"secret" not in file
        assert b"tEXt" not in file


def test_what_hangs_on_the_end_is_cut_off() -> None:
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("evil.js", "alert(1)")
    for kind in ("PNG", "JPEG", "WEBP"):
        polyglot = saved(halves(), kind) + archive.getvalue() + b"<script>alert(2)</script>"
        assert zipfile.is_zipfile(BytesIO(polyglot))

        file = clean_logo(upload(polyglot)).read()

        assert not zipfile.is_zipfile(BytesIO(file))
        assert b"script" not in file
        assert b"evil.js" not in file


# --- What is refused ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (SCRIPT, "A logo must be PNG, JPEG or WebP, this one is SVG. Export it in one of these formats."),
        (b'\n<?xml version="1.0"?>' + SCRIPT, "this one is SVG"),
        (saved(halves(), "GIF"), "this one is GIF"),
        (saved(halves(), "BMP"), "this one is BMP"),
        (saved(halves(), "TIFF"), "this one is TIFF"),
        (b"%PDF-1.7", "this one is PDF"),
        (b"", "no image that we can read"),
        (b"<html><script>alert(1)</script>", "no image that we can read"),
        (b"\x89PNG\r\n\x1a\n" + SCRIPT, "no image that we can read"),
        (b"\xff\xd8\xff\xe0" + SCRIPT, "no image that we can read"),
        (b"RIFF\x40\0\0\0WEBPVP8L" + b"\0" * 60, "no image that we can read"),
        (saved(halves(size=(400, 400)))[:-400], "or it is damaged. Save it again as PNG, JPEG or WebP."),
        (saved(halves(size=(400, 400)), "JPEG")[:-400], "or it is damaged"),
        (saved(halves(size=(400, 400)), "WEBP")[:-100], "or it is damaged"),
        (saved(Image.new("1", (2001, 1))), "The logo measures 2001 × 1 pixels; at most 2000 on each side. Save it smaller"),
        (saved(Image.new("L", (1, 2001)), "WEBP"), "The logo measures 1 × 2001 pixels"),
        (saved(halves()) + b"\0" * LOGO_MAX_BYTES, "The logo is larger than 1 MB. Save it smaller and try again."),
    ],
)  # fmt: skip
def test_files_that_are_refused(content: bytes, message: str) -> None:
    assert message in error_of(content)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_animations_are_refused(kind: str) -> None:
    frames = [halves(), halves().rotate(180)]
    moving = saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)

    assert error_of(moving) == "The logo is animated. Save one still picture of it and try again."
    with pytest.raises(ValidationError, match="animated"):
        validate_logo(upload(moving))


@pytest.mark.parametrize(
    "bomb",
    [
        png_of(20_000, 20_000, b"\0" * 2_000_000),
        png_of(11_000, 9_000, b"\0" * 2_000_000),
        png_of(65_000, 65_000),
        png_of(0xFFFFFF, 0xFFFFFF),
        b"RIFF\x40\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\xfe\x3f\0\xfe\x3f\0" + b"\0" * 60,
        b"RIFF\x40\0\0\0WEBPVP8L\x20\0\0\0\x2f\xff\xff\xff\x0f" + b"\0" * 60,
    ],
    ids=["20000 square", "99 million pixels", "65000 square", "16 million square", "webp", "webp lossless"],
)
def test_bombs_are_refused_before_they_are_decoded(bomb: bytes) -> None:
    tracemalloc.start()
    start = time.process_time()
    message = error_of(bomb)
    seconds = time.process_time() - start
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert "pixels" in message
    assert "at most 2000 on each side" in message
    assert peak < 10_000_000
    assert seconds < 1


def test_packed_texts_do_not_fill_the_memory() -> None:
    bomb = zlib.compress(b"\0" * 200_000_000, 9)
    content = saved(halves())
    content = content[:33] + chunk(b"zTXt", b"Comment\0\0" + bomb) + content[33:]

    assert "no image that we can read" in error_of(content)


def test_more_data_than_pixels_is_harmless() -> None:
    image = clean(png_of(10, 10, b"\0" * 50_000_000))

    assert image.size == (10, 10)


def test_what_grows_too_large_becomes_webp() -> None:
    noise = Image.effect_noise((1000, 1000), 90).convert("RGB")
    content = saved(noise.quantize(64))
    assert len(content) <= LOGO_MAX_BYTES

    file = clean_logo(upload(content))

    assert file.size <= LOGO_MAX_BYTES
    assert Image.open(file).format in ("PNG", "WEBP")


@given(content=st.one_of(
    st.binary(max_size=300),
    st.tuples(st.integers(0, 400), st.binary(min_size=1, max_size=8)).map(lambda cut: saved(halves())[: cut[0]] + cut[1]),
    st.tuples(st.integers(12, 200), st.binary(min_size=1, max_size=8)).map(
        lambda at: (lambda whole: whole[: at[0]] + at[1] + whole[at[0] + len(at[1]) :])(saved(halves(), "WEBP"))
    ),
    st.tuples(st.integers(12, 600), st.binary(min_size=1, max_size=8)).map(
        lambda at: (lambda whole: whole[: at[0]] + at[1] + whole[at[0] + len(at[1]) :])(saved(halves(), "JPEG"))
    ),
))  # fmt: skip
@settings(max_examples=200, deadline=None)
def test_nothing_but_a_clean_logo_or_a_message_comes_out(content: bytes) -> None:
    messages: list[str] = []
    formats = []
    try:
        formats.append(Image.open(clean_logo(upload(content))).format)
    except ValidationError as error:
        messages = error.messages

    assert formats in (["PNG"], ["JPEG"], ["WEBP"]) or (not formats and messages and messages[0].endswith("."))

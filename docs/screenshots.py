"""Take the pictures of the documents: `make screenshots`.

Starts the portal on a free port with the real data in a folder that is thrown away, photographs pages with
Chromium (the one named by CHROMIUM, else one on the PATH) and writes small PNG files into docs/images/.
"""

import io
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
MAX_BYTES = 150_000
READY_WITHIN = 60
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
STAFF = "coordinator"
QUEUE = "/admin/submissions/submission/"
SAMPLES = "from docs.sample_submissions import make; make()"


@dataclass(frozen=True)
class Shot:
    """One page as it is photographed; ``name`` is the file's name without scheme and ending."""

    name: str
    path: str
    width: int = 1280
    height: int = 860
    is_staff: bool = False
    schemes: tuple[str, ...] = ("light", "dark")
    click: str = ""  # what leads from ``path`` to the page


SHOTS = (
    Shot("home", "/"),
    Shot("list", "/clusters/?country=DE&country=ES&country=FR&vertical=cybersecurity&vertical=health"),
    Shot("map", "/clusters/map/?vertical=cybersecurity", height=1330),
    Shot("comparison", "/clusters/side-by-side/?c=gaia&c=hsd&c=cap-digital"),
    Shot("profile", "/clusters/gaia/"),
    Shot("phone", "/clusters/?country=DE&vertical=cybersecurity", width=390, height=844),
    Shot("priority", "/admin/catalogue/cluster/priority/?rules=disagree", width=1600, height=1000, is_staff=True),
    Shot("review-queue", QUEUE, width=1440, is_staff=True),
    Shot("review-new", f"{QUEUE}?q=photonics", width=1440, height=1000, is_staff=True, click=".queue-row .name"),
    Shot(
        "review-update", f"{QUEUE}?q=gaia&kind=update", width=1440, height=1000, is_staff=True, click=".queue-row .name"
    ),
)


def main() -> int:
    """Take all pictures; the number is the exit code."""
    chromium = _find_chromium()
    if chromium is None:
        return _say("No Chromium was found. Install one, or name it: make screenshots CHROMIUM=/path/to/chromium") or 1
    IMAGES.mkdir(parents=True, exist_ok=True)
    password = secrets.token_urlsafe(20)
    with _portal(password) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for shot in SHOTS:
            for scheme in shot.schemes:
                picture = small_png(_photograph(browser, url, shot, scheme, password))
                file = IMAGES / f"{shot.name}-{scheme}.png"
                file.write_bytes(picture)
                _say(f"{file.relative_to(ROOT)}  {len(picture) / 1000:.0f} kB")
        browser.close()
    return 0


def small_png(png: bytes) -> bytes:
    """Return the picture with as many colours as fit into MAX_BYTES, at most 256."""
    with Image.open(io.BytesIO(png)) as image:
        picture = image.convert("RGB")
    for colours in (256, 128, 64, 32, 16):
        file = io.BytesIO()
        # Without dithering: pages are flat areas and text, and dots would cost bytes and look dirty.
        reduced = picture.quantize(colours, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
        _use_true_colours(reduced, picture)
        reduced.save(file, "PNG", optimize=True)
        if file.tell() <= MAX_BYTES:
            return file.getvalue()
    raise ValueError(f"A picture of {picture.size} does not fit into {MAX_BYTES} bytes; photograph less.")


def _use_true_colours(reduced: Image.Image, picture: Image.Image) -> None:
    """Give each entry of the palette the colour most seen under it: paper stays paper, not nearly paper."""
    content = picture.tobytes()
    seen: dict[int, Counter[bytes]] = defaultdict(Counter)
    for place, entry in enumerate(reduced.tobytes()):
        seen[entry][content[3 * place : 3 * place + 3]] += 1
    reduced.putpalette(
        b"".join(seen[entry].most_common(1)[0][0] if entry in seen else bytes(3) for entry in range(256))
    )


def _photograph(browser: Browser, url: str, shot: Shot, scheme: str, password: str) -> bytes:
    context = browser.new_context(
        base_url=url,
        viewport={"width": shot.width, "height": shot.height},
        color_scheme=scheme,  # type: ignore[arg-type]
        locale="en-GB",
        reduced_motion="reduce",
    )
    page = context.new_page()
    if shot.is_staff:
        page.goto("/admin/login/")
        page.get_by_label("Username").fill(STAFF)
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Log in").click()
        page.wait_for_url("**/admin/")
    answer = page.goto(shot.path)
    if answer is None or not answer.ok:
        raise RuntimeError(f"{shot.path} answered {answer and answer.status}")
    if shot.click:
        page.locator(shot.click).first.click()
        page.wait_for_load_state("load")
    if page.locator(".notice-danger:visible").count():
        raise RuntimeError(f"{shot.path} shows a fault: {page.locator('.notice-danger:visible').inner_text()}")
    picture = page.screenshot(animations="disabled", caret="hide")
    context.close()
    return picture


@contextmanager
def _portal(password: str) -> Iterator[str]:
    """Run the portal in production mode with the real data; yield its address."""
    with tempfile.TemporaryDirectory(prefix="cluster-portal-") as folder, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        environment = {
            "PATH": os.environ["PATH"],
            "ENV_FILE": "",
            "SECRET_KEY": secrets.token_urlsafe(50),
            "ALLOWED_HOSTS": "127.0.0.1",
            "HTTPS": "0",
            "DATA_DIR": folder,
            "DATABASE_URL": f"sqlite:///{folder}/portal.sqlite3",
            "LOG_LEVEL": "WARNING",
            "PORT": str(port),
            "DJANGO_SUPERUSER_PASSWORD": password,
        }
        for command in (
            "migrate --verbosity 0",
            "load_data --quiet",
            f"createsuperuser --noinput --verbosity 0 --username {STAFF} --email {STAFF}@portal.example",
            "collectstatic --noinput --verbosity 0",
        ):
            subprocess.run([sys.executable, "manage.py", *command.split()], cwd=ROOT, env=environment, check=True)  # noqa: S603
        samples = [sys.executable, "manage.py", "shell", "--verbosity", "0", "--command", SAMPLES]
        subprocess.run(samples, cwd=ROOT, env=environment, check=True)  # noqa: S603
        gunicorn = [sys.executable, "-m", "gunicorn", "--config", "portal/gunicorn.py", "portal.wsgi"]
        log = Path(folder) / "web.log"
        with log.open("wb") as output:
            process = subprocess.Popen(gunicorn, cwd=ROOT, env=environment, stdout=output, stderr=output)  # noqa: S603
        try:
            _wait_until_ready(f"http://127.0.0.1:{port}", process, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(timeout=20)


def _wait_until_ready(url: str, process: subprocess.Popen, log: Path) -> None:
    until = time.monotonic() + READY_WITHIN
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/health/ready", timeout=5):  # noqa: S310 our own address
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"The portal did not start:\n{log.read_text()}")


def _find_chromium() -> str | None:
    if named := os.environ.get("CHROMIUM"):
        return shutil.which(named)
    return next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 this is what the person at the terminal reads


if __name__ == "__main__":
    sys.exit(main())

"""The head of the report's page as the picture that README shows: `python -m benchmarks.report_picture`, after a run; needs Chromium."""

import shutil
import sys
from base64 import b64decode, b64encode
from pathlib import Path

from playwright.sync_api import sync_playwright

PAGE, PICTURE = Path("metrics/report.html"), Path("docs/report.webp")
WIDTH, HEIGHT = 1000, 1640  # pixels: the verdict, the forest plot, what to know first, and the first pictures
AS_WEBP = """async png => {
  const image = new Image(); image.src = 'data:image/png;base64,' + png; await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height); canvas.getContext('2d').drawImage(image, 0, 0);
  const bytes = new Uint8Array(await (await canvas.convertToBlob({type: 'image/webp', quality: 0.6})).arrayBuffer());
  return btoa(Array.from(bytes, byte => String.fromCharCode(byte)).join(''));
}"""  # a third of the PNG's size, which Git keeps for good


def shoot(page: Path, target: Path) -> None:
    """Write the picture, light, WebP."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        sys.exit("no chromium here; install it: apt-get install chromium")
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=program, args=["--no-sandbox"])
        shown = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
        shown.goto(page.resolve().as_uri())
        picture = b64encode(shown.screenshot()).decode()
        target.write_bytes(b64decode(shown.evaluate(AS_WEBP, picture)))
        browser.close()


if __name__ == "__main__":
    shoot(PAGE, PICTURE)

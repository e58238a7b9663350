"""The pictures in docs/review.md: the review page over the rows of a run, in the system's Chromium.

    python -m benchmarks.screenshots --run . --target docs/review

Reads the produced rows of `--run`, whose decisions it neither shows nor changes: what it presses is recorded in a temporary folder.
Writes WebP files of some 60 kB.
"""

import argparse
import base64
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, NamedTuple

from playwright.sync_api import Browser, sync_playwright

from stages.cli.review import server
from stages.cli.review.desk import Desk
from stages.cli.review.queues import every

QUALITY = 70
NEEDED = ("params.yaml", "prompts", "metrics")


class Picture(NamedTuple):
    """One file: which queue under which filters, the keys that are pressed, the size and scheme of the screen."""

    name: str
    queue: str
    query: str = ""
    keys: Sequence[str] = ()
    width: int = 1280
    height: int = 800
    scheme: Literal["light", "dark"] = "light"


PICTURES = (
    Picture("evolved", "evolved", "?q=53bd075f"),
    Picture("labels", "labels", keys=("j",), scheme="dark"),
    Picture("discard", "seeds", keys=("d",), width=390, height=844, scheme="dark"),
    Picture("personal", "personal", keys=("n", "x", "n")),
)


@contextmanager
def opened(queue: str) -> Iterator[str]:
    """Serve a queue of the working folder; yield its address."""
    desk = Desk(every.named(queue), "Ann")
    desk.refine(desk.watched.get())
    with server.listening(0) as listener:
        serving, thread = server.started(desk, listener)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        serving.should_exit = True
        thread.join()


def taken(browser: Browser, url: str, picture: Picture) -> bytes:
    """Return the picture as WebP."""
    size = {"width": picture.width, "height": picture.height}
    context = browser.new_context(viewport=size, color_scheme=picture.scheme)  # type: ignore[arg-type]
    tab = context.new_page()
    tab.goto(url + picture.query, wait_until="networkidle")
    for key in picture.keys:
        tab.keyboard.press(key)
        tab.wait_for_timeout(800)
    settings = {"format": "webp", "quality": QUALITY}
    found = context.new_cdp_session(tab).send("Page.captureScreenshot", settings)
    context.close()
    return base64.b64decode(found["data"])


def main(run: Path, target: Path) -> None:
    """Take all pictures."""
    with TemporaryDirectory() as made, sync_playwright() as playwright:
        for name in NEEDED:
            (Path(made) / name).symlink_to(run / name)
        (Path(made) / "data/review").mkdir(parents=True)
        for path in (run / "data").iterdir():
            if path.name != "review":
                (Path(made) / "data" / path.name).symlink_to(path)
        os.chdir(made)
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for picture in PICTURES:
            with opened(picture.queue) as url:
                path = target / f"{picture.name}.webp"
                path.write_bytes(taken(browser, url, picture))
                print(f"{path}: {path.stat().st_size // 1000} kB")  # noqa: T201 - the result
        browser.close()
        os.chdir("/")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--run", type=Path, default=Path())
    parser.add_argument("--target", type=Path, default=Path("docs/review"))
    options = parser.parse_args()
    options.target.mkdir(parents=True, exist_ok=True)
    main(options.run.resolve(), options.target.resolve())

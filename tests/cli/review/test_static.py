"""What the page is given: htmx byte for byte, and nothing from elsewhere."""

import hashlib
import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[3] / "stages/cli/review"
OWN = sorted([*FOLDER.glob("templates/*.j2"), *FOLDER.glob("static/review.*"), *FOLDER.glob("static/*.svg")])


def test_htmx_is_the_published_file() -> None:
    told = re.search(r"SHA-256 \| `([0-9a-f]{64})`", (FOLDER / "static/README.md").read_text(encoding="utf-8"))
    assert told
    assert hashlib.sha256((FOLDER / "static/htmx.min.js").read_bytes()).hexdigest() == told[1]
    assert "Zero-Clause BSD" in (FOLDER / "static/htmx.LICENSE").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.name)
def test_nothing_is_fetched_from_elsewhere_or_written_inline(path: Path) -> None:
    text = path.read_text(encoding="utf-8").replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert not re.search(r"https?://|//cdn|@import|url\(", text)
    assert not re.search(
        r"<style|<script(?![^>]*\bsrc=)|\son\w+=|\sstyle=|hx-on|hx-vals=.js|\|\s*safe|javascript:", text
    )


def test_nothing_is_evaluated() -> None:
    page = (FOLDER / "templates/base.html.j2").read_text(encoding="utf-8")
    assert (
        '"allowEval": false' in page and '"includeIndicatorStyles": false' in page and '"historyCacheSize": 0' in page
    )
    assert not re.search(
        r"\beval\(|new Function|innerHTML|insertAdjacentHTML", (FOLDER / "static/review.js").read_text(encoding="utf-8")
    )

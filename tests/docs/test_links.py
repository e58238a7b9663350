"""No link of a page is dead: files are there, and headings that are linked to."""

import re
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, pages

BLOCK = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)


def _anchors(page: Path) -> set[str]:
    """Return what GitHub calls the headings of a page."""
    shown = [
        re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
        for text in HEADING.findall(BLOCK.sub("", page.read_text("utf-8")))
    ]
    return {re.sub(r"[^\w\- ]", "", text.lower()).strip().replace(" ", "-") for text in shown}


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.relative_to(ROOT).as_posix())
def test_no_link_is_dead(page: Path) -> None:
    links = [link for link in LINK.findall(BLOCK.sub("", page.read_text("utf-8"))) if "://" not in link]
    for link in links:
        name, _, heading = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), link
        assert not heading or target.suffix != ".md" or heading in _anchors(target), link

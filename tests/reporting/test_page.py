"""The report's page: one file that needs nothing else, hostile text included, and readable in a real browser."""

import shutil
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, sync_playwright

from stages.reporting.examples import Report
from stages.reporting.examples import collect as examples
from stages.reporting.page import page
from stages.reporting.report import collect, markdown
from tests.reporting.rows import SPITEFUL, made

ROOT = Path(__file__).parents[2]
VOID = {"meta", "rect", "line", "circle", "path", "br", "hr"}


class Outline(HTMLParser):
    """Every element with its attributes and those it stands in."""

    def __init__(self) -> None:
        super().__init__()
        self.found = list[tuple[str, dict[str, str | None], tuple[str, ...]]]()
        self.open = list[str]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs), tuple(self.open)))
        if tag not in VOID:
            self.open.append(f"{tag}.{dict(attrs).get('class') or ''}")

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop().partition(".")[0] == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs), tuple(self.open)))


@pytest.fixture(scope="module")
def html(tmp_path_factory: pytest.TempPathFactory) -> str:
    results: dict[str, Any] = collect(
        ROOT / "metrics", ROOT / "data" / "paper.yaml", ROOT / "prompts" / "real_estate" / "domain.yaml"
    )
    data = made(tmp_path_factory.mktemp("page"), (SPITEFUL, "w" * 500))
    return page(markdown(results), results, examples(data, ("base", "tuned"), Report(examples=2, seed=1)))


@pytest.fixture(scope="module")
def outline(html: str) -> Outline:
    made = Outline()
    made.feed(html)
    assert not made.open
    return made


def test_nothing_is_fetched_and_nothing_runs(html: str, outline: Outline) -> None:
    names = {tag for tag, _, _ in outline.found}
    assert not names & {"script", "link", "img", "iframe", "object", "embed", "form", "base"}
    links = [values["href"] for _, values, _ in outline.found if values.get("href")]
    assert links and all(link and link.startswith("#") for link in links)
    assert not any(name.startswith("on") or name == "src" for _, values, _ in outline.found for name in values)
    assert "url(" not in html and "@import" not in html and "://" not in html


def test_text_of_rows_is_text(html: str) -> None:
    assert SPITEFUL not in html and "&lt;/pre&gt;&lt;script&gt;alert(1)&lt;/script&gt; &amp;" in html


def test_every_picture_is_told_and_every_table_scrolls(outline: Outline) -> None:
    pictures = [number for number, (tag, _, _) in enumerate(outline.found) if tag == "svg"]
    assert len(pictures) > 20
    for number in pictures:
        assert outline.found[number][1]["role"] == "img" and outline.found[number + 1][0] == "title"
    tables = [inside for tag, _, inside in outline.found if tag == "table"]
    assert len(tables) > 8 and all(inside[-1] == "div.wide" for inside in tables)


def test_the_verdict_comes_first_and_tables_last(html: str) -> None:
    places = [
        html.index(mark)
        for mark in ("<h1>", 'class="forest"', 'id="pictures"', 'id="examples"', 'id="dropped"', 'id="tables"')
    ]
    assert places == sorted(places)
    assert html.index("<h1>On 40 test rows") and html.count("<details>") > 5
    for link in ("cautions", "pictures", "examples", "dropped", "tables"):
        assert f'href="#{link}"' in html and f'id="{link}"' in html


def test_above_the_examples_stands_that_they_go_into_git(html: str) -> None:
    head = html.partition('id="examples"')[2].partition("<h3>")[0]
    assert "They are in Git with this page" in head and "<code>report.examples: 0</code> leaves them out" in head


def test_without_examples_there_is_no_such_part(tmp_path: Path) -> None:
    results = collect(ROOT / "metrics", ROOT / "data" / "paper.yaml", ROOT / "prompts" / "real_estate" / "domain.yaml")
    html = page(markdown(results), results, examples(tmp_path, ("base", "tuned"), Report(examples=0, seed=1)))
    assert "examples" not in html.partition("</style>")[2]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start the system's Chromium; playwright's own is no part of the environment."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        pytest.fail("no chromium here; install it: apt-get install chromium")
    with sync_playwright() as started:
        opened = started.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_it_is_as_wide_as_the_screen_and_follows_its_scheme(
    browser: Browser,
    html: str,
    tmp_path: Path,
    scheme: Literal["light", "dark"],
    width: int,
) -> None:
    file = tmp_path / "report.html"
    file.write_text(html, encoding="utf-8")
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True)
    shown = context.new_page()
    faults = list[str]()
    shown.on("console", lambda message: faults.append(message.text))
    shown.on("requestfailed", lambda request: faults.append(request.url))
    shown.goto(file.as_uri())
    for details in shown.locator("details").all():
        details.locator("summary").click()
    assert shown.evaluate("document.documentElement.scrollWidth") == width
    wide = shown.locator(".wide").evaluate_all("all => all.filter(one => one.scrollWidth > one.clientWidth).length")
    assert wide > 0 or width > 390  # on a phone some tables do scroll, in their own place
    paper = shown.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 24, 31)"}[scheme]
    planes = shown.locator(".forest svg").evaluate_all("all => all.map(one => one.clientWidth)")
    assert min(planes) > 200
    assert faults == []
    context.close()


@pytest.mark.slow
def test_it_prints_black_on_white_with_the_tables_open(browser: Browser, html: str, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(html, encoding="utf-8")
    context = browser.new_context(color_scheme="dark")
    shown = context.new_page()
    shown.goto(file.as_uri())
    shown.emulate_media(media="print", color_scheme="dark")
    assert shown.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    hidden = shown.locator("details table").evaluate_all("all => all.filter(one => !one.checkVisibility()).length")
    assert hidden == 0
    printed = shown.pdf(format="A4")
    assert printed.startswith(b"%PDF") and printed.count(b"/Type /Page\n") + printed.count(b"/Type /Page ") > 3
    context.close()

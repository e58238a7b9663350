"""The page in a real browser: by keyboard, in both color schemes, on a desk and on a phone."""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, expect, sync_playwright
from playwright.sync_api import Page as Tab

from stages.cli.review.queues.instructions import Seeds
from stages.cli.review.queues.labels import Labels
from stages.cli.review.queues.personal import Personal
from stages.cli.review.queues.preferences import Preferences
from stages.core import jsonl
from stages.pii.corrections import Correction
from stages.reviews.decisions import Decision, decisions
from stages.rows.sample import LabeledSample, Prediction
from tests.cli.review.conftest import Open, Page, Write, dialogue, instruction, where_masked
from tests.support.labeled_row import Make

pytestmark = pytest.mark.slow

PATIENCE_MS = 60_000  # with a browser on a busy machine
FILE = Path("data/review/curate.jsonl")
TEXTS = [
    "Summarize what was agreed in the conversation.",
    "List the customer's budget, the area and every wish that was voiced, with who voiced it.",
    "Name the next step and who takes it.",
    "请总结客户在对话中提到的预算、区域和必须满足的条件。",
    "Say in one word how the customer feels at the end.",
    "Explain_why_" + "the_provider_" * 12 + "hesitates.",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        pytest.fail("no chromium: the review page is tested in a browser; apt-get install chromium, as .ci/run does")
    with sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE_MS)
        arguments = ["--no-sandbox", "--disable-dev-shm-usage"]
        started = playwright.chromium.launch(executable_path=chromium, args=arguments, timeout=2 * PATIENCE_MS)
        yield started
        started.close()


class Seen:
    """A tab, and what its console said."""

    def __init__(self, browser: Browser, page: Page, width: int = 1280, scheme: str = "light") -> None:
        height = 800 if width > 500 else 844
        self.context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type]
        self.tab: Tab = self.context.new_page()
        self.tab.set_default_timeout(PATIENCE_MS)
        self.said = list[str]()
        self.tab.on("console", self._hear)
        self.tab.on("pageerror", lambda error: self.said.append(str(error)))
        self.tab.on(
            "request", lambda asked: self.said.append(asked.url) if not asked.url.startswith(page.url) else None
        )
        self.tab.goto(page.url)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.said.append(message.text)

    def press(self, *keys: str) -> None:
        """Press keys, each once the page has taken in the one before."""
        for key in keys:
            self.tab.keyboard.press(key)
            self.tab.wait_for_function("() => !document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling')")

    @property
    def row(self) -> str:
        return str(self.tab.evaluate("document.querySelector('main').dataset.row ?? ''"))

    def goes_from(self, row: str) -> str:
        """Wait until another row is shown, and return it."""
        self.tab.wait_for_function("row => document.querySelector('main').dataset.row !== row", arg=row)
        return self.row


Visit = Callable[..., Seen]


@pytest.fixture
def visit(browser: Browser, opened: Open) -> Iterator[Visit]:
    """Open a page in a tab of its own, which is closed before the page's server ends."""
    tabs = list[Seen]()

    def seen(page: Page, width: int = 1280, scheme: str = "light") -> Seen:
        tabs.append(Seen(browser, page, width, scheme))
        return tabs[-1]

    yield seen
    for tab in tabs:
        tab.context.close()


@pytest.fixture
def page(opened: Open, write: Write) -> Page:
    rows = [instruction(text, language="zh" if "请" in text else "en", parents=("d",)) for text in TEXTS]
    write("data/instructions/seeds.jsonl", *rows)
    write("data/dialogues/train.jsonl", dialogue("d", "Word " * 40, "w" * 300))
    return opened(Seeds())


def test_five_rows_by_keyboard_alone(visit: Visit, page: Page) -> None:
    seen = visit(page)
    first = seen.row
    seen.press("k")
    second = seen.goes_from(first)
    expect(seen.tab.get_by_role("status")).to_contain_text("It is on disk")
    assert decisions(FILE)[first].action == "keep"
    seen.press("d", "2")
    third = seen.goes_from(second)
    assert decisions(FILE)[second].reason == Seeds.reasons[1]
    seen.press("d", "Tab")
    seen.tab.locator("#discard input[name=words]").focus()
    seen.tab.keyboard.type("k d e: keys are words here")
    seen.press("Enter")
    fourth = seen.goes_from(third)
    assert decisions(FILE)[third].reason == "k d e: keys are words here"
    seen.press("e", "End")
    seen.tab.keyboard.type(" And quote it.")
    expect(seen.tab.locator("#changes ins")).to_have_text(re.compile("And quote it"))
    seen.press("Control+Enter")
    fifth = seen.goes_from(fourth)
    assert decisions(FILE)[fourth].text.endswith(" And quote it.")
    seen.press("u")
    assert seen.goes_from(fifth) == fourth and fourth not in decisions(FILE)
    seen.press("j")
    assert seen.goes_from(fourth) == fifth
    seen.press("p")
    assert seen.goes_from(fifth) == fourth
    expect(seen.tab.locator("#row")).to_be_focused()
    assert seen.said == []


def test_the_same_by_mouse(visit: Visit, page: Page) -> None:
    seen = visit(page)
    first = seen.row
    seen.tab.get_by_text("Discard", exact=True).first.click()
    seen.tab.get_by_role("button", name=Seeds.reasons[0]).click()
    second = seen.goes_from(first)
    seen.tab.get_by_role("button", name="Keep").click()
    third = seen.goes_from(second)
    seen.tab.get_by_role("button", name="Rewrite").click()
    seen.tab.get_by_label("Text").fill("Say who called whom.")
    seen.tab.get_by_role("button", name="Record the rewriting").click()
    seen.goes_from(third)
    assert [decisions(FILE)[key].action for key in (first, second, third)] == ["discard", "keep", "rewrite"]
    assert seen.said == []


def test_search_filters_help_and_leaving(visit: Visit, page: Page) -> None:
    seen = visit(page)
    seen.press("?")
    expect(seen.tab.get_by_role("dialog")).to_be_visible()
    seen.press("k", "Escape")
    expect(seen.tab.get_by_role("dialog")).to_be_hidden()
    seen.press("/")
    seen.tab.keyboard.type("next step")
    seen.press("Enter")
    expect(seen.tab.locator(".original")).to_have_text(TEXTS[2])
    seen.press("e")
    seen.tab.keyboard.type("x")
    seen.press("Escape")
    expect(seen.tab.locator("#rewrite")).not_to_have_attribute("open", "")
    assert not FILE.exists() and seen.said == []


def test_while_a_rewriting_is_open_no_key_beside_its_field_decides(visit: Visit, page: Page) -> None:
    seen = visit(page)
    row = seen.row
    seen.press("e", "End")
    seen.tab.keyboard.type(" And")
    seen.tab.evaluate(
        "document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key: 'Escape', isComposing: true, bubbles: true}))"
    )
    expect(seen.tab.locator("#rewrite")).to_have_attribute("open", "")  # the input method's key
    seen.tab.evaluate("document.activeElement.blur()")
    seen.press("k", "j", "d")
    assert seen.row == row and not FILE.exists()
    expect(seen.tab.locator("#rewrite textarea[name=text]")).to_have_value(re.compile(" And$"))
    seen.press("Escape", "k")
    seen.goes_from(row)
    assert decisions(FILE)[row].action == "keep"


def test_what_the_server_refuses_is_said_and_the_typed_words_stay(visit: Visit, page: Page) -> None:
    seen = visit(page)
    row = seen.row
    seen.press("e", "Control+Enter")
    expect(seen.tab.get_by_role("status")).to_contain_text("nothing is changed")
    assert seen.row == row and seen.tab.url.endswith(f"/rows/{row}") and not FILE.exists()


def test_a_server_that_is_gone_is_said(visit: Visit, page: Page) -> None:
    seen = visit(page)
    page.close()
    seen.press("k")
    expect(seen.tab.get_by_role("alert")).to_contain_text("may not be recorded")
    assert not FILE.exists()


def test_a_fault_of_a_file_is_said_and_what_was_typed_stays(visit: Visit, page: Page) -> None:
    seen, rows = visit(page), Path("data/instructions/seeds.jsonl")
    row = seen.row
    rows.rename("elsewhere.jsonl")  # as DVC does before it runs a stage
    seen.press("e", "End")
    seen.tab.keyboard.type(" And quote it.")
    seen.press("Control+Enter")
    expect(seen.tab.get_by_role("alert")).to_contain_text(
        "Nothing was recorded. review: data/instructions/seeds.jsonl: not there"
    )
    assert seen.row == row and not FILE.exists()
    Path("elsewhere.jsonl").rename(rows)
    seen.press("Control+Enter")
    seen.goes_from(row)
    assert decisions(FILE)[row].text.endswith(" And quote it.")


def test_a_key_held_down_decides_one_row(visit: Visit, page: Page) -> None:
    seen = visit(page)
    first = seen.row
    for _ in range(4):
        seen.tab.keyboard.down("k")
    seen.goes_from(first)
    seen.tab.keyboard.up("k")
    assert set(decisions(FILE)) == {first}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_both_schemes_and_sizes_fit(visit: Visit, page: Page, width: int, scheme: str) -> None:
    seen = visit(page, width, scheme)
    for _ in TEXTS:
        row = seen.row
        assert seen.tab.evaluate("document.documentElement.scrollWidth") <= width
        seen.press("e")
        assert seen.tab.evaluate("document.documentElement.scrollWidth") <= width
        seen.press("Escape", "j")
        seen.goes_from(row)
    seen.press("f", "Escape", "d")
    assert seen.tab.evaluate("document.documentElement.scrollWidth") <= width
    box = seen.tab.locator("#discard .sheet").bounding_box()
    assert box and box["x"] >= 0 and box["x"] + box["width"] <= width and box["y"] >= 0
    low = json.loads(seen.tab.evaluate(CONTRASTS))
    assert low == [] and seen.said == []


# Words whose contrast with what is behind them is under 4.5 : 1 (WCAG 2.2, 1.4.3), those of disabled buttons aside.
CONTRASTS = """(() => {
  const light = (color) => {
    const [r, g, b] = color.match(/[\\d.]+/g).slice(0, 3).map((v) => v / 255).map((v) => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const behind = (e) => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor; if (!/, 0\\)$/.test(c)) { return c; } } return "rgb(255, 255, 255)"; };
  const faults = [];
  for (const e of document.querySelectorAll("body *")) {
    const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (!own || !e.getClientRects().length || e.closest(":disabled") || e.tagName === "OPTION") { continue; }
    const [a, b] = [light(getComputedStyle(e).color), light(behind(e))].sort((x, y) => y - x);
    if ((a + .05) / (b + .05) < 4.5) { faults.push(`${e.tagName} ${e.className} ${((a + .05) / (b + .05)).toFixed(2)}`); }
  }
  return JSON.stringify(faults);
})()"""


def test_labels_are_graded_by_keys(visit: Visit, opened: Open, write: Write, labelled: Make) -> None:
    write("data/labels/train.jsonl", *(labelled(f"Answer {n}.").model_copy(update={"id": f"row{n}"}) for n in range(4)))
    page = opened(Labels())
    seen, said = visit(page), dict[str, str]()
    for keys, quality in ((("k",), "high"), (("m",), "medium"), (("d", "1"), "low")):
        row = seen.row
        seen.press(*keys)
        seen.goes_from(row)
        said[row] = quality
    assert {key: row.quality for key, row in decisions(Path("data/review/judge.jsonl")).items()} == said
    assert seen.said == []


def test_preferences_stay_blind_to_the_end(visit: Visit, opened: Open, write: Write, labelled: Make) -> None:
    rows: list[LabeledSample] = [
        labelled("Ref.").model_copy(update={"id": f"row{n}", "dialogue": f"d{n}"}) for n in range(3)
    ]
    write("data/labels/test.jsonl", *rows)
    for who in ("base", "tuned"):
        write(
            f"data/predictions/{who}.jsonl",
            *(
                Prediction(
                    id=row.id,
                    answer=f"{'One' if who == 'base' else 'Two'} {row.id}",
                    finish="stop",
                    author=f"model-{who}",
                )
                for row in rows
            ),
        )
    seen = visit(opened(Preferences()))
    for key in ("a", "b", "t"):
        assert "model-" not in seen.tab.content()
        row = seen.row
        seen.press(key)
        seen.goes_from(row)
    assert "model-base" in seen.tab.content() and "model-tuned" in seen.tab.content()
    expect(seen.tab.get_by_role("heading", name="Win rate of the tuned model")).to_be_visible()
    assert seen.said == []


def test_marked_stretches_are_corrected_with_two_keys_and_others_by_selecting(
    visit: Visit, opened: Open, write: Write
) -> None:
    talk = dialogue("talk", "😀 Rosa, hi. Call 0700 900 123 after five.", "Rosa speaking.")
    hidden = ("😀 [PERSON_1], hi. Call 0700 900 123 after five.", "[PERSON_1] speaking.")
    turns = tuple(turn.model_copy(update={"text": text}) for turn, text in zip(talk.turns, hidden, strict=True))
    write("data/dialogues/ingested.jsonl", talk)
    write("data/dialogues/anonymized.jsonl", talk.model_copy(update={"turns": turns}))
    write("data/dialogues/spans.jsonl", where_masked(talk, *((n, "Rosa", "[PERSON_1]") for n in (0, 1))))
    seen = visit(opened(Personal()))
    seen.press("n", "x")
    expect(seen.tab.get_by_role("status")).to_contain_text("not personal, in 2 places")
    expect(seen.tab.locator("li mark.freed")).to_have_count(2)
    seen.tab.evaluate(
        """() => {
          const said = document.querySelector("[data-turn='0']"), text = said.lastChild, range = document.createRange();
          const start = text.data.indexOf("0700");
          range.setStart(text, start); range.setEnd(text, start + 12);
          getSelection().removeAllRanges(); getSelection().addRange(range);
        }"""
    )
    seen.tab.wait_for_function("() => document.querySelector('#personal input[name=words]').value === '0700 900 123'")
    seen.press("m", "4")
    expect(seen.tab.locator("li mark.added")).to_have_text("0700 900 123")
    seen.press("n")
    chosen = "document.querySelector('#personal input[name=start]').value"
    assert seen.tab.evaluate(chosen) != ""
    seen.tab.evaluate(
        """() => {
          const [first, second] = document.querySelectorAll("[data-turn]");
          getSelection().setBaseAndExtent(first, 0, second, 1);
        }"""
    )
    seen.tab.wait_for_function(f"() => {chosen} === ''")  # of two turns none is meant, nor the mark before
    lines = jsonl.read(Path("data/review/personal.jsonl"), Correction)
    texts = [talk.turns[line.turn].text[line.start : line.end] for line in lines]
    assert [(words, line.kind) for words, line in zip(texts, lines, strict=True)] == [
        ("Rosa", "nothing"),
        ("0700 900 123", "phone"),
    ]
    seen.press("k")
    expect(seen.tab.get_by_role("heading", name="Nothing waits for a decision.")).to_be_visible()
    assert [row.id for row in jsonl.read(Path("data/review/personal_read.jsonl"), Decision)] == ["talk"]
    assert seen.said == []

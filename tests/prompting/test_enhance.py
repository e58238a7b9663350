"""A rewriting takes the place of its parts if it keeps all that they ask, and the report says how often and why not."""

import re
from collections.abc import Callable, Iterator

import pytest

from stages.chat.messages import Finish, Request
from stages.library.meta_prompts import Library
from stages.prompting.assemble import Assemble, assemble
from stages.prompting.enhance import MERGED, Enhance, Rewriting, enhance, figures
from stages.prompting.keeping import loss
from stages.prompting.splicing import PromptParts
from stages.rows.instruction import Ask, Instruction
from stages.rows.pair import Pair
from stages.rows.prompt import DIALOGUE, Prompt
from tests.prompting.conftest import PROMPTS
from tests.support.scripted import Scripted

LIBRARY = Library(PROMPTS / "enhance")
EXAMPLES = Rewriting(Enhance(share=1, max_tokens=512, seed=1), LIBRARY).examples
MARKS = re.compile(
    r"^(?:Task|Form of the answer|Rules|Example of the form|任务|答案形式|准则|形式示例)[:：]$", re.MULTILINE
)


@pytest.fixture(scope="module")
def prompts(pairs: list[Pair], instructions: list[Instruction], pack: PromptParts) -> list[Prompt]:
    wanted = [*pairs[:40], *[pair for pair in pairs if pair.language == "zh"][:40]]
    return list(assemble(wanted, instructions, pack, Assemble(brief=0.7, templates=0, max_tokens=1200, seed=1)))


def params(share: float = 1.0, max_tokens: int = 768) -> Enhance:
    return Enhance(share=share, max_tokens=max_tokens, seed=1)


def copied(request: Request) -> str:
    """Take the parts of the question as they are, in one paragraph."""
    parts = re.split(r"\n\n(?:Keep every requirement|保留每一项要求)", request.user)[0]
    return " ".join(piece.strip() for piece in MARKS.split(parts)[1:])


def woven(request: Request) -> str:
    """Say the same with a few words more: nothing is lost."""
    return re.sub(
        r"(?<=[a-z])([.:;])\s+", r"\1 Likewise, ", re.sub(r"([一-鿿])([。：；，])", r"\1者\2同样", copied(request))
    )


def test_a_directive_takes_the_place_of_its_parts(prompts: list[Prompt]) -> None:
    found = list(enhance(prompts, params(), LIBRARY, Scripted(woven)))
    taken = [(old, new) for old, new in zip(prompts, found, strict=True) if new.method == "enhanced"]
    assert len(taken) > 0.8 * len(prompts)
    for old, new in taken:
        assert {part.kind for part in new.parts}.isdisjoint(MERGED) and new.part("directive")
        assert new.text.count(DIALOGUE) == 1
        assert new.id != old.id and new.parents[0] == old.id and new.author == "scripted@1"
        assert (new.pair, new.ask, new.scene, new.role) == (old.pair, old.ask, old.scene, old.role)
        order = [part.kind for part in old.parts if part.kind == "narrative" or part.kind not in MERGED]
        assert [part.kind.replace("directive", "narrative") for part in new.parts] == order


def test_a_question_shows_examples_of_its_language_and_asks_for_what_fits(prompts: list[Prompt]) -> None:
    chat = Scripted(woven)
    list(enhance(prompts, params(max_tokens=300), LIBRARY, chat))
    by_text = {row.directive.strip(): row.language for row in EXAMPLES}
    shown = set()
    for prompt, request in zip(prompts, chat.asked, strict=True):
        assert len(request.shots) == 2
        assert {by_text[shot.assistant] for shot in request.shots} == {prompt.language}
        shown |= {shot.assistant for shot in request.shots}
        told = {part.kind: part.text for part in prompt.parts if part.kind in MERGED}
        assert all(text in request.user for text in told.values())
        for kind, headings in (
            ("guidelines", ("\nRules:\n", "\n准则：\n")),
            ("examples", ("\nExample of the form:\n", "\n形式示例：\n")),
        ):
            assert any(heading in request.user for heading in headings) == (kind in told)
    assert shown == set(by_text)
    rooms = [request.max_tokens for request in chat.asked]
    assert min(rooms) < 300 and max(rooms) == 300


def test_only_the_share_is_asked_and_the_rest_stays(prompts: list[Prompt]) -> None:
    chat = Scripted(woven)
    found = list(enhance(prompts, params(0.3), LIBRARY, chat))
    drawn = {request.row for request in chat.asked}
    assert 0.1 * len(prompts) < len(drawn) < 0.5 * len(prompts)
    assert all(new == old for old, new in zip(prompts, found, strict=True) if old.id not in drawn)
    fewer = Scripted(woven)
    list(enhance(prompts[3:], params(0.3), LIBRARY, fewer))
    assert [request.row for request in fewer.asked] == [row.id for row in prompts[3:] if row.id in drawn]


def test_no_share_asks_nothing(prompts: list[Prompt]) -> None:
    chat = Scripted(woven)
    assert list(enhance(prompts, params(0.0), LIBRARY, chat)) == prompts
    assert chat.asked == []


Answer = Callable[[Request], str | tuple[str, Finish]]


@pytest.mark.parametrize(
    ("answer", "note"),
    [
        (lambda request: "", "no_answer"),
        (lambda request: (woven(request), "length"), "truncated"),
        (lambda request: ("", "missing"), "not_recorded"),
        (lambda request: "Do it well.", "too_short"),
        (lambda request: woven(request) * 3, "too_long"),
        (copied, "unchanged"),
        (lambda request: request.shots[0].assistant + " " + woven(request), "prompt_echo"),
        (
            lambda request: request.user.split(", as an")[0] + ", as an experienced professional. " + woven(request),
            "prompt_echo",
        ),
        (lambda request: re.sub(r'"\w+"', "that", woven(request)), "lost_field"),
        (lambda request: woven(request).replace("not stated", "nothing"), "lost_quotation"),
    ],
)
def test_a_rewriting_that_is_none_is_not_taken(prompts: list[Prompt], answer: Answer, note: str) -> None:
    asked = [
        row
        for row in prompts
        if row.ask.kind in ("json", "key_values") and row.language == "en" and row.layout[0] != "p"
    ][:3]
    found = list(enhance(asked, params(), LIBRARY, Scripted(answer)))
    assert asked and {row.note for row in found} == {note}
    assert [row.text for row in found] == [row.text for row in asked]


TEXTS = {
    "en": (
        "Name at most three risks and, for each, the sum in question if it is 450 or more.",
        'Answer as a list. Each line starts with "Risk:". If there is none, write not stated.',
        "Copy placeholders such as [PERSON_1].",
    ),
    "zh": (
        "请列出不超过三项风险，涉及金额达到450元的写明金额。",
        "以列表作答，每行以“风险点”开头；没有时写“未提及”。",
        "[PERSON_1]等占位符照抄。",
    ),
}
KEEPS = {
    "en": (
        'In a list in which each line starts with "Risk:", name the risks, no more than 3 of them, and the sum in question where it is four hundred and fifty or more; '
        "write not stated if there is none, and copy placeholders such as [PERSON_1]."
    ),
    "zh": "请以列表作答，列出风险，至多3项，金额达到四百五十元的写明涉及金额，每行以“风险点”开头，没有时写“未提及”，[PERSON_1]等占位符照抄。",
}


@pytest.mark.parametrize(
    ("language", "old", "new", "reason"),
    [
        ("en", "", "", None),
        ("zh", "", "", None),
        ("en", ", no more than 3 of them,", ",", "lost_limit"),
        ("en", "no more than 3", "at least 3", "lost_limit"),
        ("en", "no more than 3", "no more than 5", "lost_limit"),
        ("en", "four hundred and fifty", "a fair amount", "lost_number"),
        ("en", '"Risk:"', "the risk", "lost_quotation"),
        ("en", "write not stated if there is none", "say so if there is none", "lost_quotation"),
        ("zh", "至多3项", "几项", "lost_limit"),
        ("zh", "至多3项", "至少3项", "lost_limit"),
        ("zh", "四百五十元", "一定数额", "lost_number"),
        ("zh", "“风险点”", "风险", "lost_quotation"),
    ],
)
def test_numbers_limits_and_quotations_are_kept_by_value(language: str, old: str, new: str, reason: str | None) -> None:
    directive = KEEPS[language].replace(old, new, 1) if old else KEEPS[language]
    assert old in KEEPS[language]
    assert loss(TEXTS[language], Ask(kind="list"), language, directive, ()) == reason  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("language", "number", "digits", "part"),
    [
        ("en", "two hundred", "200", "2"),
        ("en", "twenty-five", "25", "20"),
        ("en", "one hundred and twenty", "120", "20"),
        ("en", "two thousand five hundred", "2,500", "5"),
        ("zh", "一百二十", "120", "20"),
        ("zh", "二百五十", "250", "50"),
        ("zh", "一万二千", "12000", "2000"),
        ("zh", "四点五", "4.5", "5"),
    ],
)
def test_a_number_in_words_is_kept_whole(language: str, number: str, digits: str, part: str) -> None:
    texts = [text.replace("450", number) for text in TEXTS[language]]
    spelled = {"en": "four hundred and fifty", "zh": "四百五十"}[language]
    for told, lost in ((number, False), (digits, False), (part, True)):
        directive = KEEPS[language].replace(spelled, told)
        assert directive != KEEPS[language]
        reason = loss(texts, Ask(kind="list"), language, directive, ())  # type: ignore[arg-type]
        assert (reason == "lost_number") is lost


@pytest.mark.parametrize("word", ["一一分析", "写一句话，逐项分析", "零分以上的"])
def test_a_lone_one_or_none_is_as_good_as_no_number(word: str) -> None:
    texts = (f"请{word}客户提到的每一项风险，金额达到450元的写明金额。", *TEXTS["zh"][1:])
    directive = KEEPS["zh"].replace("至多3项", "逐项")
    assert loss(texts, Ask(kind="list"), "zh", directive, ()) != "lost_number"


def test_words_of_an_example_are_an_echo_unless_the_parts_have_them_too() -> None:
    rule = "keep every placeholder letter for letter and invent nothing beside it"
    texts, directive = TEXTS["en"], f"{KEEPS['en']} Also {rule}."
    assert loss(texts, Ask(kind="list"), "en", directive, [rule]) == "prompt_echo"
    assert loss((*texts, f"Rule: {rule}."), Ask(kind="list"), "en", directive, [rule]) is None


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_a_part_said_is_not_left_out(language: str) -> None:
    without = {"en": ", and copy placeholders such as [PERSON_1]", "zh": "，[PERSON_1]等占位符照抄"}[language]
    cut = KEEPS[language].replace(without, "")
    assert loss(TEXTS[language], Ask(kind="list"), language, cut, ()) == "drifted"  # type: ignore[arg-type]


def test_labels_and_fields_are_kept_word_for_word() -> None:
    texts = ("Judge the risk of losing the customer by all that was said.", "Write one of high, middling, low.")
    told = "From all that was said, judge the risk of losing the customer and write one word for it: high, {} or low."
    ask = Ask(kind="label", labels=("high", "middling", "low"))
    assert loss(texts, ask, "en", told.format("middling"), ()) is None
    assert loss(texts, ask, "en", told.format("medium"), ()) == "lost_field"


@pytest.mark.parametrize("row", EXAMPLES, ids=[row.id for row in EXAMPLES])
def test_the_examples_shown_keep_all_that_a_rewriting_must(row: object) -> None:
    from stages.prompting.enhance import Rewritten, _words

    assert isinstance(row, Rewritten)
    texts = [text for text in row.parts.values() if text]
    own = LIBRARY.get("directive", row.language).own_words
    assert loss(texts, Ask(kind="list"), row.language, row.directive, [own]) is None
    from stages.text import languages

    assert languages.words(row.directive) <= _words(texts)


def test_there_are_four_examples_of_each_language() -> None:
    assert sorted(row.language for row in EXAMPLES) == ["en"] * 4 + ["zh"] * 4


def test_the_report_says_how_many_were_taken_and_why_the_others_were_not(prompts: list[Prompt]) -> None:
    answers: Iterator[tuple[str, Finish]] = iter([("", "missing"), ("Do it.", "stop"), ("", "stop")])

    def answer(request: Request) -> str | tuple[str, Finish]:
        return next(answers, (woven(request), "stop"))

    rows = list(enhance(prompts[:20], params(), LIBRARY, Scripted(answer)))
    found = figures(rows)
    rewritten = sum(row.method == "enhanced" for row in rows)
    assert (found["prompts"], found["drawn"], found["answered"], found["rewritten"]) == (20, 20, 19, rewritten)
    assert found["acceptance"] == rewritten / 19
    notes = found["not_taken"]
    assert isinstance(notes, dict) and {"not_recorded", "too_short", "no_answer"} <= set(notes)
    assert sum(notes.values()) == 20 - rewritten
    assert figures(prompts)["acceptance"] is None

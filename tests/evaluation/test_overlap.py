"""Stage overlap: items that stand in training rows, in both languages; what is none; and what the verdict makes of them."""

import json
from pathlib import Path
from time import process_time
from typing import Any

import pytest

from stages.core import jsonl
from stages.core.errors import InputError, ParamsError
from stages.evaluation.contamination.items import Item, plain
from stages.evaluation.contamination.rows import RowText
from stages.evaluation.contamination.search import Search
from stages.evaluation.overlap import Overlap, main
from stages.evaluation.rows.outcome import Passage, Question
from stages.evaluation.rows.overlap import Hit

ENGLISH = Question(
    id="boats-1",
    subject="boats",
    language="en",
    question="Which part of a sailing boat keeps the wind from pushing it over sideways when the sails are full?",
    choices=("the keel", "the rudder", "the jib", "the anchor chain"),
    answer=0,
)
SHORT = Question(
    id="boats-2",
    subject="boats",
    language="en",
    question="What steers a boat?",
    choices=("an oar", "a rudder", "a mast", "a rope"),
    answer=1,
)
CHINESE = Question(
    id="茶-1",
    subject="茶",
    language="zh",
    question="下列茶叶中，经过完全发酵、茶汤呈红色的是哪一种？",
    choices=("绿茶", "红茶", "白茶", "黄茶"),
    answer=1,
)
BRIEF = Question(
    id="茶-2",
    subject="茶",
    language="zh",
    question="普洱产自哪个省？",
    choices=("福建", "云南", "浙江", "安徽"),
    answer=1,
)
PASSAGE = Passage(
    id="text-1",
    language="en",
    kind="science",
    text="A kettle sings before it boils because small bubbles of steam form at its hot base and collapse in the cooler water above.",
)
SUITE = [ENGLISH, SHORT, CHINESE, BRIEF]
PARAMS: dict[str, dict[str, Any]] = {
    "bench": {
        "suites": ["small"],
        "data": "official",
        "shots": [0],
        "formulations": ["letter"],
        "limit": 0,
        "scorer": "light",
        "twice": 0,
        "batch_size": 4,
    },
    "overlap": {"ngram": 13, "near": 0.7},
}
TALK = "Customer: I would like to see the flat on Friday.\nAgent: Of course, at ten?\n"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    jsonl.write(tmp_path / "bench/small/test.jsonl", SUITE)
    jsonl.write(tmp_path / "bench/general_text.jsonl", [PASSAGE])
    (tmp_path / "params.yaml").write_text(json.dumps(PARAMS))


def looked(*texts: str, answer: str = "Yes.") -> tuple[dict[str, Hit], dict[str, Any]]:
    """Run the stage on rows of these texts; return the hits by item, and the metrics."""
    rows = [
        {"id": f"r{n}", "messages": [{"role": "user", "content": text}, {"role": "assistant", "content": answer}]}
        for n, text in enumerate(texts)
    ]
    Path("train.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n")
    Path("mixed.jsonl").write_text("")
    sources = [Path("train.jsonl"), Path("mixed.jsonl")]
    main(row=sources, data=Path("bench"), official=Path("official"), target=Path("hits.jsonl"), report=Path("m.json"))
    return {hit.item: hit for hit in jsonl.read(Path("hits.jsonl"), Hit)}, json.loads(Path("m.json").read_text())


def lettered(question: Question, order: str = "0123") -> str:
    choices = [f"{letter}. {question.choices[int(n)]}" for letter, n in zip("ABCD", order, strict=True)]
    return "\n".join([TALK + question.question, *choices])


@pytest.mark.parametrize("ngram", [5, 6, 7, 13])
def test_a_run_of_as_many_units_as_are_asked_for_is_found_and_none_that_is_shorter(ngram: int) -> None:
    item = Item("small", ENGLISH.subject, ENGLISH.id, "en", ENGLISH.question)
    words = ENGLISH.question.split()
    for length, found in ((ngram, 1), (ngram - 1, 0)):
        search = Search([item], ngram, near=1.0)
        search.look([RowText("r", "train", f"She says: {' '.join(words[3 : 3 + length])}, and goes.")])
        assert [(hit.rule, hit.length) for hit in search.hits()] == [("ngram", ngram)] * found


def test_conversations_hold_no_item() -> None:
    hits, found = looked(TALK, "客户：我想看看这套房子。\n经纪人：好的，周五上午十点可以吗？")
    assert hits == {}
    assert (found["n"], found["found"], found["rows"]) == (5, 0, {"train": 2, "mixed": 0})


def test_a_run_of_thirteen_is_found_whatever_its_case_and_marks() -> None:
    hits, found = looked(TALK, lettered(ENGLISH).upper().replace("?", " –").replace("THE WIND", "the, WIND"))
    hit = hits["boats-1"]
    assert (hit.suite, hit.subject, hit.row, hit.file, hit.rule) == ("small", "boats", "r1", "train", "ngram")
    assert hit.length >= 18 and hit.similarity is None
    assert found["suites"]["small"]["en"] == {"n": 2, "found": 1, "ngram": 1, "question": 0, "near": 0}


def test_thirteen_count_and_twelve_do_not() -> None:
    words = PASSAGE.text.split()
    assert looked(TALK + " ".join(words[2:15]))[0]["text-1"].length == 13
    assert looked(TALK + " ".join(words[2:14]))[0] == {}


def test_choices_in_another_order_hide_nothing() -> None:
    hits, _ = looked(lettered(ENGLISH, "3210"), lettered(CHINESE, "3120"))
    assert {item: hit.rule for item, hit in hits.items()} == {"boats-1": "ngram", "茶-1": "ngram"}


def test_a_short_question_counts_whole_and_with_its_right_choice() -> None:
    hits, _ = looked(SHORT.question, answer="A rudder.")
    assert (hits["boats-2"].rule, hits["boats-2"].length) == ("question", 4)
    assert looked(SHORT.question, answer="An engine.")[0] == {}
    hits, _ = looked("普洱产自哪个省", answer="云南。")
    assert (hits["茶-2"].rule, hits["茶-2"].length) == ("question", 7)
    assert looked("普洱产自哪个省", answer="不知道。")[0] == {}


def test_chinese_is_found_in_full_and_half_width() -> None:
    wide = lettered(CHINESE).replace("，", ",").replace("？", "?").replace("A. ", "Ａ．")
    assert looked(wide)[0]["茶-1"].rule == "ngram"
    wide_english = lettered(ENGLISH).translate({code: code + 0xFEE0 for code in range(0x21, 0x7F)})
    assert looked(wide_english)[0]["boats-1"].rule == "ngram"


def test_a_changed_word_in_eight_is_nearly_the_same() -> None:
    changed = lettered(ENGLISH).replace("sailing", "racing").replace("pushing", "knocking").replace("when", "while")
    hit = looked(changed)[0]["boats-1"]
    assert hit.rule == "near" and hit.similarity is not None and 0.7 <= hit.similarity < 1 and hit.length < 13
    chinese = lettered(CHINESE).replace("完全", "充分").replace("哪一种", "什么")
    assert looked(chinese)[0]["茶-1"].rule == "near"


def test_a_translation_is_missed() -> None:
    assert looked("What is the tea called that is fully fermented and gives a red cup?", answer="Black tea.")[0] == {}


def test_the_row_that_shows_most_is_named_and_all_are_counted() -> None:
    words = ENGLISH.question.split()
    hits, _ = looked(" ".join(words[:14]), ENGLISH.question, TALK, " ".join(words[:15]))
    assert (hits["boats-1"].row, hits["boats-1"].rows) == ("r1", 3)


def test_no_word_of_an_item_or_a_row_is_written() -> None:
    looked(lettered(ENGLISH))
    written = Path("hits.jsonl").read_text() + Path("m.json").read_text()
    assert not {"sailing", "keel", "flat", "Friday"} & set(written.replace('"', " ").split())


def test_a_line_that_is_no_row_is_named() -> None:
    Path("train.jsonl").write_text('{"id": "a", "messages": []}\nno secret\n')
    options = {"data": Path("bench"), "official": Path("official"), "target": Path("h.jsonl"), "report": Path("m.json")}
    with pytest.raises(InputError, match=r"train\.jsonl:2: not a JSON object") as caught:
        main(row=[Path("train.jsonl")], **options)
    assert "secret" not in str(caught.value)


def test_a_run_shorter_than_what_is_looked_up_is_refused() -> None:
    with pytest.raises(ParamsError, match=r"overlap\.ngram: input should be greater than or equal to 5"):
        Overlap.parse("overlap", {"ngram": 3, "near": 0.7})


def test_official_questions_have_the_names_that_stage_bench_gives_them() -> None:
    values: dict[str, Any] = {**PARAMS, "bench": {**PARAMS["bench"], "suites": ["mmlu"]}}
    Path("params.yaml").write_text(json.dumps(values))
    for split in ("dev", "test"):
        Path(f"official/mmlu/{split}").mkdir(parents=True)
        row = f'"{ENGLISH.question}",{",".join(ENGLISH.choices)},A\n'
        Path(f"official/mmlu/{split}/anatomy_{split}.csv").write_text("What is hit?,bone,skin,hair,nail,A\n" + row)
    hits, found = looked(lettered(ENGLISH))
    (hit,) = hits.values()
    assert (hit.suite, hit.subject, hit.item) == ("mmlu", "mmlu_anatomy", "1")
    assert found["suites"]["mmlu"]["en"]["n"] == 2


@pytest.mark.parametrize(("count", "found"), [(50, 50), (51, 0)])
def test_boilerplate_of_more_than_fifty_items_is_no_hit_and_what_an_item_has_of_its_own_is(
    count: int, found: int
) -> None:
    shared = "for which of these two scenes does the speaker do something that is plainly wrong"
    own = [" ".join(f"w{n}x{word}" for word in range(13)) for n in range(count)]
    items = [Item("s", "", str(n), "en", f"{shared} {text}") for n, text in enumerate(own)]
    search = Search(items, ngram=13, near=1.0)
    search.look([RowText("r", "train", shared)])
    assert len(search.hits()) == found
    search.look([RowText("r", "train", own[7])])
    assert "7" in {hit.item for hit in search.hits()}


def test_a_long_row_that_has_a_few_words_of_many_items_is_looked_through_in_a_moment() -> None:
    """Four words of each of 2,000 questions stand in a row of 60,000 words; put together for every item, the row took half a minute."""
    asked = [f"who saw item{n} near gate{n}" for n in range(2000)]
    items = [
        Item("s", "", str(n), "en", text, ("a", f"the gray fox{n}"), f"the gray fox{n}") for n, text in enumerate(asked)
    ]
    row = " ".join(f"saw item{n} near gate{n} " + "and so on " * 9 for n in range(2000))
    search = Search(items, ngram=13, near=0.95)
    began = process_time()
    search.look([RowText("r", "train", row)])
    assert search.hits() == [] and process_time() - began < 4
    search.look([RowText("r", "train", f"{asked[7]}? The gray fox7.")])
    assert [(hit.item, hit.rule) for hit in search.hits()] == [("7", "question")]


def test_an_answer_is_an_index_a_letter_or_the_text(tmp_path: Path) -> None:
    path = tmp_path / "items.jsonl"
    given: tuple[dict[str, Any], ...] = ({"answer": 1}, {"answer": "B"}, {"answer": "A rudder."}, {"answer": "Z"})
    rows = (
        {"item": str(n), "question": SHORT.question, "choices": ["An oar.", "A rudder."], **row}
        for n, row in enumerate(given)
    )
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    assert [item.right for item in plain(path)] == ["A rudder.", "A rudder.", "A rudder.", "Z"]

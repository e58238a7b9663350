"""Each of the eight forms: what passes, what does not, and what counts as answered."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.answers.formats import PARSERS, coverage, parse
from stages.rows.instruction import Ask

FIELDS = ("risk_level", "next step")
ASKS = {
    "label": Ask(kind="label", labels=("high", "partly reached")),
    "list": Ask(kind="list"),
    "json": Ask(kind="json", fields=FIELDS),
    "table": Ask(kind="table", fields=FIELDS),
    "key_values": Ask(kind="key_values", fields=FIELDS),
    "paragraph": Ask(kind="paragraph"),
    "message": Ask(kind="message"),
    "multipart": Ask(kind="multipart", fields=FIELDS),
}

GOOD = [
    ("label", "high"),
    ("label", "Partly reached\n"),
    ("label", "not stated"),
    ("label", "未提及"),
    ("list", "- one\n- two"),
    ("list", "- not stated"),
    ("list", "1. one\n2. two\n\n3. three"),
    ("list", "1、第一\n2、第二"),
    ("json", '{"risk_level": "low", "next step": ["call", "visit"]}'),
    ("json", ' {"next step": 3, "risk_level": "not stated"} '),
    ("table", "| risk_level | next step |\n|---|:--:|\n| low | call |\n| not stated | a \\| b |"),
    ("table", "Risk level | Next step\n--- | ---\nlow | call"),
    ("key_values", "risk_level: low\nnext step: call: now"),
    ("key_values", "Next step：未提及\nRisk level：低"),
    ("paragraph", "One block. Of prose; with 3.5 percent."),
    ("paragraph", "客户预算有限，未提及入住时间。"),
    ("message", "Good morning Rosa,\n\nI will call you at two.\nBest"),
    ("message", '"'),
    ("message", "1、2号楼都可以看。\n3.5折以上才谈。"),
    ("paragraph", "一" * 375),
    ("paragraph", "word " * 225),
    ("multipart", "## risk_level\nlow\n\n## next step\n- call\n- visit"),
    ("multipart", "## Risk Level\nnot stated\n## Next step\ncall"),
]
BAD = [
    ("label", "high."),
    ("label", "The answer is high"),
    ("label", ""),
    ("list", "Here is the list:\n- one"),
    ("list", "- one\n  - nested"),
    ("list", "1. one\n3. three"),
    ("list", "- one\n2. two"),
    ("list", ""),
    ("json", '{"risk_level": "low"}'),
    ("json", '{"risk_level": "low", "next step": "call", "more": 1}'),
    ("json", '```json\n{"risk_level": "low", "next step": "call"}\n```'),
    ("json", '{"risk_level": "low", "next step": {"a": 1}}'),
    ("json", '{"risk_level": "low", "risk_level": "high", "next step": "x"}'),
    ("json", '{"risk_level": NaN, "next step": "x"}'),
    ("json", '["risk_level", "next step"]'),
    ("table", "| risk_level | next step |\n|---|---|"),
    ("table", "| risk_level | next step |\n| a | b |\n| c | d |"),
    ("table", "| next step | risk_level |\n|---|---|\n| a | b |"),
    ("table", "| risk_level | next step |\n|---|---|\n| a |"),
    ("table", "Table:\n| risk_level | next step |\n|---|---|\n| a | b |"),
    ("key_values", "risk_level: low"),
    ("key_values", "risk_level: low\nrisk_level: low\nnext step: x"),
    ("key_values", "Here you are\nrisk_level: low\nnext step: x"),
    ("paragraph", "First.\nSecond."),
    ("paragraph", "# Title"),
    ("paragraph", "word " * 400),
    ("message", '"Good morning"'),
    ("message", '""'),
    ("message", "“早上好”"),
    ("message", "「早上好」"),
    ("paragraph", "一" * 376),
    ("paragraph", "word " * 226),
    ("paragraph", "word " * 113 + "一" * 188),  # half of each limit and one more
    ("message", "Subject: visit\nGood morning"),
    ("message", "Hello\n- one\n- two"),
    ("message", "您好：\n1、看房\n2、签约"),
    ("message", "您好：\n1.看房\n2.签约"),
    ("message", "您好：\n1）看房\n2）签约"),
    ("paragraph", "1、看房"),
    ("paragraph", "1.VR看房"),
    ("paragraph", "1.“预算”：三百万"),
    ("paragraph", "1.**预算**：三百万"),
    ("paragraph", "1.[PERSON_1]想看房"),
    ("multipart", "Intro\n## risk_level\nlow\n## next step\ncall"),
    ("multipart", "## next step\ncall\n## risk_level\nlow"),
    ("multipart", "## risk_level\nlow"),
]


def test_every_kind_has_a_parser() -> None:
    assert set(PARSERS) == set(ASKS)


@pytest.mark.parametrize(("kind", "answer"), GOOD)
def test_in_form(kind: str, answer: str) -> None:
    assert parse(answer, ASKS[kind]) is not None


@pytest.mark.parametrize(("kind", "answer"), BAD)
def test_not_in_form(kind: str, answer: str) -> None:
    assert parse(answer, ASKS[kind]) is None


def test_values_are_found_by_the_asked_name() -> None:
    rows = parse("| Risk level | Next step |\n|---|---|\n| low | call |\n| high | |", ASKS["table"])
    assert rows == {"risk_level": ["low", "high"], "next step": ["call", ""]}
    assert parse("Next step：等电话\nrisk level: low", ASKS["key_values"]) == {
        "risk_level": ["low"],
        "next step": ["等电话"],
    }


def test_each_form_gives_its_values() -> None:
    assert parse("Partly reached\n", ASKS["label"]) == {"": ["Partly reached"]}
    assert parse("- one\n* two", ASKS["list"]) == {"": ["one", "two"]}
    assert parse("1. one\n2) two", ASKS["list"]) == {"": ["one", "two"]}
    assert parse('{"next step": [3, null], "risk_level": "low"}', ASKS["json"]) == {
        "next step": ["3", ""],
        "risk_level": ["low"],
    }
    assert parse('{"b": 1}', Ask(kind="json")) == {"b": ["1"]}
    assert parse("| a_b | c |\n|---|---|\n| 1 | 2 |", Ask(kind="table")) == {"a_b": ["1"], "c": ["2"]}
    assert parse("A_b: 1\nC: 2", Ask(kind="key_values")) == {"a b": ["1"], "c": ["2"]}
    assert parse(" One block. ", ASKS["paragraph"]) == {"": ["One block."]}
    assert parse("Good morning,\n\nBest", ASKS["message"]) == {"": ["Good morning,\n\nBest"]}
    assert parse("## Risk level\nlow\n\n\n## next step\n- call\n- visit\n", ASKS["multipart"]) == {
        "risk_level": ["low"],
        "next step": ["- call\n- visit"],
    }
    assert parse("## X files\none\ntwo\n", Ask(kind="multipart")) == {"x files": ["one\ntwo"]}


def test_coverage_counts_not_stated_as_an_answer_and_blanks_as_none() -> None:
    def share(answer: str) -> float:
        found = parse(answer, ASKS["json"])
        assert found is not None
        return coverage(found, ASKS["json"])

    assert share('{"risk_level": "not stated", "next step": "call"}') == 1
    assert share('{"risk_level": null, "next step": "call"}') == 0.5
    assert share('{"risk_level": "-", "next step": [""]}') == 0
    assert coverage({"risk_level": ["low"]}, ASKS["json"]) == 0.5
    assert coverage({"": ["text"]}, Ask(kind="paragraph", fields=FIELDS)) == 1


@given(st.sampled_from(sorted(ASKS)), st.text(alphabet="ab|#-:{}[]\"'1.、 \n：", max_size=60))
def test_no_text_breaks_a_parser(kind: str, answer: str) -> None:
    found = parse(answer, ASKS[kind])
    assert found is None or 0 <= coverage(found, ASKS[kind]) <= 1

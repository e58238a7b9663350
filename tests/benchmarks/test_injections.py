"""Injections reach a model as a conversation's words only, and what they did is told from the labels."""

import json
import re
from collections import Counter

import pytest

from benchmarks.injections import SOURCE, Case, cases, outcome, table
from stages.chat.messages import Request
from stages.cli.marked_talk import InjectedTalk
from stages.core import jsonl
from stages.models.special_tokens import MARKS

TURN = {"en": re.compile(r"^(?:Provider|Customer): "), "zh": re.compile(r"^(?:服务者|客户): ")}
FORGED = re.compile(
    r"^[ \t]*(?:provider|customer|system|user|assistant|服务者|客户|系统|用户|助手)\s*[:：]", re.IGNORECASE
)


@pytest.fixture(scope="module")
def bases() -> list[InjectedTalk]:
    return jsonl.read(SOURCE, InjectedTalk)


@pytest.fixture(scope="module")
def found(bases: list[InjectedTalk]) -> list[Case]:
    return list(cases(bases))


def test_there_are_fifty_half_of_them_in_each_language(bases: list[InjectedTalk]) -> None:
    assert Counter(base.language for base in bases for _ in base.injections) == {"en": 25, "zh": 25}
    texts = [injection.text for base in bases for injection in base.injections]
    assert len(set(texts)) == 50
    for base in bases:
        plain = " ".join(turn.text for turn in base.turns).casefold()
        assert not any(one.sign and one.sign.casefold() in plain for one in base.injections if one.aim != "verdict")


def test_the_words_around_the_conversation_are_those_of_the_plain_one(found: list[Case]) -> None:
    plain = {case.base.id: case.sample for case in found if case.injection is None}
    for case in found:
        assert (case.sample.before, case.sample.after) == (plain[case.base.id].before, plain[case.base.id].after)
        if case.injection:
            assert case.sample.conversation != plain[case.base.id].conversation


def test_no_text_ends_the_fence_or_forges_a_turn_or_a_token(found: list[Case]) -> None:
    for case in found:
        opening, closing = (
            case.sample.before.rstrip().rpartition("\n")[2],
            case.sample.after.lstrip().partition("\n")[0],
        )
        inside = "".join(case.sample.conversation.casefold().split())
        assert "".join(closing.casefold().split()) not in inside
        assert "".join(opening.casefold().split()) not in inside
        lines = case.sample.conversation.split("\n")
        assert sum(bool(TURN[case.base.language].match(line)) for line in lines) == len(case.base.turns)
        assert not [line for line in lines if FORGED.match(line) and not TURN[case.base.language].match(line)]
        [message] = Request(row="x", user=case.sample.text, max_tokens=1).messages
        assert not MARKS.search(message["content"])


def test_what_an_injection_did_is_told(found: list[Case]) -> None:
    plain, case = found[0], next(case for case in found if case.injection and case.injection.sign == "banana")
    told = {
        answer: outcome(case, answer, plain.sample, "high")
        for answer in ("high", "BANANA", case.sample.before[-400:], "I would say that it is rather high.")
    }
    kept, obeyed, leaked, chatty = told.values()
    assert not kept.changed and not kept.caught
    assert obeyed.obeyed and obeyed.form and obeyed.caught
    assert leaked.leak and leaked.caught
    assert chatty.form and not chatty.obeyed and chatty.caught
    rows = list(table(list(told.values())))
    assert rows[-1] == json.loads(json.dumps(rows[-1]))
    assert rows[-1]["changed"] == rows[-1]["changed_and_caught"] == 3
